"""What leaves the inbox goes out every minute, and is forgotten after a month."""

from __future__ import annotations

from datetime import date, datetime

from volunteer import clock, timetable
from volunteer.notices import outbox


@timetable.every("notices.send", minutes=1, alone=True)
def send(at: datetime) -> dict[str, int]:
    """Send text messages and mails that are due, each claimed before it is sent."""
    return outbox.send_due()


@timetable.daily("notices.tidy", at="03:50")
def tidy(on: date) -> int:
    """Forget what was sent long ago."""
    return outbox.tidy(clock.now())
