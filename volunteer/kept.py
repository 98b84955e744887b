"""What was drawn or counted a moment ago, for the page that is read all day: it costs the gate next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from flask import Flask, current_app

from volunteer import clock

#: So many things at once; what was kept first makes room.
MOST = 512


@dataclass(frozen=True)
class Kept:
    """Something, and the moment it is of."""

    what: Any
    at: datetime


def init_app(app: Flask, seconds: int) -> None:
    """Let a process keep things for so many seconds; none keeps nothing."""
    app.extensions["kept"] = _Keeping(timedelta(seconds=seconds))


def lately(key: Hashable, make: Callable[[], Any]) -> Kept:
    """Return what was made under this key a few seconds ago, or make it now.

    One makes it for all: who comes meanwhile is shown the one before, or waits where there is none.
    """
    keeping: _Keeping = current_app.extensions["kept"]
    if not keeping.last:
        return _made(make)
    found = keeping.things.get(key)
    if found is not None and keeping.fresh(found):
        return found
    turn = keeping.turn(key)
    if found is not None and turn.locked():
        return found
    with turn:
        found = keeping.things.get(key)
        if found is None or not keeping.fresh(found):
            found = _made(make)
            keeping.put(key, found)
        return found


def _made(make: Callable[[], Any]) -> Kept:
    at = clock.now()  # of before: what happens while it is made may not be in it
    return Kept(make(), at)


class _Keeping:
    def __init__(self, last: timedelta) -> None:
        self.last = last
        self.things: dict[Hashable, Kept] = {}
        self._turns: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def fresh(self, found: Kept) -> bool:
        # A clock that went back keeps nothing longer.
        return timedelta() <= clock.now() - found.at < self.last

    def turn(self, key: Hashable) -> Lock:
        with self._lock:
            return self._turns.setdefault(key, Lock())

    def put(self, key: Hashable, made: Kept) -> None:
        with self._lock:
            self.things.pop(key, None)
            self.things[key] = made
            while len(self.things) > MOST:
                oldest = next(iter(self.things))
                del self.things[oldest]
                self._turns.pop(oldest, None)
