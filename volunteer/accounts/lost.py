"""A lost phone: one press ends what it can still open, the codes it can still show, and the vouchers it holds."""

from __future__ import annotations

from volunteer import clock, events
from volunteer.accounts import sessions, tokens
from volunteer.accounts.models import User
from volunteer.db import db


@events.kind
class PhoneLost(events.Event):
    user_id: int


@events.kind
class PhoneReplaced(events.Event):
    user_id: int


def report(user: User, *, but: int | None = None) -> User:
    """End every session but the one that asks, revoke passes and cards, and freeze vouchers, all at once."""
    sessions.close_all(user, but=but)
    tokens.end_all(user)
    user.pass_revision += 1
    user.vouchers_frozen_at = user.vouchers_frozen_at or clock.now()
    db.session.flush()

    events.record(PhoneLost(user_id=user.id), about=f"account:{user.id}", within=user.area_path, whom=user.id)
    return user


def replaced(user: User) -> User:
    """Let the vouchers be used again: the office has seen the person. The old codes stay revoked."""
    if user.vouchers_frozen_at is None:
        return user

    user.vouchers_frozen_at = None
    db.session.flush()

    events.record(
        PhoneReplaced(user_id=user.id), about=f"account:{user.id}", within=user.area_path, whom=user.id
    )
    return user
