"""Minors and who answers for them: under six no account, under eighteen not without a guardian's confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from volunteer import clock, events, identity
from volunteer.accounts import closing, consents, people, phones
from volunteer.accounts.models import Guardian, User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

YOUNGEST = 6
OF_AGE = 18
SENSITIVE_UNTIL = 14


@events.kind
class GuardianNamed(events.Event):
    user_id: int
    guardian_row: int


@events.kind
class GuardianConfirmed(events.Event):
    user_id: int
    guardian_row: int


@events.kind
class GuardianWithdrew(events.Event):
    user_id: int
    guardian_row: int


class TooYoung(Refusal):
    code = "guardian.too_young"
    status = 422
    says = _("满6岁才能有自己的账号。小朋友可以跟着家长一起来。")


class GuardianNeeded(Refusal):
    code = "guardian.needed"
    status = 422
    says = _("未满18岁，要填监护人的手机号，由监护人确认。")


class OwnGuardian(Refusal):
    code = "guardian.own_phone"
    status = 422
    says = _("监护人的手机号要和自己的不一样。")


class NoGuardianNamed(Refusal):
    code = "guardian.missing"
    status = 409
    says = _("还没有填监护人的手机号。")


def is_minor(birth_on: date | None) -> bool:
    """Whether somebody born then is under eighteen today."""
    return birth_on is not None and identity.age(birth_on, clock.today()) < OF_AGE


def is_grown(birth_on: date | None) -> bool:
    """Whether somebody is known to be of age today; who says no birthday is not."""
    return birth_on is not None and not is_minor(birth_on)


def check(birth_on: date | None, guardian_phone: str | None) -> None:
    """Refuse an account that the rules for minors do not allow.

    :raises TooYoung: under six
    :raises GuardianNeeded: under eighteen and nobody named
    """
    if not is_minor(birth_on):
        return
    assert birth_on is not None
    if identity.age(birth_on, clock.today()) < YOUNGEST:
        raise TooYoung
    if not guardian_phone:
        raise GuardianNeeded


def needs_guardian(user: User) -> bool:
    """Whether somebody is under eighteen and no guardian has confirmed yet: they cannot serve until then."""
    if not is_minor(user.birth_on):
        return False
    return not db.session.scalar(
        select(exists().where(Guardian.minor_id == user.id, Guardian.confirmed_at.is_not(None)))
    )


def guarded(user_id: Any) -> ColumnElement[bool]:
    """Whether a guardian has confirmed somebody, for a statement that asks about many."""
    return exists().where(Guardian.minor_id == user_id, Guardian.confirmed_at.is_not(None))


def name(minor: User, phone: str, *, relation: str = "parent") -> Guardian:
    """Say whose phone may confirm. Naming the same phone again changes nothing.

    :raises OwnGuardian: nobody answers for themselves
    """
    indexes = phones.indexes(phone)
    if minor.phone_index in indexes:
        raise OwnGuardian
    known = db.session.scalar(
        select(Guardian).where(Guardian.minor_id == minor.id, Guardian.phone_index.in_(indexes))
    )
    if known is not None:
        return known

    return name_all([(minor, phone)], relation=relation)[0]


def name_all(pairs: Sequence[tuple[User, str]], *, relation: str = "parent") -> list[Guardian]:
    """Say for each minor whose phone may confirm; none of them has named it before."""
    ours = people.known([phone for _minor, phone in pairs])
    named = []
    for minor, phone in pairs:
        guardian_id = ours.get(identity.phone(phone))
        guardian = Guardian(
            minor_id=minor.id, guardian_id=guardian_id, relation=relation, asked_at=clock.now()
        )
        phones.keep(guardian, phone, minor)
        named.append(guardian)
    db.session.add_all(named)
    db.session.flush()
    for guardian in named:
        events.record(
            GuardianNamed(user_id=guardian.minor_id, guardian_row=guardian.id),
            about=f"account:{guardian.minor_id}",
            whom=guardian.minor_id,
        )
    return named


def named(minor: User) -> Guardian | None:
    """Return the guardian named last, if any."""
    return db.session.scalar(
        select(Guardian).where(Guardian.minor_id == minor.id).order_by(Guardian.id.desc()).limit(1)
    )


def confirm(minor: User, guardian: Guardian) -> Guardian:
    """Let the minor serve: the guardian has given the code that came to their phone."""
    if guardian.confirmed_at is not None:
        return guardian

    guardian.confirmed_at = clock.now()
    if guardian.withdrawn_at is not None:
        guardian.withdrawn_at = None
        closing.withdraw(minor)
    db.session.flush()

    consents.record(minor, "guardian", consents.GUARDIAN_VERSION, channel="sms")
    events.record(
        GuardianConfirmed(user_id=minor.id, guardian_row=guardian.id),
        about=f"account:{minor.id}",
        whom=minor.id,
    )
    return guardian


def withdraw(minor: User, guardian: Guardian) -> Guardian:
    """Take the guardian's agreement back: from this moment the child cannot serve and stands in no list; an account
    of somebody under fourteen is erased in a week unless the guardian agrees again. Twice changes nothing.
    """
    if guardian.confirmed_at is None:
        return guardian

    guardian.confirmed_at, guardian.withdrawn_at = None, clock.now()
    if minor.birth_on is not None and identity.age(minor.birth_on, clock.today()) < SENSITIVE_UNTIL:
        closing.ask(minor)
    given = consents.in_force(minor).get("guardian")
    if given is not None:
        given.withdrawn_at = clock.now()
    db.session.flush()

    events.record(
        GuardianWithdrew(user_id=minor.id, guardian_row=guardian.id),
        about=f"account:{minor.id}",
        whom=minor.id,
    )
    return guardian


def listed() -> ColumnElement[bool]:
    """Who may stand in a list: everybody but a minor whom no guardian has confirmed."""
    today = clock.today()
    leap_day = (today.month, today.day) == (2, 29)
    of_age = today.replace(year=today.year - OF_AGE, day=28 if leap_day else today.day)
    return or_(User.birth_on.is_(None), User.birth_on <= of_age, guarded(User.id))
