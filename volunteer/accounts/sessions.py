"""Sessions: one row a browser. The cookie is 256 random bits; only its fingerprint is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Response, current_app
from sqlalchemy import Select, exists, select, update

from volunteer import clock, events, signing
from volunteer.accounts.models import Grant, SignIn, User
from volunteer.accounts.roles import OFFICE_ROLES
from volunteer.db import db

IDLE = timedelta(days=30)
LONGEST = timedelta(days=90)
#: People of the office: after a working day they sign in again.
OFFICE_LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=10)


@events.kind
class SignedIn(events.Event):
    user_id: int
    how: str


@events.kind
class SignedOut(events.Event):
    user_id: int
    sessions: int


def open(user: User, device: str = "", how: str = "password") -> str:
    """Begin a session and return what goes into the cookie; it is told this once."""
    cookie, now = signing.token(), clock.now()
    longest = OFFICE_LONGEST if of_office(user.id) else IDLE
    db.session.add(
        SignIn(
            user_id=user.id,
            token_hash=signing.fingerprint(cookie),
            device=device[:80],
            created_at=now,
            seen_at=now,
            expires_at=now + longest,
        )
    )
    db.session.flush()
    events.record(SignedIn(user_id=user.id, how=how), about=f"account:{user.id}", whom=user.id)
    return cookie


def close(session: SignIn) -> SignIn:
    """End one session; whoever holds its cookie is a stranger from the next request on."""
    if session.ended_at is None:
        session.ended_at = clock.now()
        db.session.flush()
        events.record(
            SignedOut(user_id=session.user_id, sessions=1),
            about=f"account:{session.user_id}",
            whom=session.user_id,
        )
    return session


def close_all(user: User, *, but: int | None = None) -> int:
    """End every session of a person, one of them excepted; return how many ended."""
    mine = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    if but is not None:
        mine = mine.where(SignIn.id != but)
    ended = db.session.execute(mine.values(ended_at=clock.now())).rowcount or 0
    if ended:
        events.record(SignedOut(user_id=user.id, sessions=ended), about=f"account:{user.id}", whom=user.id)
    return ended


def shorten(user: User) -> None:
    """Hold a person who has come into the office to its shorter sessions, from now on."""
    latest = clock.now() + OFFICE_LONGEST
    db.session.execute(
        update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.expires_at > latest)
        .values(expires_at=latest)
    )


def mine(user: User) -> Sequence[SignIn]:
    """Return a person's sessions that are alive, the last seen first."""
    return db.session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def expiry(created_at: datetime, seen_at: datetime, *, office: bool) -> datetime:
    """Return when a session seen at this moment ends, if it is not seen again."""
    if office:
        return created_at + OFFICE_LONGEST
    return min(seen_at + IDLE, created_at + LONGEST)


def of_office(user_id: int) -> bool:
    """Whether somebody holds a role of the office today."""
    return bool(db.session.scalar(holds_office(user_id)))


def holds_office(user_id: int) -> Select[tuple[bool]]:
    """The question behind `of_office`."""
    today = clock.today()
    return select(
        exists().where(
            Grant.user_id == user_id,
            Grant.role.in_(OFFICE_ROLES),
            (Grant.until.is_(None)) | (Grant.until >= today),
        )
    )


def hand_over(response: Response, cookie: str) -> Response:
    """Put the cookie into an answer."""
    response.set_cookie(
        current_app.config["SESSION_ROW_COOKIE"],
        cookie,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        secure=current_app.config["HTTPS"],
        samesite="Lax",
        path="/",
    )
    return response


def take_back(response: Response) -> Response:
    """Take the cookie out of the browser."""
    response.delete_cookie(
        current_app.config["SESSION_ROW_COOKIE"],
        path="/",
        secure=current_app.config["HTTPS"],
        httponly=True,
        samesite="Lax",
    )
    return response
