"""How often somebody may try: counters in the database, shared by every process, kept whatever the request comes to.

Counters are written in a short transaction of their own, before the request's. A try that is refused counts for
nothing, so nobody is locked out for good; when the counters cannot be reached, the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from flask import Response, after_this_request
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection, String, case, delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock
from volunteer.db import apart, db
from volunteer.errors import Busy, TooMany

DELAY_MAX = 900
#: How fast somebody may leaf through lists of people: enough to look for one, too slow to copy them all.
LISTS = "60/10minutes"


class Counter(db.Model):
    """How often something was tried since a window began, and when the window ends (seconds since 1970)."""

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    hits: Mapped[int]
    ends_at: Mapped[float] = mapped_column(index=True)


_connection: ContextVar[Connection] = ContextVar("limits.connection")
_counts: ContextVar[bool] = ContextVar("limits.counts", default=False)


class Rows(Storage):
    """The storage of the limits library on our own table; one statement a count, on both engines."""

    STORAGE_SCHEME = ["rows"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return DBAPIError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = clock.now().timestamp()
        first = db.insert(Counter).values(key=key, hits=max(amount, 0), ends_at=now + expiry)
        over = Counter.ends_at <= now
        count = first.on_conflict_do_update(
            index_elements=[Counter.key],
            set_={
                "hits": case((over, first.excluded.hits), else_=Counter.hits + amount),
                "ends_at": case((over, first.excluded.ends_at), else_=Counter.ends_at),
            },
        )
        return int(_connection.get().execute(count.returning(Counter.hits)).scalar_one())

    def get(self, key: str) -> int:
        live = select(Counter.hits).where(Counter.key == key, Counter.ends_at > clock.now().timestamp())
        return int(_connection.get().execute(live).scalar() or 0)

    def get_expiry(self, key: str) -> float:
        ends = _connection.get().execute(select(Counter.ends_at).where(Counter.key == key)).scalar()
        return float(ends or clock.now().timestamp())

    def check(self) -> bool:
        _connection.get().execute(select(1))
        return True

    def reset(self) -> int:
        return _connection.get().execute(delete(Counter)).rowcount or 0

    def clear(self, key: str) -> None:
        _connection.get().execute(delete(Counter).where(Counter.key == key))


_rows = Rows()
_window = FixedWindowRateLimiter(_rows)


def hit(name: str, key: Any, often: str) -> None:
    """Count a try against one or several limits, "1/minute;5/hour".

    :raises TooMany: with `retry_after` in seconds; then the try is not counted anywhere
    """
    with _counting():
        waits = [
            _seconds_left(item.key_for(name, str(key)))
            for item in _items(often)
            if not _window.hit(item, name, str(key))
        ]
        if waits:
            raise TooMany(retry_after=max(waits))


@contextmanager
def all_or_none() -> Iterator[None]:
    """Several counts that stand or fall together: what is refused inside, for whatever reason, is counted nowhere."""
    with _counting():
        yield


def hit_today(name: str, *, least: int, most: int, times: int, days: int = 7) -> None:
    """Count a try against `times` the daily mean of the days before, never under `least` nor over `most`.

    :raises TooMany: until midnight, with today's `_most` in its facts; then the try is not counted
    """
    today = clock.today()
    with _counting():
        before = sum(_rows.get(f"{name}/{today - timedelta(days=back)}") for back in range(1, days + 1))
        cap = min(most, max(least, times * before // days))
        if _rows.incr(f"{name}/{today}", (days + 1) * 86400) > cap:
            begun = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
            left = begun + timedelta(days=1) - clock.now()
            raise TooMany(retry_after=max(1, round(left.total_seconds())), _most=cap)


def leaf(person_id: int, page: str) -> None:
    """Count a list of people that somebody opens; the same page again within ten minutes is no other list.

    Where the counters cannot be reached the list is shown: it is read at the gate while people wait.

    :raises TooMany: beyond sixty in ten minutes
    """
    with suppress(Busy), _counting():
        if _rows.incr(f"list/{person_id}/{page}", 600) == 1:
            hit("lists", person_id, LISTS)


def look(name: str, key: Any, often: str) -> None:
    """Refuse when no try is left, and count nothing: where only failures count, they are counted by `hit`.

    :raises TooMany: with `retry_after` in seconds
    """
    mark = _connection.set(db.session.connection())  # only read, so in whatever transaction there is
    try:
        for item in _items(often):
            if not _window.test(item, name, str(key)):
                raise TooMany(retry_after=_seconds_left(item.key_for(name, str(key))))
    finally:
        _connection.reset(mark)


def slow(name: str, key: Any, *, free: int = 10) -> None:
    """Count a try; beyond `free` in an hour each one waits twice as long as the last, up to a quarter of an hour.

    :raises TooMany: while the wait is not over; then the try is not counted
    """
    tries, pause = f"{name}/{key}/tries", f"{name}/{key}/pause"
    with _counting():
        beyond = _rows.incr(tries, 3600) - free
        if beyond > 0 and _rows.incr(pause, min(2 ** min(beyond - 1, 20), DELAY_MAX)) > 1:
            raise TooMany(retry_after=_seconds_left(pause))


def forgive(name: str, key: Any) -> None:
    """Forget the tries counted by `slow`: it was them after all."""
    with _counting():
        for what in ("tries", "pause"):
            _rows.clear(f"{name}/{key}/{what}")


def forgive_after(name: str, key: Any) -> None:
    """Forget them once the request's own transaction is over."""

    @after_this_request
    def _forgive(response: Response) -> Response:
        forgive(name, key)
        return response


def give_back(name: str, key: Any, often: str) -> None:
    """Take one try back, where only failures should count."""
    with _counting():
        for item in _items(often):
            _rows.incr(item.key_for(name, str(key)), item.get_expiry(), amount=-1)


def prune() -> int:
    """Drop the counters whose window is over; return how many."""
    return db.session.execute(delete(Counter).where(Counter.ends_at <= clock.now().timestamp())).rowcount or 0


def _items(often: str) -> list[RateLimitItem]:
    return parse_many(often)


def _seconds_left(key: str) -> int:
    return max(1, round(_rows.get_expiry(key) - clock.now().timestamp()))


@contextmanager
def _counting() -> Iterator[None]:
    """One short transaction; a refusal rolls its counts back, a database out of reach refuses."""
    if _counts.get():
        yield
        return
    outer = _counts.set(True)
    try:
        with apart() as connection:
            mark = _connection.set(connection)
            try:
                yield
            finally:
                _connection.reset(mark)
    except DBAPIError as error:
        raise Busy from error
    finally:
        _counts.reset(outer)
