"""Reads: who helps whom, what a helper did, whose pass was on whose phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from volunteer import clock, events
from volunteer.accounts import User
from volunteer.db import db
from volunteer.households.models import Proxy

SHOWN_MAX = 30
#: What a helper does, as the trail names it.
DONE = ("service_days.SignedUp", "service_days.Left", "households.PassShown")


def of(user_id: int) -> Sequence[Any]:
    """What somebody has agreed, on either side, and what waits for their answer: row, both people. What they asked
    for themselves and nobody has answered is left out: whether there is such a person stays untold."""
    return [row for row in _pairs(user_id) if row.Proxy.state == "agreed" or row.Proxy.asked_by != user_id]


def agreed(user_id: int) -> Sequence[Any]:
    """What somebody has agreed, on either side, for the office: row, both people."""
    return [row for row in _pairs(user_id) if row.Proxy.state == "agreed"]


def history(user_id: int) -> Sequence[Proxy]:
    """Everything somebody agreed or was asked, oldest first, for their own copy."""
    mine = or_(Proxy.person_id == user_id, Proxy.helper_id == user_id)
    return db.session.scalars(select(Proxy).where(mine).order_by(Proxy.id).limit(500)).all()


def get(proxy_id: int, user_id: int) -> Proxy | None:
    """Return an agreement or a request that somebody has to do with."""
    mine = or_(Proxy.person_id == user_id, Proxy.helper_id == user_id)
    return db.session.scalar(select(Proxy).where(Proxy.id == proxy_id, mine))


def done_for(user_id: int) -> Sequence[Any]:
    """What others did in somebody's name, newest first: when, what, who."""
    ours = select(Proxy.helper_id).where(Proxy.person_id == user_id)
    return db.session.execute(
        select(events.Happened.at, events.Happened.kind, User.name)
        .join(User, User.id == events.Happened.actor_id)
        .where(
            events.Happened.whom == user_id,
            events.Happened.kind.in_(DONE),
            events.Happened.actor_id != user_id,
            events.Happened.actor_id.in_(ours),
        )
        .order_by(events.Happened.id.desc())
        .limit(SHOWN_MAX)
    ).all()


def shown_for(volunteer_ids: Iterable[int], on: date) -> dict[int, list[int]]:
    """Whose pass was opened on a helper's phone on a day: volunteer → helpers. Their stays may be told by one phone."""
    begins = datetime.combine(on, time(), tzinfo=clock.ZONE)
    rows = db.session.execute(
        select(events.Happened.whom, events.Happened.facts)
        .where(
            events.Happened.kind == "households.PassShown",
            events.Happened.whom.in_(list(volunteer_ids)),
            events.Happened.at >= begins,
            events.Happened.at < begins + timedelta(days=1),
        )
        .order_by(events.Happened.id)
    )
    shown: dict[int, list[int]] = {}
    for whom, facts in rows:
        shown.setdefault(whom, []).append(facts["helper_id"])
    return shown


def _pairs(user_id: int) -> Sequence[Any]:
    person, helper = aliased(User, name="person"), aliased(User, name="helper")
    return db.session.execute(
        select(Proxy, person, helper)
        .join(person, person.id == Proxy.person_id)
        .join(helper, helper.id == Proxy.helper_id)
        .where(or_(Proxy.person_id == user_id, Proxy.helper_id == user_id), Proxy.state != "ended")
        .order_by(Proxy.id)
    ).all()
