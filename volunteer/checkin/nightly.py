"""Forgotten check-outs and roll-calls close by themselves, every five minutes."""

from __future__ import annotations

from datetime import datetime

from volunteer import timetable
from volunteer.checkin import roll, rollcall


@timetable.every("checkin.close", minutes=5)
def close_forgotten(at: datetime) -> int:
    """Close the stays whose time to check out is over."""
    return roll.close_forgotten(at)


@timetable.every("checkin.roll_calls", minutes=5)
def close_roll_calls(at: datetime) -> int:
    """Close the roll-calls whose quarter of an hour is over."""
    return rollcall.close_lapsed(at)
