"""Becoming a volunteer: a phone, a name, a home community, and what one agrees to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from volunteer import clock, codes, events, identity, signing
from volunteer.accounts import consents as agreements
from volunteer.accounts import guardians, passwords, people, phones
from volunteer.accounts.models import User
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Registered(events.Event):
    user_id: int
    home_id: int
    channel: str


class PhoneTaken(Refusal):
    code = "accounts.phone_taken"
    status = 409
    says = _("这个手机号已经有账号了，直接登录就好。")
    action = (_("去登录"), "accounts.sign_in")


@dataclass(frozen=True)
class Entry:
    """Somebody as they may be registered: in one spelling, and within the rules for names, phones and minors."""

    name: str
    phone: str
    birth_on: date | None
    guardian_phone: str | None


def entry(name: str, phone: str, birth_on: date | None = None, guardian_phone: str | None = None) -> Entry:
    """Return somebody as they may be registered; whether the number is taken already is another question.

    :raises identity.BadPhone: it is no mobile number
    :raises identity.BadName: it is no name
    :raises guardians.TooYoung: under six
    :raises guardians.GuardianNeeded: under eighteen and no guardian named
    :raises guardians.OwnGuardian: nobody answers for themselves
    """
    name, phone = identity.person_name(name), identity.phone(phone)
    guardians.check(birth_on, guardian_phone)
    guardian = identity.phone(guardian_phone) if guardian_phone and guardians.is_minor(birth_on) else None
    if guardian == phone:
        raise guardians.OwnGuardian
    return Entry(name, phone, birth_on, guardian)


def register(
    *,
    name: str,
    phone: str,
    home: Area,
    password: str | None = None,
    birth_on: date | None = None,
    consents: Iterable[str] = ("basic",),
    channel: str = "web",
    guardian_phone: str | None = None,
) -> User:
    """Open an account. A minor's waits for the guardian's confirmation before it can serve.

    :raises PhoneTaken: somebody has this number already
    :raises identity.BadPhone: it is no mobile number
    :raises identity.BadName: it is no name
    :raises passwords.Weak: the password would not keep anybody out
    :raises guardians.TooYoung: under six
    :raises guardians.GuardianNeeded: under eighteen and no guardian named
    :raises consents.NeedsBasic: without the basic consent we may keep nothing
    """
    one, purposes = entry(name, phone, birth_on, guardian_phone), tuple(consents)
    if people.by_phone(one.phone) is not None:
        raise PhoneTaken
    if "basic" not in purposes:
        raise agreements.NeedsBasic
    kept = passwords.kept(password, phone=one.phone, name=one.name) if password else None

    user = _account(one, home)
    user.password_hash = kept
    db.session.add(user)
    db.session.flush()
    agreements.give(user, purposes, channel=channel)
    if one.guardian_phone:
        guardians.name(user, one.guardian_phone)

    _told(user, channel)
    return user


def register_all(new: Sequence[tuple[Entry, Area]], *, channel: str) -> list[User]:
    """Open an account for each, with the basic consent, in a few statements; nobody's number may be taken."""
    users = [_account(one, home) for one, home in new]
    db.session.add_all(users)
    db.session.flush()
    agreements.record_all(users, "basic", agreements.PURPOSES["basic"].version, channel=channel)
    pairs = zip(users, new, strict=True)
    guardians.name_all([(user, one.guardian_phone) for user, (one, _home) in pairs if one.guardian_phone])
    for user in users:
        _told(user, channel)
    return users


def _account(one: Entry, home: Area) -> User:
    user = User(
        volunteer_no=signing.volunteer_no(),
        public=codes.encode(signing.token_bytes(8)),
        name=one.name,
        birth_on=one.birth_on,
        home_id=home.id,
        area_path=home.path,
        skills=[],
        registered_at=clock.now(),
    )
    phones.keep(user, one.phone, user)
    return user


def _told(user: User, channel: str) -> None:
    events.record(
        Registered(user_id=user.id, home_id=user.home_id, channel=channel),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
