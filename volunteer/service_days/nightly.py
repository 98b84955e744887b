"""What the night does with service days: series stay six ahead, people are reminded, days that are over close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from sqlalchemy import select

from volunteer import clock, timetable
from volunteer.db import db
from volunteer.service_days import absences, changes, draws, holidays, reminders, series, waiting
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


@timetable.every("service_days.offers", minutes=5)
def offers(at: datetime) -> list[Callable[[], int]]:
    """Take back the offers nobody answered and offer the places on, each day on its own."""
    return [partial(_lapse, day_id) for day_id in waiting.owed(at)]


@timetable.every("service_days.draw", minutes=5)
def draw(at: datetime) -> list[Callable[[], int]]:
    """Draw the places of days whose time to apply is over, each on its own."""
    return [partial(_draw, day_id) for day_id in draws.owed(at)]


@timetable.daily("service_days.absences", at="02:30")
def write_absences(on: date) -> list[Callable[[], int]]:
    """Write down who did not come on days whose roll stands, each on its own."""
    return [partial(_absences, day_id) for day_id in absences.days_owed(clock.now())]


@timetable.every("service_days.remind", minutes=5)
def remind(at: datetime) -> list[Callable[[], int]]:
    """Remind those with a place the evening before and two hours before, each day on its own."""
    return [partial(_remind, day_id) for day_id in reminders.due(at)]


@timetable.daily("service_days.calendar", at="02:00")
def calendar(on: date) -> int:
    """Fill in the holidays of years the library has learned of; what an office imported stays."""
    return holidays.seed()


def _extend(series_id: int) -> int:
    return len(series.extend(db.session.get_one(Series, series_id)))


def _remind(day_id: int) -> int:
    return reminders.remind(db.session.get_one(ServiceDay, day_id))


def _close(day_id: int) -> int:
    return int(changes.close(db.session.get_one(ServiceDay, day_id)).state == "closed")


def _look_again(day_id: int) -> int:
    return changes.look_again(db.session.get_one(ServiceDay, day_id))


def _lapse(day_id: int) -> int:
    return waiting.lapse(db.session.get_one(ServiceDay, day_id))


def _draw(day_id: int) -> int:
    return int(draws.draw(db.session.get_one(ServiceDay, day_id)).drawn_at is not None)


def _absences(day_id: int) -> int:
    return absences.write_down(db.session.get_one(ServiceDay, day_id))
