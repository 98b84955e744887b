"""The stretch of time a dashboard looks at, and the one before it for the trend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from volunteer import clock
from volunteer.i18n import _

PERIODS = {"month": _("本月"), "quarter": _("近三个月"), "year": _("近一年"), "decade": _("近十年")}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}


def span(period: str, today: date) -> tuple[date, date]:
    """Return the first and last day: whole months back from this one, up to today."""
    months = _MONTHS.get(period, 1)
    return today.replace(day=1) - relativedelta(months=months - 1), today


def before(start: date, end: date) -> tuple[date, date]:
    """Return the equally long stretch that ends the day before."""
    days = (end - start).days
    return start - timedelta(days=days + 1), start - timedelta(days=1)


def months(start: date, end: date) -> Iterator[str]:
    """Yield "2026-03", … for every month touched."""
    at = start.replace(day=1)
    while at <= end:
        yield f"{at:%Y-%m}"
        at += relativedelta(months=1)


def working_days(since: date, until: date) -> int:
    """Count Mondays to Fridays after `since` up to `until`: the clock of an approval."""
    return sum(1 for n in range((until - since).days) if (since + timedelta(days=n + 1)).weekday() < 5)


def bounds(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month "2026-03" and of the next, in Shanghai."""
    first = datetime.combine(date.fromisoformat(f"{month}-01"), time(), clock.ZONE)
    return first, first + relativedelta(months=1)


def bounds_of(start: date, end: date) -> tuple[datetime, datetime]:
    """Return the first moment of a stretch of days and the first after it, in Shanghai."""
    return (
        datetime.combine(start, time(), clock.ZONE),
        datetime.combine(end + timedelta(days=1), time(), clock.ZONE),
    )
