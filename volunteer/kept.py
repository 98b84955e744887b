"""What was drawn or counted a moment ago, for the page that is read all day: it costs the gate next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    app.extensions["kept"] = timedelta(seconds=seconds), {}


def lately(key: Hashable, make: Callable[[], Any]) -> Kept:
    """Return what was made under this key a few seconds ago, or make it now."""
    last, things = current_app.extensions["kept"]
    now = clock.now()
    found: Kept | None = things.get(key)
    # A clock that went back keeps nothing longer.
    if found is not None and timedelta() <= now - found.at < last:
        return found
    made = Kept(make(), now)
    if last:
        things.pop(key, None)
        things[key] = made
        while len(things) > MOST:
            things.pop(next(iter(things)), None)
    return made
