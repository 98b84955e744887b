"""Finding people, naming them, suspending and restoring an account."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from volunteer import batches, codes, events, identity
from volunteer.accounts import phones, sessions, tokens
from volunteer.accounts.models import User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Suspended(events.Event):
    user_id: int
    reason: str


@events.kind
class SentOut(events.Event):
    user_id: int
    reason: str


@events.kind
class Restored(events.Event):
    user_id: int
    reason: str


@events.kind
class Revealed(events.Event):
    user_id: int
    field: str
    reason: str


@events.kind
class RevealsExceeded(events.Event):
    user_id: int


class NoIdNumber(Refusal):
    code = "id_number.none"
    status = 409
    says = _("这位志愿者还没有核对过身份证。")


class NotYourself(Refusal):
    code = "accounts.not_yourself"
    status = 409
    says = _("这一步要由别的负责人来办，不能办自己的。")
    who = _("请同级或上级的负责人帮你办。")


class AccountClosed(Refusal):
    code = "accounts.closed"
    status = 409
    says = _("这个账号已经注销了。")


def by_phone(phone: str) -> User | None:
    """Return whose number it is, in any spelling; None when nobody's.

    :raises identity.BadPhone: if it is no mobile number
    """
    return db.session.scalar(select(User).where(User.phone_index.in_(phones.indexes(phone))))


def known(numbers: Iterable[str]) -> dict[str, int]:
    """Return which of these numbers are somebody's: number in its one spelling → id.

    :raises identity.BadPhone: if one is no mobile number
    """
    sought = {index: identity.phone(one) for one in numbers for index in phones.indexes(one)}
    found: dict[str, int] = {}
    for some in batches.parts(sought):
        rows = db.session.execute(select(User.phone_index, User.id).where(User.phone_index.in_(some)))
        found |= {sought[index]: id_ for index, id_ in rows}
    return found


def by_number(volunteer_no: str) -> User | None:
    """Return who has this volunteer number; None when nobody has."""
    return db.session.scalar(select(User).filter_by(volunteer_no=volunteer_no))


def by_public(public: str | bytes) -> User | None:
    """Return who a pass or card speaks of: its eight bytes, or their spelling."""
    spelt = codes.encode(public) if isinstance(public, bytes) else public
    return db.session.scalar(select(User).filter_by(public=spelt))


def names(ids: Iterable[int]) -> dict[int, str]:
    """Return id → name of these people, in one query."""
    wanted = set(ids)
    if not wanted:
        return {}
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def suspend(user: User, reason: str) -> User:
    """Shut somebody out until restored: every session and token ends at once.

    :raises NotYourself: who acts is who is meant
    """
    reason = identity.free_text(reason, 200)
    if user.state == "suspended":
        return user
    if user.id == events.actor():
        raise NotYourself
    if user.state == "closed":
        raise AccountClosed

    user.state = "suspended"
    sessions.close_all(user)
    tokens.end_all(user)

    events.record(
        Suspended(user_id=user.id, reason=reason),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return user


def send_out(user: User, reason: str) -> int:
    """End every session and token of somebody whose phone is lost; they sign in again. Return how many ended."""
    reason = identity.free_text(reason, 200)
    ended = sessions.close_all(user) + tokens.end_all(user)
    events.record(
        SentOut(user_id=user.id, reason=reason),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return ended


def restore(user: User, reason: str) -> User:
    """Let a suspended person in again.

    :raises NotYourself: who acts is who is meant
    """
    reason = identity.free_text(reason, 200)
    if user.state == "active":
        return user
    if user.id == events.actor():
        raise NotYourself
    if user.state == "closed":
        raise AccountClosed

    user.state = "active"

    events.record(
        Restored(user_id=user.id, reason=reason),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return user


def reveal_phone(user: User, reason: str) -> str:
    """Return somebody's number in full to who has a reason; that it was opened stays written down.

    :raises AccountClosed: it is not there any more
    """
    _opened(user, "phone", reason)
    return phones.of(user)


def reveal_id(user: User, reason: str) -> str:
    """Return somebody's ID number in full to who has a reason; that it was opened stays written down.

    :raises AccountClosed: it is not there any more
    :raises NoIdNumber: none was ever seen
    """
    number = phones.id_of(user)
    if number is None:
        raise NoIdNumber
    _opened(user, "id_number", reason)
    return number


def _opened(user: User, field: str, reason: str) -> None:
    reason = identity.free_text(reason, 200)
    if user.state == "closed":
        raise AccountClosed
    events.record(
        Revealed(user_id=user.id, field=field, reason=reason),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )


def sound_alarm(user: User) -> None:
    """Tell those who watch over an area that somebody in it tries to see more than a day's work needs."""
    events.record_apart(
        RevealsExceeded(user_id=user.id), by=user.id, about=f"account:{user.id}", within=user.area_path
    )
