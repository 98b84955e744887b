"""Times as people write and type them: "9:05", "0905", "9.05", "9点05"; on which date they fall."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta

from volunteer import clock, service_days
from volunteer.service_days import ServiceDay

#: What stands for "as in the row above", on paper and on the number pad of a phone.
DITTO = frozenset((".", "。", '"', "''", "〃", "″", "”", "“", "同上", "、、"))
_PARTS = re.compile(r"([0-9]{1,2})[:.点时,]\s?([0-9]{2})分?|([0-9]{1,2})([0-9]{2})|([0-9]{1,2})[点时]")


def read(text: str) -> time | None:
    """Return the time a text names; None when it names none."""
    found = _PARTS.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    hour, minute = int(found[1] or found[3] or found[5]), int(found[2] or found[4] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def is_ditto(text: str) -> bool:
    """Whether a text says "as above"."""
    return text.strip() in DITTO or unicodedata.normalize("NFKC", text).strip() in DITTO


def on(day: ServiceDay, at: time) -> datetime:
    """Return the moment a time names: on the day, or on the next one for a service that lasts past midnight."""
    windows = service_days.windows(day)
    first = windows.checkin_opens.astimezone(clock.ZONE).date()
    last = windows.checkout_closes.astimezone(clock.ZONE).date()
    named = [
        datetime.combine(first + timedelta(days=n), at, clock.ZONE) for n in range((last - first).days + 1)
    ]
    inside = (one for one in named if windows.checkin_opens <= one <= windows.checkout_closes)
    begins = day.starts_at.astimezone(clock.ZONE).date()
    return next(inside, datetime.combine(begins, at, clock.ZONE))
