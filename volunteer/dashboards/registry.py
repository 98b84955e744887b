"""What features bring: panels for the dashboard and items for the inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from volunteer.i18n import Sentence


@dataclass(frozen=True)
class Scope:
    """An area and all below it, from a day to a day, both included."""

    path: str
    start: date
    end: date


@dataclass(frozen=True)
class Series:
    label: Sentence | str
    values: Sequence[float]
    colour: str | None = None


@dataclass(frozen=True)
class Chart:
    labels: Sequence[str]
    series: Sequence[Series]
    kind: str = "bar"
    unit: Sentence | None = None


@dataclass(frozen=True)
class Panel:
    """One box: a number, its trend, a chart, the table behind it, and where it comes from."""

    title: Sentence
    value: int | float
    unit: Sentence
    source: Sentence
    before: int | float | None = None
    hours: bool = False
    chart: Chart | None = None
    heads: Sequence[Any] = field(default_factory=tuple)
    rows: Sequence[Sequence[Any]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Item:
    """Something that waits for a decision, since when, and where to decide it."""

    kind: Sentence
    title: str
    since: datetime
    url: str
    note: Sentence | str = ""


_panels: dict[str, tuple[int, Callable[[Scope], Panel]]] = {}
_inbox: dict[str, tuple[str, Callable[[], Iterable[Item]]]] = {}


def panel(name: str, *, order: int = 50) -> Callable[[Callable[[Scope], Panel]], Callable[[Scope], Panel]]:
    """Put a box on the dashboard of whoever may read dashboards."""

    def register(draw: Callable[[Scope], Panel]) -> Callable[[Scope], Panel]:
        _panels[name] = (order, draw)
        return draw

    return register


def inbox(name: str, *, right: str) -> Callable[[Callable[[], Iterable[Item]]], Callable[[], Iterable[Item]]]:
    """Bring what waits for a decision to whoever has the right; the function narrows to their reach itself."""

    def register(waiting: Callable[[], Iterable[Item]]) -> Callable[[], Iterable[Item]]:
        _inbox[name] = (right, waiting)
        return waiting

    return register


def panels() -> list[tuple[str, Callable[[Scope], Panel]]]:
    """Every panel in its order."""
    return [(name, draw) for name, (_order, draw) in sorted(_panels.items(), key=lambda one: one[1][0])]


def inboxes() -> dict[str, tuple[str, Callable[[], Iterable[Item]]]]:
    return dict(_inbox)
