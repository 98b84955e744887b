"""Becoming a volunteer: a phone, a name, a home community, and what one agrees to."""

from __future__ import annotations

from collections.abc import Iterable
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
    name, phone, purposes = identity.person_name(name), identity.phone(phone), tuple(consents)
    if people.by_phone(phone) is not None:
        raise PhoneTaken
    guardians.check(birth_on, guardian_phone)
    if "basic" not in purposes:
        raise agreements.NeedsBasic
    if guardian_phone and guardians.is_minor(birth_on) and identity.phone(guardian_phone) == phone:
        raise guardians.OwnGuardian
    kept = passwords.kept(password, phone=phone, name=name) if password else None

    user = User(
        volunteer_no=signing.volunteer_no(),
        public=codes.encode(signing.token_bytes(8)),
        name=name,
        password_hash=kept,
        birth_on=birth_on,
        home_id=home.id,
        area_path=home.path,
        skills=[],
        registered_at=clock.now(),
    )
    phones.keep(user, phone, user)
    db.session.add(user)
    db.session.flush()
    agreements.give(user, purposes, channel=channel)
    if guardian_phone and guardians.is_minor(birth_on):
        guardians.name(user, guardian_phone)

    events.record(
        Registered(user_id=user.id, home_id=home.id, channel=channel),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return user
