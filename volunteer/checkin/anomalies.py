"""Signs that a team's check-ins are not what they look like. A sign accuses nobody: it asks a person to look.

Three signs, after what is known of sold hours: the same people every time, many check-ins within two seconds of one
another, and people nobody else ever sees. One alone has innocent reasons; a team is shown when two come together.
Who was not found at a roll-call, or did not answer one, is shown by name, with what waits for the office.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, clock, hours
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.checkin.models import Attendance, Called, RollCall
from volunteer.db import db
from volunteer.service_days import ServiceDay

LOOK_BACK = timedelta(days=90)
DAYS_LEAST = 3
PEOPLE_LEAST = 4
SIGNS_LEAST = 2
SAME_CROWD = 0.9
APART = timedelta(seconds=2)
RUSHED = 0.5
UNSEEN = 0.3
SHOWN_MAX = 100


@dataclass(frozen=True)
class Stay:
    """A check-in, as far as the signs go."""

    team_id: int
    day_id: int
    volunteer_id: int
    at: datetime


@dataclass(frozen=True)
class Signs:
    """What a team's check-ins look like: shares between 0 and 1."""

    team_id: int
    days: int
    people: int
    same: float
    rushed: float
    unseen: float

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the signs that hold."""
        signs = (
            ("same", self.same > SAME_CROWD),
            ("rushed", self.rushed > RUSHED),
            ("unseen", self.unseen >= UNSEEN),
        )
        return tuple(name for name, holds in signs if holds)


def unusual(since: datetime, right: str = "hours.confirm") -> list[Signs]:
    """The teams within reach that show at least two signs, those with most first."""
    statement = select(
        Attendance.team_id, Attendance.service_day_id, Attendance.volunteer_id, Attendance.in_at
    ).where(Attendance.in_at >= since, Attendance.state != "void")
    rows = db.session.execute(access.within(statement, Attendance, right))
    return suspects(Stay(*row) for row in rows)


def unfound(since: datetime, right: str = "hours.confirm") -> Sequence[Any]:
    """Who was not found at a roll-call and nobody has looked at: day, title, person, roll-call, stay, points that wait
    and points paid before; the oldest first."""
    later = aliased(Called)
    of_person = (
        hours.ServiceRecord.service_day_id == ServiceDay.id,
        hours.ServiceRecord.volunteer_id == Called.volunteer_id,
    )

    def points(state: str) -> Any:
        whole = func.coalesce(func.sum(hours.ServiceRecord.points), 0)
        counted = select(whole).where(*of_person, hours.ServiceRecord.state == state)
        return counted.correlate(ServiceDay, Called).scalar_subquery()

    statement = (
        select(
            ServiceDay,
            Activity.title,
            User.id.label("user_id"),
            User.name,
            User.volunteer_no,
            RollCall.opened_at,
            Called.marked_by,
            Attendance.out_at,
            points("provisional").label("waiting"),
            (points("confirmed") + Attendance.points).label("paid"),
        )
        .select_from(Called)
        .join(RollCall, RollCall.id == Called.roll_call_id)
        .join(ServiceDay, ServiceDay.id == RollCall.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(User, User.id == Called.volunteer_id)
        .join(Attendance, Attendance.id == Called.attendance_id)
        .where(
            Called.state == "missing",
            RollCall.opened_at >= since,
            Attendance.state != "void",
            hours.queries.held(ServiceDay.id, Called.volunteer_id),
            ~select(later.id)
            .where(
                later.volunteer_id == Called.volunteer_id,
                later.attendance_id == Called.attendance_id,
                later.state == "missing",
                later.id > Called.id,
            )
            .exists(),
        )
        .order_by(RollCall.opened_at, Called.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(access.within(statement, ServiceDay, right)).all()


def silent(since: datetime, right: str = "hours.confirm") -> Sequence[Any]:
    """Who did not answer a roll-call by phone although they could have: person, how often, of how many, last when; the
    most often first."""
    unanswered = func.count().filter(Called.state == "called")
    statement = (
        select(
            User.id.label("user_id"),
            User.name,
            User.volunteer_no,
            unanswered.label("silent"),
            func.count().label("asked"),
            func.max(RollCall.opened_at).label("last_at"),
        )
        .select_from(Called)
        .join(RollCall, RollCall.id == Called.roll_call_id)
        .join(ServiceDay, ServiceDay.id == RollCall.service_day_id)
        .join(User, User.id == Called.volunteer_id)
        .where(
            RollCall.kind == "digits",
            RollCall.opened_at >= since,
            or_(RollCall.closed_at.is_not(None), RollCall.ends_at < clock.now()),
            Called.by_phone,
        )
        .group_by(User.id, User.name, User.volunteer_no)
        .having(unanswered > 0)
        .order_by(unanswered.desc(), func.count(), User.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(access.within(statement, ServiceDay, right)).all()


def suspects(stays: Iterable[Stay]) -> list[Signs]:
    """The teams that show at least two signs among these check-ins. Pure: no database, no clock."""
    by_team: dict[int, dict[int, list[Stay]]] = defaultdict(lambda: defaultdict(list))
    teams_of: dict[int, set[int]] = defaultdict(set)
    for stay in stays:
        by_team[stay.team_id][stay.day_id].append(stay)
        teams_of[stay.volunteer_id].add(stay.team_id)
    shown = [_signs(team, list(days.values()), teams_of) for team, days in sorted(by_team.items())]
    return sorted(
        (one for one in shown if one is not None and len(one.found) >= SIGNS_LEAST),
        key=lambda one: (-len(one.found), -one.people, one.team_id),
    )


def _signs(team_id: int, days: Sequence[list[Stay]], teams_of: dict[int, set[int]]) -> Signs | None:
    people = {stay.volunteer_id for day in days for stay in day}
    if len(days) < DAYS_LEAST or len(people) < PEOPLE_LEAST:
        return None
    ordered = sorted(days, key=lambda day: min(stay.at for stay in day))
    crowds = [{stay.volunteer_id for stay in day} for day in ordered]
    alike = [len(one & two) / len(one | two) for one, two in pairwise(crowds)]
    close = whole = 0
    for day in ordered:
        times = sorted(stay.at for stay in day)
        whole += len(times) - 1
        close += sum(after - before <= APART for before, after in pairwise(times))
    return Signs(
        team_id=team_id,
        days=len(days),
        people=len(people),
        same=sum(alike) / len(alike),
        rushed=close / whole if whole else 0.0,
        unseen=sum(len(teams_of[one]) == 1 for one in people) / len(people),
    )
