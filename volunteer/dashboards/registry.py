"""What features bring: panels for the dashboard and items for the inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement

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


Bring = Callable[[], Iterable[Item]]


@dataclass(frozen=True)
class Box:
    """What one feature brings to the inbox, for whom, and when there may be anything in it."""

    right: str
    bring: Bring
    when: Callable[[], ColumnElement[bool]] | None


_panels: dict[str, tuple[int, Callable[[Scope], Panel]]] = {}
_inbox: dict[str, Box] = {}


def panel(name: str, *, order: int = 50) -> Callable[[Callable[[Scope], Panel]], Callable[[Scope], Panel]]:
    """Put a box on the dashboard of whoever may read dashboards."""

    def register(draw: Callable[[Scope], Panel]) -> Callable[[Scope], Panel]:
        _panels[name] = (order, draw)
        return draw

    return register


def inbox(
    name: str, *, right: str, when: Callable[[], ColumnElement[bool]] | None = None
) -> Callable[[Bring], Bring]:
    """Bring what waits for a decision to whoever has the right; the function narrows to their reach itself.

    `when` gives the condition that some row meets whenever there is anything to bring; it may know the day and the
    roles of whoever is signed in, and not who they are. All are asked at once, and where none is met nobody is.
    """

    def register(waiting: Bring) -> Bring:
        _inbox[name] = Box(right, waiting, when)
        return waiting

    return register


def panels() -> list[tuple[str, Callable[[Scope], Panel]]]:
    """Every panel in its order."""
    return [(name, draw) for name, (_order, draw) in sorted(_panels.items(), key=lambda one: one[1][0])]


def inboxes() -> dict[str, Box]:
    return dict(_inbox)
