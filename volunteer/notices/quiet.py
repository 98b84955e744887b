"""Quiet hours: from ten in the evening to seven in the morning no phone rings because of us."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from volunteer import clock

BEGINS, ENDS = time(22), time(7)


def when(now: datetime, before: datetime | None) -> datetime:
    """The moment at which something may be sent: now, or at seven; now too where seven would be too late."""
    local = now.astimezone(clock.ZONE)
    if ENDS <= local.time() < BEGINS:
        return now
    day = local.date() + timedelta(days=1) if local.time() >= BEGINS else local.date()
    morning = datetime.combine(day, ENDS, clock.ZONE)
    return now if before is not None and before <= morning else morning
