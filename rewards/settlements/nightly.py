"""Last month's statements are drawn up early on the agreement's day, the first if it names none; a month that was missed is caught up on any night."""

from __future__ import annotations

from datetime import date

from rewards.settlements import drawing
from volunteer import timetable


@timetable.daily("statements.draw", at="00:30")
def draw(on: date) -> int:
    """Draw up the months that are over, for each partner from the day on that its agreement names."""
    return sum(drawing.draw(month, on=on) for month in drawing.owed_months(on))
