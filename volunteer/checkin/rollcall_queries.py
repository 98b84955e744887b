"""Reads of roll-calls: what came of each, for the pages of a day and of the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, clock, hours
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.checkin.models import Attendance, Called, RollCall
from volunteer.db import db
from volunteer.service_days import ServiceDay

SHOWN_MAX = 100


@dataclass(frozen=True)
class Tally:
    """One roll-call and what came of it; `unasked` are those of the unmarked who could not answer by phone."""

    call: RollCall
    called: int
    present: int
    missing: int
    unmarked: int
    unasked: int

    @property
    def unanswered(self) -> int:
        """Who could have answered by phone and did not."""
        return self.unmarked - self.unasked


def called(call: RollCall) -> Sequence[Any]:
    """Whom a roll-call asks for, those to be looked for first: the row, name, masked phone, number, when they left."""
    return db.session.execute(
        select(
            Called,
            accounts.User.name,
            accounts.User.phone_masked,
            accounts.User.volunteer_no,
            Attendance.in_at,
            Attendance.out_at,
        )
        .join(accounts.User, accounts.User.id == Called.volunteer_id)
        .join(Attendance, Attendance.id == Called.attendance_id)
        .where(Called.roll_call_id == call.id)
        .order_by(Called.state == "present", Called.by_phone, Called.id)
    ).all()


def tallies(day: ServiceDay) -> list[Tally]:
    """Every roll-call of a day and what came of it, in order."""

    def how_many(*which: Any) -> Any:
        return func.count().filter(*which)

    rows = db.session.execute(
        select(
            RollCall,
            func.count(),
            how_many(Called.state == "present"),
            how_many(Called.state == "missing"),
            how_many(Called.state == "called"),
            how_many(Called.state == "called", Called.by_phone.is_(False)),
        )
        .join(Called, Called.roll_call_id == RollCall.id)
        .where(RollCall.service_day_id == day.id)
        .group_by(RollCall.id)
        .order_by(RollCall.number)
    )
    return [Tally(*row) for row in rows]


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
