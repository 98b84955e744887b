"""Who is asking: the session row behind the cookie, or the bearer token; person and row in one statement."""

from __future__ import annotations

from flask import Flask, Request, Response, current_app, g, request
from flask_login import LoginManager
from flask_wtf.csrf import ValidationError, validate_csrf
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from volunteer import clock, maintenance, signing
from volunteer.accounts import sessions, tokens
from volunteer.accounts.models import SignIn, Token, User
from volunteer.answers import BadForm
from volunteer.db import apart, db

READS = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask) -> None:
    """Have every request recognised, and sessions that are used kept alive."""
    manager = LoginManager(app)
    manager.session_protection = None  # the row is the protection; phones change their address all day
    manager.request_loader(recognise)
    app.before_request(_cookies_need_their_form)
    app.after_request(_keep_alive)
    app.after_request(_renew)


def recognise(asking: Request) -> User | None:
    """Return whose request it is, None for a stranger. A suspended person is one."""
    scheme, _, token = asking.headers.get("Authorization", "").partition(" ")
    if scheme:
        return _by_token(token.strip()) if scheme.lower() == "bearer" and _is_api(asking) else None
    cookie = asking.cookies.get(current_app.config["SESSION_ROW_COOKIE"])
    return _by_cookie(cookie) if cookie else None


def _by_cookie(cookie: str) -> User | None:
    found = sessions.whose(cookie)
    if found is None:
        return None
    session, user = found
    g.sign_in_id, g.proven = session.id, sessions.proven(session.proved_at)
    if session.renew:
        g.renewing = (session.id, session.token_hash)
    short = session.expires_at - session.seen_at <= sessions.OFFICE_IDLE
    often = sessions.OFFICE_TOUCH_EVERY if short else sessions.TOUCH_EVERY
    if clock.now() - session.seen_at >= often:
        g.seen_again = (session.id, session.created_at, user.id)
    return user


#: Put together once: that takes longer than the database needs to answer it.
_WHOSE_TOKEN = (
    select(User, Token.created_at)
    .join(Token, Token.user_id == User.id)
    .where(
        Token.token_hash == bindparam("token_hash"),
        Token.ended_at.is_(None),
        Token.expires_at > bindparam("now"),
        User.state == "active",
    )
)


def _by_token(token: str) -> User | None:
    known = {"token_hash": signing.fingerprint(token[:200]), "now": clock.now()}
    found = db.session.execute(_WHOSE_TOKEN, known).one_or_none()
    if found is None:
        return None
    # A script cannot be asked again; what it was given this morning proves enough for today.
    g.proven = clock.now() - found[1] <= tokens.PROVEN_FOR
    return found[0]


def _cookies_need_their_form() -> None:
    """A cookie is sent by any page that asks the browser to; so it must come with the token of one of our own."""
    if request.method in READS or not _is_api(request) or request.headers.get("Authorization"):
        return
    if current_app.config["SESSION_ROW_COOKIE"] in request.cookies:
        try:
            validate_csrf(request.headers.get("X-CSRFToken"))
        except ValidationError as error:
            raise BadForm from error


def _keep_alive(response: Response) -> Response:
    """Move a session's end on, at most every ten minutes, after the request's own transaction."""
    seen = g.pop("seen_again", None)
    if seen is None or maintenance.closed():
        return response
    session_id, created_at, user_id = seen
    try:
        with apart() as connection:
            now = clock.now()
            ends = sessions.expiry(
                created_at, now, office=bool(connection.scalar(sessions.holds_office(user_id)))
            )
            connection.execute(
                update(SignIn).where(SignIn.id == session_id).values(seen_at=now, expires_at=ends)
            )
    except SQLAlchemyError:
        # Not worth an answer lost: the next request tries again.
        current_app.logger.warning("could not note that session %s was seen", session_id)
    return response


def _renew(response: Response) -> Response:
    """Give the browser of somebody whose rights have changed another cookie; the old one is dead from then on."""
    known = g.pop("renewing", None)
    if known is None:
        return response
    session_id, was = known
    cookie = signing.token()
    try:
        with apart() as connection:
            renewed = connection.execute(
                update(SignIn)
                .where(SignIn.id == session_id, SignIn.token_hash == was, SignIn.ended_at.is_(None))
                .values(token_hash=signing.fingerprint(cookie), renew=False)
            )
    except SQLAlchemyError:
        current_app.logger.warning("could not renew session %s", session_id)
        return response
    return sessions.hand_over(response, cookie) if renewed.rowcount == 1 else response


def _is_api(asking: Request) -> bool:
    return asking.path.startswith("/api/")
