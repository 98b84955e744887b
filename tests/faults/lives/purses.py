"""Where points are and how they move, in plain Python: purses by the month they end in, and what can only be given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

Parts = list[tuple[str, int]]
Purse = dict[tuple[int, str], int]


class No(Exception):
    """Refused, with the code."""


def month_after(on: date, months: int) -> str:
    """A month as purses and bills name it."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return f"{year}-{month + 1:02}"


@dataclass(frozen=True)
class Rules:
    """What the town's rules say from a day on."""

    since: date
    per_hour: int
    life: int  # months
    annual: int  # 0 is off
    balance: int
    a_day: int  # vouchers a person may use at one shop in a day; 0 is off


@dataclass
class Purses:
    """What everybody has, and what they may have."""

    now: datetime
    rules: list[Rules] = field(default_factory=list)
    purses: Purse = field(default_factory=dict)
    surplus: Purse = field(default_factory=dict)

    @property
    def month(self) -> str:
        return f"{self.now:%Y-%m}"

    def ruled(self, on: date) -> Rules:
        return max((one for one in self.rules if one.since <= on), key=lambda one: one.since)

    def balance(self, who: int) -> int:
        return sum(left for (one, month), left in self.purses.items() if one == who and month >= self.month)

    def fits(self, who: int, earned: int, on: date, this_year: int | None = None) -> tuple[int, int]:
        """What of it may be spent, and what can only be given: under the most one may hold, and may earn in a year."""
        rules = self.ruled(on)
        room = max(0, rules.balance - self.balance(who))
        if rules.annual and this_year is not None:
            room = min(room, max(0, rules.annual - this_year))
        return min(earned, room), earned - min(earned, room)

    def earn(self, who: int, points: int, beyond: int, on: date) -> None:
        purse = (who, month_after(on, self.ruled(on).life))
        self.put(self.purses, purse, points)
        self.put(self.surplus, purse, beyond)

    def unearn(self, who: int, points: int, beyond: int, on: date) -> None:
        purse = (who, month_after(on, self.ruled(on).life))
        if self.purses.get(purse, 0) < points or self.surplus.get(purse, 0) < beyond:
            raise No("ledger.spent")
        self.earn(who, -points, -beyond, on)

    def take(self, out_of: Purse, who: int, points: int, only: str | None = None) -> Parts:
        """Take up to so many points, what ends soonest first; `only` what ends with that month."""
        parts: Parts = []
        for one, month in sorted(out_of):
            part = min(points, out_of[one, month])
            if one == who and month >= self.month and only in (None, month) and part:
                out_of[one, month] -= part
                points -= part
                parts.append((month, part))
        return parts

    def put(self, into: Purse, purse: tuple[int, str], points: int) -> None:
        if points:
            into[purse] = into.get(purse, 0) + points

    def home(self, who: int, parts: Parts) -> None:
        """Give back what was held; a month that is past lives thirty days more."""
        for month, part in parts:
            if month < self.month:
                month = f"{self.now.date() + timedelta(days=30):%Y-%m}"
            self.put(self.purses, (who, month), part)

    def expire(self) -> None:
        for kind in (self.purses, self.surplus):
            for purse in kind:
                if purse[1] < self.month:
                    kind[purse] = 0
