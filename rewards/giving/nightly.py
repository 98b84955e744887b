"""The evening a purse ends, what is in it goes where its owner said; at night, projects past their last day close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rewards.giving import endings, projects
from volunteer import timetable


@timetable.daily("giving.close", at="00:10")
def close(on: date) -> int:
    """Close what was to be given until yesterday."""
    return projects.close_past(on)


# Before midnight: points whose month is past can be given no more, and `ledger.expire` empties their purses at 00:20.
@timetable.daily("giving.endings", at="23:30")
def give_what_ends(on: date) -> list[Callable[[], int]]:
    """On a month's last evening give what ends with it as its owners chose, each person by themselves."""
    return endings.due(on)
