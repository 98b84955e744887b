"""A secret address of a person's own calendar: whoever has it reads when they serve, so it can be changed at will.

The address is made from the keys of this installation and is nowhere in the database; a new one ends the one before.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import select

from volunteer import clock, events, signing
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.service_days.models import CalendarLink
from volunteer.signing import Keyring


@events.kind
class LinkMade(events.Event):
    user_id: int


@events.kind
class LinkEnded(events.Event):
    user_id: int


def code_of(person: User) -> str | None:
    """The secret part of somebody's address; None where they have none."""
    link = db.session.get(CalendarLink, person.id)
    if link is None or link.ended_at is not None:
        return None
    return next(_codes(person, link.revision))


def renew(person: User) -> None:
    """Give somebody an address, or another one: the one before opens nothing any more."""
    link = db.session.get(CalendarLink, person.id, with_for_update=True)
    if link is None:
        link = CalendarLink(user_id=person.id, revision=0, made_at=clock.now())
        db.session.add(link)
    link.revision, link.made_at, link.ended_at = link.revision + 1, clock.now(), None
    db.session.flush()

    events.record(LinkMade(user_id=person.id), about=f"account:{person.id}", whom=person.id)


def end(person: User) -> None:
    """Take the address away. Without one, nothing changes."""
    link = db.session.get(CalendarLink, person.id, with_for_update=True)
    if link is None or link.ended_at is not None:
        return

    link.ended_at = clock.now()

    events.record(LinkEnded(user_id=person.id), about=f"account:{person.id}", whom=person.id)


def whose(code: str) -> User:
    """Whose calendar a secret opens.

    :raises NotFound: nobody's, or no longer; the account is suspended or closed
    """
    public, _dash, _secret = code.partition("-")
    row = db.session.execute(
        select(User, CalendarLink.revision)
        .join(CalendarLink, CalendarLink.user_id == User.id)
        .where(User.public == public, User.state == "active", CalendarLink.ended_at.is_(None))
    ).first()
    if row is None or not any(signing.same(code, known) for known in _codes(row.User, row.revision)):
        raise NotFound
    person: User = row.User
    return person


def _codes(person: User, revision: int) -> Iterator[str]:
    """The address as each of our secrets makes it, the one that signs now first."""
    keyring: Keyring = current_app.extensions["keyring"]
    for key in keyring.all("feed", person.id, revision):
        seal = signing.mac(key, "feed", person.public.encode())
        yield f"{person.public}-{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"
