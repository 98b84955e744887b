"""What happened to any one thing, from events: who, what, when, oldest last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_login import current_user
from sqlalchemy import Select, or_, select

from volunteer import access, accounts, privacy
from volunteer.dashboards.facts import told
from volunteer.dashboards.words import WORDS
from volunteer.db import db
from volunteer.events import Happened
from volunteer.i18n import Sentence

#: What people do before anybody is signed in.
BY_THEMSELVES = {"accounts.Registered", "accounts.ConsentGiven", "accounts.SignedIn", "accounts.TokenIssued"}
THING = re.compile(r"[a-z_]{2,30}:\d{1,15}")


@dataclass(frozen=True)
class Line:
    """One event as people read it."""

    id: int
    at: datetime
    what: Sentence | str
    who: str | None
    whom: str | None
    about: str | None
    within: str | None
    details: list[str]


def trail(thing: str = "", kind: str = "", person_id: int | None = None) -> Select[Any]:
    """Select the events about a thing ("voucher:91"), inside it, of a kind, or concerning a person; newest first."""
    chosen = select(Happened)
    if thing:
        chosen = chosen.where(or_(Happened.about == thing, Happened.within == thing))
    if kind:
        chosen = chosen.where(Happened.kind == kind)
    if person_id is not None:
        chosen = chosen.where(or_(Happened.whom == person_id, Happened.actor_id == person_id))
    return chosen


def lines(happened: list[Happened]) -> list[Line]:
    """Put names (masked) and words to events, with one query for all the people in them."""
    ids = {one.actor_id for one in happened} | {one.whom for one in happened}
    known = accounts.names([one for one in ids if one])
    names = {key: privacy.mask_name(name) for key, name in known.items()}
    return [
        Line(
            one.id,
            one.at,
            WORDS.get(one.kind, one.kind),
            names.get(_doer(one) or 0),
            names.get(one.whom or 0) if one.whom != _doer(one) else None,
            one.about,
            one.within,
            told(one.facts),
        )
        for one in happened
    ]


def _doer(one: Happened) -> int | None:
    """Who did it: whoever came in by the door did so themselves, though nobody was signed in yet."""
    return one.whom if one.actor_id is None and one.kind in BY_THEMSELVES else one.actor_id


def reachable() -> Any:
    """The condition that keeps an office to its own area: events by or about people there, or made by the timetable."""
    people = select(accounts.User.id).where(access.covered(accounts.User, "audit.read"))
    if any(hold.area_path and hold.area_path.count("/") <= 2 for hold in access.holds()):
        return Happened.id > 0
    return or_(Happened.whom.in_(people), Happened.actor_id.in_(people), Happened.actor_id == current_user.id)


def newest(statement: Select[Any], most: int) -> list[Happened]:
    return list(db.session.scalars(statement.order_by(Happened.id.desc()).limit(most)))
