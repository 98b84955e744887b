"""Sums over a person's records. Only confirmed records count; what waits is said apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, literal, select

from volunteer import clock, ledger
from volunteer.db import db
from volunteer.hours import queries
from volunteer.hours.models import ServiceRecord


@dataclass(frozen=True)
class Totals:
    """Minutes in all and by grade, how many records, minutes that wait, and the points the records paid."""

    minutes: int
    minutes_by_grade: dict[str, int]
    records: int
    waiting: int
    points: int


#: Put together once: home, the purse and the API ask it for everybody.
_TOTALS = (
    select(
        ServiceRecord.state,
        ServiceRecord.grade,
        func.sum(ServiceRecord.minutes),
        func.sum(ServiceRecord.points),
        func.count(),
    )
    .where(ServiceRecord.volunteer_id == bindparam("volunteer"), ServiceRecord.state != "reversed")
    .group_by(ServiceRecord.state, ServiceRecord.grade)
)


def totals(volunteer_id: int) -> Totals:
    """Return what somebody has given: one statement over the index of the person."""
    rows = db.session.execute(_TOTALS, {"volunteer": volunteer_id}).all()
    counted = [row for row in rows if row[0] == "confirmed"]
    by_grade = {grade: sum(int(row[2]) for row in counted if row[1] == grade) for grade in "ABC"}
    return Totals(
        minutes=sum(by_grade.values()),
        minutes_by_grade=by_grade,
        records=sum(row[4] for row in counted),
        waiting=sum(int(row[2]) for row in rows if row[0] == "provisional"),
        points=sum(int(row[3]) for row in counted),
    )


def minutes_on(volunteer_id: int, on: date) -> int:
    """Return the minutes recorded for somebody on a date, confirmed or waiting."""
    whole = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.volunteer_id == volunteer_id, ServiceRecord.on == on, ServiceRecord.state != "reversed"
    )
    return int(db.session.scalar(whole) or 0)


def paid_for(attendance_id: int) -> int:
    """Return the points a stay's record has paid; 0 while it waits or after it was reversed."""
    paid = select(ServiceRecord.points).where(
        ServiceRecord.source == f"attendance:{attendance_id}", ServiceRecord.state == "confirmed"
    )
    return db.session.scalar(paid) or 0


def formula_of(source: str) -> dict[str, Any] | None:
    """Return the formula of the record made from something, None when there is no record."""
    return db.session.scalar(select(ServiceRecord.formula).where(ServiceRecord.source == source))


def so_far(volunteer_id: int, on: date) -> dict[str, int]:
    """Return what somebody has for a date, its month and its year already, as `record_stay` asks for it."""
    month = queries.points_between(volunteer_id, on.replace(day=1), on)
    year = queries.points_between(volunteer_id, on.replace(month=1, day=1), on)
    found = db.session.execute(
        select(
            *(sums.label(name) for name, sums in queries.on_date(volunteer_id, on).items()),
            month.label("points_month"),
            year.label("points_year"),
            ledger.queries.balance_from(literal(volunteer_id), ledger.chart.month_of(clock.today())).label(
                "balance"
            ),
        )
    ).one()
    return {name: int(value) for name, value in found._mapping.items()}
