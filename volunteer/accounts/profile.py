"""A person's own particulars: changing them, the password, the ID number an office has seen."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import select

from volunteer import clock, events, identity, privacy
from volunteer.accounts import consents, factors, guardians, passwords, phones, sessions, tokens
from volunteer.accounts.models import User
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

SKILLS_MAX = 12


@events.kind
class ProfileChanged(events.Event):
    user_id: int
    fields: str


@events.kind
class PasswordChanged(events.Event):
    user_id: int


@events.kind
class IdNumberSeen(events.Event):
    user_id: int


class WrongPassword(Refusal):
    code = "password.wrong"
    status = 422
    says = _("现在的密码不对。")


class NameIsProven(Refusal):
    code = "profile.name_proven"
    status = 409
    says = _("你的身份证已经核对过，改名字和出生日期要带证件找社区工作人员。")


class BirthIsFixed(Refusal):
    code = "profile.birth_fixed"
    status = 409
    says = _("未满18岁时，出生日期要由社区工作人员看过证件后更正。")


class IdTaken(Refusal):
    code = "id_number.taken"
    status = 409
    says = _("这个身份证号已经在另一个账号上了。")
    who = _("请核对号码；如果本人有两个账号，请管理员合并。")


class NoIdConsent(Refusal):
    code = "id_number.no_consent"
    status = 409
    says = _("本人还没有同意核对身份证号。请他在“我的资料 → 我同意的事”里打开这一项。")


def change(
    user: User,
    *,
    name: str,
    home: Area,
    birth_on: date | None,
    skills: str = "",
    safe_phrase: str | None = None,
) -> User:
    """Bring a person's particulars up to date; what changed is remembered, the values are not. The safe phrase stays
    as it is when none is given; an empty one takes it away.

    :raises NameIsProven: an office has seen the ID card: name and birthday change there
    :raises BirthIsFixed: a minor does not grow up by typing
    :raises guardians.TooYoung: by the new birthday
    """
    name = identity.person_name(name)
    listed = split_skills(skills)
    birth_on = birth_on or user.birth_on
    before = {
        "name": user.name, "home": user.home_id, "birth_on": user.birth_on, "skills": user.skills,
        "safe_phrase": user.safe_phrase,
    }  # fmt: skip
    phrase = (
        user.safe_phrase if safe_phrase is None else identity.free_text(safe_phrase, 20, empty=True) or None
    )
    after = {"name": name, "home": home.id, "birth_on": birth_on, "skills": listed, "safe_phrase": phrase}
    changed = [field for field in before if before[field] != after[field]]
    if not changed:
        return user
    if user.id_index is not None and {"name", "birth_on"} & set(changed):
        raise NameIsProven
    if "birth_on" in changed and guardians.is_minor(user.birth_on):
        raise BirthIsFixed
    if "birth_on" in changed:
        guardians.check(birth_on, "named" if guardians.named(user) else None)

    phones.carry(user, home)
    factors.carry(user, home)
    user.name, user.birth_on, user.skills = name, birth_on, listed
    user.safe_phrase = phrase
    user.home_id, user.area_path = home.id, home.path
    db.session.flush()

    events.record(
        ProfileChanged(user_id=user.id, fields=",".join(changed)),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return user


def split_skills(text: str) -> list[str]:
    """Return the skills in a line that people separated as they liked."""
    parts = (part.strip() for part in re.split(r"[,，、;；\n]+", text or ""))
    return list(dict.fromkeys(identity.free_text(part, 20) for part in parts if part))[:SKILLS_MAX]


def change_password(user: User, old: str | None, new: str) -> User:
    """Choose a password. Every session and token ends; the caller opens a new one for this browser.

    :raises WrongPassword: the old one does not fit
    :raises passwords.Weak: the new one would not keep anybody out
    """
    if user.password_hash and not passwords.fits(user.password_hash, old or ""):
        raise WrongPassword
    kept = passwords.kept(new, phone=phones.of(user), name=user.name, strong=bool(user.holds))

    user.password_hash = kept
    sessions.close_all(user)
    tokens.end_all(user)

    events.record(PasswordChanged(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return user


def prove(user: User, number: str) -> User:
    """Keep the ID number that an office has seen beside the person: sealed, found by a keyed hash, shown masked.

    :raises privacy.BadIdNumber: it is none
    :raises NoIdConsent: the person has not agreed to it
    :raises IdTaken: another account has it
    """
    number = privacy.normal_id(number)
    if not consents.agreed(user, "id"):
        raise NoIdConsent
    indexes = privacy.blind_indexes(phones.keyring(), number)
    holder = db.session.scalar(select(User.id).where(User.id_index.in_(indexes)))
    if holder is not None and holder != user.id:
        raise IdTaken
    if holder == user.id:
        return user

    phones.keep_id(user, number)
    user.birth_on = privacy.born(number)
    db.session.flush()

    events.record(
        IdNumberSeen(user_id=user.id), about=f"account:{user.id}", within=user.area_path, whom=user.id
    )
    return user


def member_days(user: User) -> int:
    """Return for how many days somebody has been a volunteer."""
    return (clock.today() - user.registered_at.date()).days
