"""The days whose awards wait for the office, with what the office needs to decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from volunteer import access
from volunteer.activities import Activity
from volunteer.checkin.models import Attendance, HeadCount, SharedPhone
from volunteer.db import db
from volunteer.hours import ServiceRecord
from volunteer.service_days import ServiceDay
from volunteer.teams import Team

SHOWN_MAX = 100


def held(right: str = "hours.confirm") -> Sequence[Any]:
    """Days within reach that wait, oldest first: day, title, team, head count, check-ins by hand, records and points
    that wait, points paid before, phones shared."""

    def records(value: Any, state: str) -> Any:
        of_day = ServiceRecord.service_day_id == ServiceDay.id
        return (
            select(value).where(of_day, ServiceRecord.state == state).correlate(ServiceDay).scalar_subquery()
        )

    def stays(value: Any, *which: Any) -> Any:
        of_day = Attendance.service_day_id == ServiceDay.id
        return (
            select(value)
            .where(of_day, Attendance.state != "void", *which)
            .correlate(ServiceDay)
            .scalar_subquery()
        )

    by_hand = (Attendance.in_how == "manual") | (Attendance.out_how == "manual")
    shared = select(func.count()).where(SharedPhone.service_day_id == ServiceDay.id).scalar_subquery()
    points = func.coalesce(func.sum(ServiceRecord.points), 0)
    statement = (
        select(
            ServiceDay,
            Activity.title,
            Team.name.label("team"),
            HeadCount.people,
            stays(func.count(func.distinct(Attendance.volunteer_id))).label("came"),
            stays(func.count(), by_hand).label("by_hand"),
            records(func.count(), "provisional").label("waiting"),
            records(points, "provisional").label("points"),
            records(points, "confirmed").label("paid"),
            shared.label("shared"),
        )
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(Team, Team.id == ServiceDay.team_id)
        .outerjoin(HeadCount, HeadCount.service_day_id == ServiceDay.id)
        .where(waits(right))
        .order_by(ServiceDay.starts_at, ServiceDay.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(statement).all()


def waits(right: str = "hours.confirm") -> ColumnElement[bool]:
    """The condition on a day: its awards wait within reach."""
    held = and_(ServiceDay.review.is_not(None), ServiceDay.review != "cleared")
    return and_(held, access.covered(ServiceDay, right))
