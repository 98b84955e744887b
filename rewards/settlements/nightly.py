"""Last month's statements are drawn up early on the first; a month that was missed is caught up on any night."""

from __future__ import annotations

from datetime import date

from rewards.settlements import drawing
from volunteer import timetable


@timetable.daily("statements.draw", at="00:30")
def draw(on: date) -> int:
    """Draw up the months that are over."""
    return sum(drawing.draw(month) for month in drawing.owed_months(on))
