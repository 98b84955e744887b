"""The figures of the night, and what corrections have changed in them."""

from __future__ import annotations

from datetime import date, datetime

from volunteer import clock, timetable
from volunteer.hours import rollups


@timetable.daily("hours.figures", at="00:15")
def figures(on: date) -> int:
    """Add up the days that are over."""
    return rollups.roll(on)


@timetable.every("hours.redo", minutes=1)
def redo(at: datetime) -> int:
    """Make anew what corrections have changed."""
    return rollups.redo(clock.today())
