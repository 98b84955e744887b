"""People are reminded to check out; forgotten check-outs and roll-calls close by themselves, every five minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from volunteer import timetable
from volunteer.checkin import reminders, roll, rollcall
from volunteer.db import db
from volunteer.service_days import ServiceDay


@timetable.every("checkin.close", minutes=5)
def close_forgotten(at: datetime) -> int:
    """Close the stays whose time to check out is over."""
    return roll.close_forgotten(at)


@timetable.every("checkin.roll_calls", minutes=5)
def close_roll_calls(at: datetime) -> int:
    """Close the roll-calls whose quarter of an hour is over."""
    return rollcall.close_lapsed(at)


@timetable.every("checkin.remind", minutes=5)
def remind(at: datetime) -> list[Callable[[], int]]:
    """Remind whoever is still checked in when their day ends, and half an hour later; each day on its own."""
    return [partial(_remind, day_id) for day_id in reminders.due(at)]


def _remind(day_id: int) -> int:
    return reminders.remind(db.session.get_one(ServiceDay, day_id))
