"""Leaving: asking for the account to be closed, thinking again, and being forgotten when the time has come.

Service records stay under the volunteer number, because they have to be kept; everything that says who it was goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select, update

from volunteer import batches, clock, events, signing
from volunteer.accounts import factors, sessions, tokens
from volunteer.accounts.models import Consent, Grant, Guardian, User
from volunteer.db import db

#: To think again; the law gives fifteen days for all of it.
WAITS = timedelta(days=7)


@events.kind
class ClosingAsked(events.Event):
    user_id: int


@events.kind
class ClosingWithdrawn(events.Event):
    user_id: int


@events.kind
class AccountClosed(events.Event):
    user_id: int


def ask(user: User) -> User:
    """Ask for the account to be closed in a week. Asking again keeps the first date."""
    if user.closing_asked_at is None:
        user.closing_asked_at = clock.now()
        db.session.flush()
        events.record(ClosingAsked(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return user


def withdraw(user: User) -> User:
    """Stay after all."""
    if user.closing_asked_at is not None:
        user.closing_asked_at = None
        db.session.flush()
        events.record(ClosingWithdrawn(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return user


def closes_at(user: User) -> datetime | None:
    """Return when an account will be closed, None when nobody asked."""
    return user.closing_asked_at + WAITS if user.closing_asked_at else None


def close(user: User) -> User:
    """Forget who somebody was. Records stay under the volunteer number; names, phone, ID number and roles go."""
    if user.state == "closed":
        return user

    sessions.close_all(user)
    tokens.end_all(user)
    factors.forget(user)
    close_unused([user])
    return user


def close_unused(users: Sequence[User]) -> None:
    """Forget who these people were, in a few statements; none of them is signed in anywhere."""
    for user in users:
        user.state, user.name, user.skills = "closed", "已注销", []
        user.phone_index, user.phone_sealed, user.phone_masked = signing.token_bytes(32), b"", "***"
        user.id_index = user.id_sealed = user.id_masked = None
        user.password_hash = user.birth_on = user.safe_phrase = None
    db.session.flush()
    for some in batches.parts(user.id for user in users):
        db.session.execute(delete(Grant).where(Grant.user_id.in_(some)))
        db.session.execute(delete(Guardian).where(Guardian.minor_id.in_(some)))
        db.session.execute(update(Guardian).where(Guardian.guardian_id.in_(some)).values(guardian_id=None))
        given = update(Consent).where(Consent.user_id.in_(some), Consent.withdrawn_at.is_(None))
        db.session.execute(given.values(withdrawn_at=clock.now()))
    for user in users:
        events.record(
            AccountClosed(user_id=user.id), about=f"account:{user.id}", within=user.area_path, whom=user.id
        )


def due(on: date) -> list[int]:
    """Return whose week to think again is over by the end of a day."""
    end = datetime.combine(on, time.max, tzinfo=clock.ZONE)
    return list(
        db.session.scalars(
            select(User.id)
            .where(User.state != "closed", User.closing_asked_at <= end - WAITS)
            .order_by(User.id)
        )
    )
