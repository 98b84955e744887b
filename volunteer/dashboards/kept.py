"""Panels as they were drawn a moment ago: an office that looks all day costs the gate next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app

from volunteer import clock, i18n
from volunteer.dashboards import registry
from volunteer.dashboards.registry import Panel, Scope

#: So many areas and stretches at once; the one drawn longest ago makes room.
MOST = 128


@dataclass(frozen=True)
class Drawn:
    """Every panel of an area and a stretch, by name, and the moment they are of."""

    panels: list[tuple[str, Panel]]
    at: datetime


def init_app(app: Flask, seconds: int) -> None:
    """Let a process keep what it has drawn for so many seconds; none keeps nothing."""
    app.extensions["panels"] = timedelta(seconds=seconds), {}


def panels(scope: Scope) -> Drawn:
    """Every panel in its order, drawn now or a few seconds ago.

    What a panel says depends on its scope and on the language alone, so whoever may see the area sees the same.
    """
    last, kept = current_app.extensions["panels"]
    key, now = (scope, i18n.locale()), clock.now()
    found: Drawn | None = kept.get(key)
    # A clock that went back keeps nothing longer.
    if found is not None and timedelta() <= now - found.at < last:
        return found
    drawn = Drawn([(name, draw(scope)) for name, draw in registry.panels()], now)
    if last:
        kept.pop(key, None)
        kept[key] = drawn
        while len(kept) > MOST:
            kept.pop(next(iter(kept)), None)
    return drawn
