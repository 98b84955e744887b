"""What the last quarter would have paid under other rules. Pure: stays are given, no database.

Each stay is worked out anew with the new numbers, in the order it happened, so that a day's cap counts as it did. What
one may hold and what a year may bring are not part of it: they depend on what people did with their points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from volunteer.ledger.tariff import Share, Tariff, tenths

#: Changes of a person's points in the quarter are told in four sizes: below 10, below 50, below 200, and more.
SIZES = (10, 50, 200)


@dataclass(frozen=True)
class Served:
    """One record: whose, when, for which team, and the formula it was paid by; `paid` counts what was above a limit."""

    volunteer_id: int
    on: date
    team_id: int | None
    paid: int
    formula: Mapping[str, Any]


@dataclass
class Trial:
    """Points before and after: in all, by person and by team."""

    records: int = 0
    before: int = 0
    after: int = 0
    people: dict[int, list[int]] = field(default_factory=dict)
    teams: dict[int, list[int]] = field(default_factory=dict)

    @property
    def gain(self) -> int:
        return sum(after > before for before, after in self.people.values())

    @property
    def lose(self) -> int:
        return sum(after < before for before, after in self.people.values())

    def picture(self) -> list[int]:
        """How many people lose and gain how much: from the largest losses to the largest gains, four sizes each."""
        found = [0] * 2 * (len(SIZES) + 1)
        for before, after in self.people.values():
            size = bisect_right(SIZES, abs(after - before))
            if after != before:
                found[len(SIZES) + 1 + size if after > before else len(SIZES) - size] += 1
        return found

    def movers(self, most: int, *, up: bool) -> list[tuple[int, int, int]]:
        """The people who gain (or lose) most: who, before, after."""
        changed = [
            (who, before, after)
            for who, (before, after) in self.people.items()
            if (after > before if up else after < before)
        ]
        changed.sort(key=lambda one: (one[1] - one[2] if up else one[2] - one[1], one[0]))
        return changed[:most]


def replay(stays: Iterable[Served], numbers: Tariff) -> Trial:
    """Work out what these stays would have paid; each person's stays come in the order they happened."""
    trial, used = Trial(), {}  # type: Trial, dict[tuple[int, date], int]
    for stay in stays:
        day = (stay.volunteer_id, stay.on)
        points, minutes = _worth(stay.formula, numbers, used.get(day, 0), stay.paid)
        used[day] = used.get(day, 0) + minutes
        trial.records += 1
        trial.before += stay.paid
        trial.after += points
        for whose, key in ((trial.people, stay.volunteer_id), (trial.teams, stay.team_id)):
            if key is not None:
                sums = whose.setdefault(key, [0, 0])
                sums[0] += stay.paid
                sums[1] += points
    return trial


def _worth(formula: Mapping[str, Any], numbers: Tariff, used: int, paid: int) -> tuple[int, int]:
    if formula.get("kind") != "time":
        return paid, 0  # what an activity pays flat, and what somebody decided by hand, stays what it is
    minutes, stayed = int(formula["minutes"]), int(formula["minutes"])
    if share := formula.get("share"):
        stayed = int(share["stayed"])
        minutes = numbers.counted(stayed, Share(share["done"], share["of"], share["doubtful"]))
    total, extra = tenths(formula["coefficient"]), tenths(formula.get("leader", 0))
    worth = numbers.worth(
        minutes,
        int(formula["planned"]),
        total - extra,
        formula["grade"],
        "leader" in formula,
        used,
        stayed,
    )
    return worth.points, worth.minutes_paid
