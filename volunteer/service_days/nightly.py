"""What the night does with service days: series stay six ahead, days that are over close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sqlalchemy import select

from volunteer import timetable
from volunteer.db import db
from volunteer.service_days import changes, holidays, series
from volunteer.service_days.models import Series, ServiceDay


@timetable.daily("service_days.extend", at="02:10")
def extend(on: date) -> list[Callable[[], int]]:
    """Write down the coming days of every running series, each on its own."""
    running = db.session.scalars(select(Series.id).where(Series.state == "running").order_by(Series.id)).all()
    return [partial(_extend, key) for key in running]


@timetable.every("service_days.close", minutes=30)
def close(at: datetime) -> list[Callable[[], int]]:
    """Close days whose last scan is past, and look again at those where somebody was missing, each on its own."""
    over: list[Callable[[], int]] = [partial(_close, day.id) for day in changes.days_over(at)]
    return over + [partial(_look_again, day_id) for day_id in changes.days_with_missing(at)]


@timetable.daily("service_days.calendar", at="02:00")
def calendar(on: date) -> int:
    """Fill in the holidays of years the library has learned of; what an office imported stays."""
    return holidays.seed()


def _extend(series_id: int) -> int:
    return len(series.extend(db.session.get_one(Series, series_id)))


def _close(day_id: int) -> int:
    return int(changes.close(db.session.get_one(ServiceDay, day_id)).state == "closed")


def _look_again(day_id: int) -> int:
    return changes.look_again(db.session.get_one(ServiceDay, day_id))
