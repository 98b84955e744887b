"""Figures for pages: what the night keeps, and live what has come since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import g, has_request_context
from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from volunteer.dashboards import periods
from volunteer.db import db
from volunteer.hours.figures import DayFigures, MonthFigures, SpanFigures
from volunteer.hours.models import ServiceRecord
from volunteer.hours.rollups import day_sums, month_of, rolled_until


def until() -> date:
    """Return the last day the figures cover, looked up once a request."""
    if not has_request_context():
        return rolled_until()
    if "hours_until" not in g:
        g.hours_until = rolled_until()
    found: date = g.hours_until
    return found


def by_month(area_path: str, months: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return month → records, minutes_a, minutes_b, minutes_c and people of an area, today included."""
    rolled = until()
    kept = select(MonthFigures).where(
        MonthFigures.area_path == area_path, MonthFigures.month.between(months[0], months[-1])
    )
    names = ("records", "minutes_a", "minutes_b", "minutes_c", "people")
    found = {month: dict.fromkeys(names, 0) for month in months}
    for row in db.session.scalars(kept):
        found[row.month] = {name: getattr(row, name) for name in names}
    first = periods.bounds(months[0])[0].date()
    since = max(first, rolled + timedelta(days=1))
    for row in db.session.execute(day_sums(_live(area_path, since))):
        month = found.get(f"{row.on:%Y-%m}", {})
        for name in names[:4] if month else ():
            month[name] += int(getattr(row, name))
    month_at = month_of(ServiceRecord.on)
    newcomers = (
        select(month_at, func.count(func.distinct(ServiceRecord.volunteer_id)))
        .where(ServiceRecord.state == "confirmed", *_live(area_path, since))
        .where(
            or_(
                ServiceRecord.on >= _next_month(rolled),
                not_(_came_before(area_path, rolled.replace(day=1), rolled)),
            )
        )
        .group_by(month_at)
    )
    for at, people in db.session.execute(newcomers):
        if at in found:
            found[at]["people"] += people
    return found


def people(area_path: str, first: date, last: date) -> int:
    """Return how many different people served in an area from a day to a day."""
    rolled = until()
    kept = select(SpanFigures.people).where(
        SpanFigures.area_path == area_path,
        SpanFigures.first == first,
        SpanFigures.last == min(last, rolled),
    )
    counted = select(func.count(func.distinct(ServiceRecord.volunteer_id))).where(
        ServiceRecord.state == "confirmed", ServiceRecord.area_path.startswith(area_path)
    )
    known = db.session.scalar(kept) if first <= rolled else 0
    if known is None:
        return db.session.scalar(counted.where(ServiceRecord.on.between(first, last))) or 0
    if last <= rolled:
        return known
    since = max(first, rolled + timedelta(days=1))
    live = counted.where(ServiceRecord.on.between(since, last))
    if first <= rolled:
        live = live.where(not_(_came_before(area_path, first, rolled)))
    return known + (db.session.scalar(live) or 0)


def minutes_between(area_path: str, first: date, last: date) -> int:
    """Return the confirmed minutes of an area from a day to a day."""
    rolled = until()
    whole = DayFigures.minutes_a + DayFigures.minutes_b + DayFigures.minutes_c
    kept = select(func.coalesce(func.sum(whole), 0)).where(
        DayFigures.on.between(first, last), DayFigures.area_path.startswith(area_path)
    )
    since = max(first, rolled + timedelta(days=1))
    live = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.state == "confirmed",
        ServiceRecord.on.between(since, last),
        ServiceRecord.area_path.startswith(area_path),
    )
    total = kept.scalar_subquery() + live.scalar_subquery() if since <= last else kept.scalar_subquery()
    return int(db.session.scalar(select(total)) or 0)


def _live(area_path: str, since: date) -> tuple[Any, ...]:
    return ServiceRecord.on >= since, ServiceRecord.area_path.startswith(area_path)


def _came_before(area_path: str, first: date, last: date) -> Any:
    earlier = aliased(ServiceRecord)
    return (
        select(earlier.id)
        .where(
            and_(
                earlier.volunteer_id == ServiceRecord.volunteer_id,
                earlier.on.between(first, last),
                earlier.state == "confirmed",
                earlier.area_path.startswith(area_path),
            )
        )
        .correlate(ServiceRecord)
        .exists()
    )


def _next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)
