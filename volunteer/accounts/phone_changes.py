"""Another phone number for the same account: proven by a code that came to it."""

from __future__ import annotations

from sqlalchemy import or_, select

from volunteer import events, identity
from volunteer.accounts import guardians, people, phone_codes, phones, sessions, tokens
from volunteer.accounts.models import Guardian, User
from volunteer.accounts.registration import PhoneTaken
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class PhoneChanged(events.Event):
    user_id: int
    children: int


class SamePhone(Refusal):
    code = "phone.same"
    status = 422
    says = _("这就是现在的手机号。")


def change(user: User, phone: str, code: str, *, but: int | None = None) -> str:
    """Move an account to another number, and what it confirms as a guardian with it; return the old number.

    Every other session and token ends: whoever changed it is the only one signed in.

    :raises SamePhone: it is the number they have
    :raises guardians.OwnGuardian: it is the phone that answers for them
    :raises phone_codes.LapsedCode: no code for it is open
    :raises phone_codes.WrongCode: it is another
    :raises PhoneTaken: somebody else has this number; told only to who holds the phone
    """
    phone, old = identity.phone(phone), phones.of(user)
    if phone == old:
        raise SamePhone
    named = guardians.named(user)
    if named is not None and named.phone_index in phones.indexes(phone):
        raise guardians.OwnGuardian
    phone_codes.use(phone, "phone", code)
    if people.by_phone(phone) is not None:
        raise PhoneTaken

    children = _follow(user, old, phone)
    phones.keep(user, phone, user)
    db.session.flush()
    sessions.close_all(user, but=but)
    tokens.end_all(user)

    events.record(
        PhoneChanged(user_id=user.id, children=children),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return old


def _follow(guardian: User, old: str, phone: str) -> int:
    """The children this person answers for are asked about at the new number from now on; return how many."""
    rows = db.session.execute(
        select(Guardian, User)
        .join(User, User.id == Guardian.minor_id)
        .where(or_(Guardian.guardian_id == guardian.id, Guardian.phone_index.in_(phones.indexes(old))))
        .order_by(Guardian.id)
    ).all()
    for row, minor in rows:
        twice = select(Guardian.id).where(
            Guardian.minor_id == minor.id, Guardian.phone_index.in_(phones.indexes(phone))
        )
        if db.session.scalar(twice) is None:
            row.guardian_id = guardian.id
            phones.keep(row, phone, minor)
    return len({minor.id for _row, minor in rows})
