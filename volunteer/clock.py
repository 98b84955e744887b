"""What time it is. The only place that asks the machine; everyone else asks here or is given a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_here: ContextVar[datetime | None] = ContextVar("clock.stopped", default=None)
_everywhere: list[datetime] = []
_ahead: timedelta | None = None


class Unclear(ValueError):
    """A text that names no single moment: no offset, no such day, no date at all."""


def now() -> datetime:
    """Return the moment it is, in Shanghai: the stopped one, the rehearsed one, or the real one."""
    stopped_at = _here.get()
    if stopped_at is not None:
        return stopped_at
    if _everywhere:
        return _everywhere[-1]
    return datetime.now(ZONE) + (_ahead or timedelta())


def today() -> date:
    """Return the date on a wall calendar in Shanghai."""
    return now().date()


def moment(text: str) -> datetime:
    """Return the moment an ISO 8601 text names, in Shanghai.

    :raises Unclear: if it has no offset (09:00 where?) or names no moment
    """
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is None:
            raise Unclear(f"a moment needs its offset, such as 2026-12-13T09:00:00+08:00: {text[:40]!r}")
        return at.astimezone(ZONE)
    except (ValueError, OverflowError) as fault:
        if isinstance(fault, Unclear):
            raise
        raise Unclear(f"not a moment: {text[:40]!r}") from None


@contextmanager
def stopped(at: datetime | str, *, everywhere: bool = False) -> Iterator[datetime]:
    """Hold the clock at one moment inside the block; blocks may nest.

    The timetable holds it at the planned moment, so a night can be run again. It holds for this context
    (thread, request); `everywhere` holds it for every thread and context that does not hold its own.
    """
    held = _aware(at)
    if everywhere:
        _everywhere.append(held)
        try:
            yield held
        finally:
            _everywhere.remove(held)
        return
    token = _here.set(held)
    try:
        yield held
    finally:
        _here.reset(token)


def rehearse(at: datetime | str | None) -> None:
    """Believe in the whole process that it is this moment, and tick on from there; None ends the rehearsal."""
    global _ahead
    _ahead = None if at is None else _aware(at) - datetime.now(ZONE)


def rehearsing() -> bool:
    """Whether the process believes a moment it was told; every page says so then."""
    return _ahead is not None


def _aware(at: datetime | str) -> datetime:
    if isinstance(at, str):
        return moment(at)
    if at.tzinfo is None:
        raise Unclear(f"a moment needs its offset: {at.isoformat()}")
    return at.astimezone(ZONE)
