"""A month as a calendar shows it: whole weeks from Monday, each date with its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from volunteer.service_days.calendar import Holidays


@dataclass
class Cell:
    """One date: whether it belongs to the month, what the calendar says of it, the service days on it."""

    on: date
    inside: bool
    holiday: str | None
    name: str
    rows: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """A month, its first and last date, and its neighbours as an address names them."""

    first: date

    @classmethod
    def of(cls, text: str | None, today: date) -> Month:
        """The month "2026-03" names; this month where it names none, or one too far away to be meant."""
        try:
            first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
        except ValueError:
            first = today.replace(day=1)
        return cls(first if abs(first.year - today.year) <= 5 else today.replace(day=1))

    @property
    def last(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def before(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        return f"{self.last + timedelta(days=1):%Y-%m}"

    def weeks(self, rows: Sequence[Any], holidays: Holidays) -> list[list[Cell]]:
        """Whole weeks that cover the month; `rows` are put on the date of their ServiceDay."""
        start = self.first - timedelta(days=self.first.weekday())
        end = self.last + timedelta(days=6 - self.last.weekday())
        cells = {
            on: Cell(on, on.month == self.first.month, holidays.kind(on), holidays.name(on))
            for on in (start + timedelta(days=n) for n in range((end - start).days + 1))
        }
        for row in rows:
            if row.ServiceDay.on in cells:
                cells[row.ServiceDay.on].rows.append(row)
        listed = list(cells.values())
        return [listed[n : n + 7] for n in range(0, len(listed), 7)]
