"""Today's days are looked at every five minutes, teams every night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from volunteer import timetable
from volunteer.anomalies import watch
from volunteer.db import db
from volunteer.service_days import ServiceDay


@timetable.every("anomalies.days", minutes=5)
def days(at: datetime) -> list[Callable[[], int]]:
    """Look at the days that are on or have just been, each on its own."""
    return [partial(_look, day_id) for day_id in watch.due(at)]


@timetable.daily("anomalies.teams", at="01:20")
def teams(on: date) -> int:
    """Look at every team's last ninety days, and let the coming days of one that looks made up wait."""
    found = len(watch.look_at_teams(on))
    watch.hold_rings(on)
    return found


def _look(day_id: int) -> int:
    return len(watch.look_at(db.session.get_one(ServiceDay, day_id, with_for_update=True)))
