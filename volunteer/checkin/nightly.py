"""Forgotten check-outs close by themselves, every five minutes."""

from __future__ import annotations

from datetime import datetime

from volunteer import timetable
from volunteer.checkin import roll


@timetable.every("checkin.close", minutes=5)
def close_forgotten(at: datetime) -> int:
    """Close the stays whose time to check out is over."""
    return roll.close_forgotten(at)
