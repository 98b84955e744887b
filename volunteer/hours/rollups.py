"""The figures the night keeps, made and mended: roll() after midnight, redo() within a minute of a correction.

A check-in pays nothing for them: today is read live, and only what changes a day behind us leaves a note (`Redo`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, String, case, cast, delete, func, insert, literal, select
from sqlalchemy.orm import aliased

from volunteer import clock
from volunteer.batches import Batch
from volunteer.community import Area
from volunteer.dashboards import periods
from volunteer.db import db
from volunteer.hours.figures import DayFigures, MonthFigures, Redo, Rolled, SpanFigures
from volunteer.hours.models import ServiceRecord

BEGINNING = date(2000, 1, 1)
#: The last days are made anew each night, for a correction that was under way at midnight.
AGAIN_DAYS = 3
_quiet = {"synchronize_session": False}


def rolled_until() -> date:
    """Return the last day the figures cover; long ago where the night has not been yet."""
    return db.session.scalar(select(Rolled.until)) or BEGINNING


def changed(on: date) -> None:
    """Note that a day behind us has changed; of today there is nothing to note."""
    if on < clock.today():
        db.session.execute(insert(Redo).values(on=on))


def lay_out_change(batch: Batch, on: date) -> None:
    """Lay the same note into a batch."""
    if on < clock.today():
        batch.insert(Redo, on=on)


def roll(today: date) -> int:
    """Cover every day before this one, and return how many days were made anew."""
    done = rolled_until()
    until = max(today - timedelta(days=1), done)
    first = min(done - timedelta(days=AGAIN_DAYS - 1), until) if done > BEGINNING else BEGINNING
    _make_days(first, until)
    for month in _months_with_records(first, until):
        _make_month(month, until)
    mark = db.insert(Rolled).values(id=1, until=until)
    db.session.execute(mark.on_conflict_do_update(index_elements=["id"], set_={"until": mark.excluded.until}))
    _make_spans(today, until)
    return (until - first).days + 1 if done > BEGINNING else 0


def redo(today: date) -> int:
    """Make anew what corrections have changed, and return how many days that was."""
    notes = db.session.execute(select(Redo.id, Redo.on)).all()
    until = rolled_until()
    days = sorted({on for _id, on in notes if on <= until})
    for on in days:
        _make_days(on, on)
    for month in sorted({f"{on:%Y-%m}" for on in days}):
        _make_month(month, until)
    if days:
        _make_spans(today, until)
    # By number: a note that came meanwhile belongs to a change we have not seen.
    db.session.execute(
        delete(Redo).where(Redo.id.in_([id_ for id_, _on in notes])).execution_options(**_quiet)
    )
    return len(days)


def rebuild(today: date) -> None:
    """Forget the figures and make all of them anew from the records."""
    for table in (DayFigures, MonthFigures, SpanFigures, Rolled, Redo):
        db.session.execute(delete(table).execution_options(**_quiet))
    roll(today)


def day_sums(where: Iterable[ColumnElement[bool]]) -> Any:
    """Select the sums of confirmed records by date, team and area: what `hours_day` keeps."""
    return (
        select(
            ServiceRecord.on,
            ServiceRecord.team_id,
            ServiceRecord.area_path,
            func.count().label("records"),
            *(_minutes(grade).label(f"minutes_{grade.lower()}") for grade in "ABC"),
        )
        .where(ServiceRecord.state == "confirmed", *where)
        .group_by(ServiceRecord.on, ServiceRecord.team_id, ServiceRecord.area_path)
    )


def month_of(on: Any) -> ColumnElement[str]:
    """Return the month of a date column as text, on both engines."""
    return func.substr(cast(on, String), 1, 7)


def _minutes(grade: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((ServiceRecord.grade == grade, ServiceRecord.minutes), else_=0)), 0)


def _make_days(first: date, last: date) -> None:
    db.session.execute(
        delete(DayFigures).where(DayFigures.on.between(first, last)).execution_options(**_quiet)
    )
    columns = ["on", "team_id", "area_path", "records", "minutes_a", "minutes_b", "minutes_c"]
    db.session.execute(
        insert(DayFigures).from_select(columns, day_sums([ServiceRecord.on.between(first, last)]))
    )


def _months_with_records(first: date, last: date) -> list[str]:
    month = month_of(DayFigures.on)
    found = select(month).where(DayFigures.on.between(first, last)).group_by(month).order_by(month)
    touched = set(db.session.scalars(found))
    # A month that lost its last record has to be made anew as well.
    return sorted(touched | ({f"{first:%Y-%m}", f"{last:%Y-%m}"} if first > BEGINNING else set()))


def _make_month(month: str, until: date) -> None:
    above, below = aliased(Area), aliased(Area)
    begins, next_begins = (moment.date() for moment in periods.bounds(month))
    ends = min(next_begins - timedelta(days=1), until)
    db.session.execute(delete(MonthFigures).where(MonthFigures.month == month).execution_options(**_quiet))
    sums = (
        select(
            above.path.label("path"),
            *(
                func.sum(getattr(DayFigures, name)).label(name)
                for name in ("records", "minutes_a", "minutes_b", "minutes_c")
            ),
        )
        .join_from(above, below, below.path.startswith(above.path))
        .join(DayFigures, DayFigures.area_path == below.path)
        .where(DayFigures.on.between(begins, ends))
        .group_by(above.path)
        .subquery()
    )
    people = _people(begins, ends).subquery()
    db.session.execute(
        insert(MonthFigures).from_select(
            ["area_path", "month", "records", "minutes_a", "minutes_b", "minutes_c", "people"],
            select(
                sums.c.path, literal(month, String), sums.c.records, sums.c.minutes_a, sums.c.minutes_b,
                sums.c.minutes_c, people.c.people,
            ).join(people, people.c.path == sums.c.path),
        )
    )  # fmt: skip


def _make_spans(today: date, until: date) -> None:
    """Count the people of every stretch the dashboards ask for until the next night; others are forgotten."""
    db.session.execute(delete(SpanFigures).execution_options(**_quiet))
    # Tomorrow's as well: between midnight and our own turn somebody may look.
    for first, last in sorted(spans(today, until) | spans(today + timedelta(days=1), until)):
        people = _people(first, last).subquery()
        # Nobody is a figure too: every area gets its row.
        every = select(
            Area.path, literal(first, Date), literal(last, Date), func.coalesce(people.c.people, 0)
        ).outerjoin(people, people.c.path == Area.path)
        columns = ["area_path", "first", "last", "people"]
        db.session.execute(insert(SpanFigures).from_select(columns, every))


def spans(today: date, until: date) -> set[tuple[date, date]]:
    """Return the stretches dashboards ask for on a day: each period up to `until`, and the one before it."""
    asked = set()
    for period in periods.PERIODS:
        first, last = periods.span(period, today)
        asked |= {(first, until), periods.before(first, last)}
    return {(first, last) for first, last in asked if first <= last}


def _people(first: date, last: date) -> Any:
    """Select how many different people served in every area, those below it included."""
    above, below = aliased(Area), aliased(Area)
    # One row a person and area first: the levels above then have little left to tell apart.
    came = (
        select(ServiceRecord.area_path, ServiceRecord.volunteer_id)
        .where(ServiceRecord.state == "confirmed", ServiceRecord.on.between(first, last))
        .group_by(ServiceRecord.area_path, ServiceRecord.volunteer_id)
        .subquery()
    )
    return (
        select(
            above.path.label("path"),
            func.count(func.distinct(came.c.volunteer_id)).label("people"),
        )
        .join_from(above, below, below.path.startswith(above.path))
        .join(came, came.c.area_path == below.path)
        .group_by(above.path)
    )
