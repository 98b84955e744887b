"""Bearer tokens of the JSON API: 256 random bits, only the fingerprint kept, thirty days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, bindparam, select, update

from volunteer import clock, events, signing
from volunteer.accounts.models import Token, User
from volunteer.db import Moment, db

LASTS = timedelta(days=30)
#: How long after its issue a token also stands for "it is still me".
PROVEN_FOR = timedelta(hours=12)


class Issued(NamedTuple):
    """A token as it is told once, and when it ends."""

    token: str
    expires_at: datetime


@events.kind
class TokenIssued(events.Event):
    user_id: int


def issue(user: User) -> str:
    """Return a new bearer token; it is told this once."""
    return issue_dated(user).token


def issue_dated(user: User) -> Issued:
    """Return a new bearer token and its end."""
    token, now = signing.token(), clock.now()
    row = Token(
        user_id=user.id, token_hash=signing.fingerprint(token), created_at=now, expires_at=now + LASTS
    )
    db.session.add(row)
    db.session.flush()
    events.record(TokenIssued(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return Issued(token, row.expires_at)


def holder_of(fingerprint: Any) -> ScalarSelect[int]:
    """Return whose live token has this fingerprint, for a statement that asks about many; none for a stranger's."""
    return (
        select(User.id)
        .join(Token, Token.user_id == User.id)
        .where(
            Token.token_hash == fingerprint,
            Token.ended_at.is_(None),
            Token.expires_at > bindparam("now", type_=Moment()),
            User.state == "active",
        )
        .scalar_subquery()
    )


def end_all(user: User) -> int:
    """End every token of a person; return how many ended."""
    mine = update(Token).where(Token.user_id == user.id, Token.ended_at.is_(None))
    return db.session.execute(mine.values(ended_at=clock.now())).rowcount or 0
