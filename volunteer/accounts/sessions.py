"""Sessions: one row a browser. The cookie is 256 random bits; only its fingerprint is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app
from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, select, update

from volunteer import clock, events, signing
from volunteer.accounts.models import Grant, SignIn, User
from volunteer.accounts.roles import OFFICE_ROLES
from volunteer.db import db

IDLE = timedelta(days=30)
LONGEST = timedelta(days=90)
#: People of the office: after half an hour away from the screen, and after a working day, they sign in again.
OFFICE_IDLE = timedelta(minutes=30)
OFFICE_LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=10)
OFFICE_TOUCH_EVERY = timedelta(minutes=1)
#: How long the page waits for the second factor, and how long a proof lasts.
FACTOR_WAITS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=5)


@events.kind
class SignedIn(events.Event):
    user_id: int
    how: str


@events.kind
class SignedOut(events.Event):
    user_id: int
    sessions: int


def open(user: User, device: str = "", how: str = "password", *, waiting: bool = False) -> str:
    """Begin a session and return what goes into the cookie; it is told this once.

    A `waiting` one is a stranger's everywhere but on the page that asks for the second factor.
    """
    cookie, now = signing.token(), clock.now()
    lasts = FACTOR_WAITS if waiting else expiry(now, now, office=of_office(user.id)) - now
    db.session.add(
        SignIn(
            user_id=user.id,
            token_hash=signing.fingerprint(cookie),
            device=device[:80],
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            proved_at=None if waiting else now,
            waiting=waiting,
        )
    )
    db.session.flush()
    if waiting:
        return cookie
    events.record(SignedIn(user_id=user.id, how=how), about=f"account:{user.id}", whom=user.id)
    return cookie


def close(session: SignIn, *, quietly: bool = False) -> SignIn:
    """End one session; whoever holds its cookie is a stranger from the next request on.

    Quietly, where it only makes room for the next one of the same browser.
    """
    if session.ended_at is None:
        session.ended_at = clock.now()
        db.session.flush()
        if quietly:
            return session
        events.record(
            SignedOut(user_id=session.user_id, sessions=1),
            about=f"account:{session.user_id}",
            whom=session.user_id,
        )
    return session


def drop(cookie: str | None) -> None:
    """End whatever session a browser comes with before it is given another."""
    if cookie:
        db.session.execute(update(SignIn).where(*_alive(cookie)).values(ended_at=clock.now()))


def close_all(user: User, *, but: int | None = None) -> int:
    """End every session of a person, one of them excepted; return how many ended."""
    mine = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    if but is not None:
        mine = mine.where(SignIn.id != but)
    ended = db.session.execute(mine.values(ended_at=clock.now())).rowcount or 0
    if ended:
        events.record(SignedOut(user_id=user.id, sessions=ended), about=f"account:{user.id}", whom=user.id)
    return ended


def waiting(cookie: str | None) -> tuple[SignIn, User] | None:
    """Return the session that waits for a second factor, and whose it is."""
    if not cookie:
        return None
    row = db.session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(*_alive(cookie), SignIn.waiting, User.state == "active")
    ).one_or_none()
    return (row[0], row[1]) if row else None


def whose(cookie: str) -> Row[SignIn, User] | None:
    """Return the session a cookie is of, with its person; one that waits for a second factor is nobody's."""
    known = {"token_hash": signing.fingerprint(cookie[:200]), "now": clock.now()}
    return db.session.execute(_WHOSE, known).one_or_none()


def _alive(cookie: str) -> tuple[ColumnElement[bool], ...]:
    return _alive_of(signing.fingerprint(cookie[:200]), clock.now())


def _alive_of(token_hash: Any, now: Any) -> tuple[ColumnElement[bool], ...]:
    return SignIn.token_hash == token_hash, SignIn.ended_at.is_(None), SignIn.expires_at > now


#: Every page asks it, so it is put together once: that takes longer than the database needs to answer.
_WHOSE = (
    select(SignIn, User)
    .join(User, User.id == SignIn.user_id)
    .where(*_alive_of(bindparam("token_hash"), bindparam("now")), ~SignIn.waiting, User.state == "active")
)


def proven(proved_at: datetime | None) -> bool:
    """Whether somebody has shown a moment ago that it is them."""
    return proved_at is not None and clock.now() - proved_at <= PROOF_LASTS


def prove(session_id: int) -> None:
    """Note that the person at this browser has just shown that it is them."""
    db.session.execute(update(SignIn).where(SignIn.id == session_id).values(proved_at=clock.now()))


def renew(user: User) -> None:
    """Have each of a person's browsers given another cookie with its next answer: their rights have changed."""
    db.session.execute(
        update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(renew=True)
    )


def mine(user: User) -> Sequence[SignIn]:
    """Return a person's sessions that are alive, the last seen first."""
    return db.session.scalars(
        select(SignIn)
        .where(
            SignIn.user_id == user.id,
            SignIn.ended_at.is_(None),
            ~SignIn.waiting,
            SignIn.expires_at > clock.now(),
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def expiry(created_at: datetime, seen_at: datetime, *, office: bool) -> datetime:
    """Return when a session seen at this moment ends, if it is not seen again."""
    if office:
        return min(seen_at + OFFICE_IDLE, created_at + OFFICE_LONGEST)
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
