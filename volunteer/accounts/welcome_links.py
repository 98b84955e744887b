"""A link with which somebody chooses their own password: a day, once; only its fingerprint is kept (S09)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from volunteer import clock, events, signing
from volunteer.accounts import passwords, phones, sessions, tokens
from volunteer.accounts.credential_models import WelcomeLink
from volunteer.accounts.models import User
from volunteer.accounts.profile import PasswordChanged
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

LASTS = timedelta(hours=24)


class LinkLapsed(Refusal):
    code = "welcome.lapsed"
    status = 410
    says = _("这个链接过期了，或者已经用过。")
    who = _("请让给你链接的人再发一个。")
    action = (_("去登录"), "accounts.sign_in")


def make(user: User) -> str:
    """Return the secret part of a new link; the earlier ones of this person no longer work."""
    token, now = signing.token(), clock.now()
    db.session.execute(
        update(WelcomeLink)
        .where(WelcomeLink.user_id == user.id, WelcomeLink.used_at.is_(None))
        .values(used_at=now)
    )
    db.session.add(
        WelcomeLink(
            user_id=user.id, token_hash=signing.fingerprint(token), made_at=now, expires_at=now + LASTS
        )
    )
    db.session.flush()
    return token


def whose(token: str) -> User:
    """Return for whom a link was made.

    :raises LinkLapsed: too old, used, or never made
    """
    user = db.session.scalar(
        select(User)
        .join(WelcomeLink, WelcomeLink.user_id == User.id)
        .where(
            WelcomeLink.token_hash == signing.fingerprint(token[:200]),
            WelcomeLink.used_at.is_(None),
            WelcomeLink.expires_at > clock.now(),
            User.state == "active",
        )
    )
    if user is None:
        raise LinkLapsed
    return user


def use(token: str, password: str) -> User:
    """Choose the password, and use the link up: of two who hold it one is in time.

    :raises LinkLapsed: too old, used, or never made
    :raises passwords.Weak: the password would not keep anybody out
    """
    user = whose(token)
    kept = passwords.kept(password, phone=phones.of(user), name=user.name, strong=bool(user.holds))
    used = db.session.execute(
        update(WelcomeLink)
        .where(WelcomeLink.token_hash == signing.fingerprint(token[:200]), WelcomeLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if used.rowcount != 1:
        raise LinkLapsed
    user.password_hash = kept
    sessions.close_all(user)
    tokens.end_all(user)
    events.record(PasswordChanged(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return user
