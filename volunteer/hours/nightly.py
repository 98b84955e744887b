"""The figures of the night, what corrections have changed in them, and teams over their month's points."""

from __future__ import annotations

from datetime import date, datetime

from volunteer import clock, timetable
from volunteer.hours import reviews, rollups, standings


@timetable.daily("hours.figures", at="00:15")
def figures(on: date) -> int:
    """Add up the days that are over."""
    return rollups.roll(on)


@timetable.daily("hours.honour", at="00:25")
def honour(on: date) -> int:
    """Put the roll of honour in order."""
    return standings.rank()


@timetable.every("hours.redo", minutes=1)
def redo(at: datetime) -> int:
    """Make anew what corrections have changed."""
    return rollups.redo(clock.today())


@timetable.every("hours.budget", minutes=30)
def hold_over_budget(at: datetime) -> int:
    """Let the days of teams wait that have had their points of the month."""
    return reviews.hold_over_budget(clock.today())
