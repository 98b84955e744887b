"""Ghost rings: teams whose check-ins look made up. Pure: no database, no clock.

Three signs, after what is known of sold hours: the same people every time, many check-ins within two seconds of one
another, and people nobody else ever sees. One alone has innocent reasons; a team is shown when two come together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

DAYS_LEAST = 3
PEOPLE_LEAST = 4
SIGNS_LEAST = 2
SAME_CROWD = 0.9
APART = timedelta(seconds=2)
RUSHED = 0.5
UNSEEN = 0.3


@dataclass(frozen=True)
class Stay:
    """A check-in, as far as the signs go."""

    team_id: int
    day_id: int
    volunteer_id: int
    at: datetime


@dataclass(frozen=True)
class Signs:
    """What a team's check-ins look like: shares between 0 and 1."""

    team_id: int
    days: int
    people: int
    same: float
    rushed: float
    unseen: float

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the signs that hold."""
        signs = (
            ("same", self.same > SAME_CROWD),
            ("rushed", self.rushed > RUSHED),
            ("unseen", self.unseen >= UNSEEN),
        )
        return tuple(name for name, holds in signs if holds)


def suspects(stays: Iterable[Stay]) -> list[Signs]:
    """The teams that show at least two signs among these check-ins. Pure: no database, no clock."""
    by_team: dict[int, dict[int, list[Stay]]] = defaultdict(lambda: defaultdict(list))
    teams_of: dict[int, set[int]] = defaultdict(set)
    for stay in stays:
        by_team[stay.team_id][stay.day_id].append(stay)
        teams_of[stay.volunteer_id].add(stay.team_id)
    shown = [_signs(team, list(days.values()), teams_of) for team, days in sorted(by_team.items())]
    return sorted(
        (one for one in shown if one is not None and len(one.found) >= SIGNS_LEAST),
        key=lambda one: (-len(one.found), -one.people, one.team_id),
    )


def _signs(team_id: int, days: Sequence[list[Stay]], teams_of: dict[int, set[int]]) -> Signs | None:
    people = {stay.volunteer_id for day in days for stay in day}
    if len(days) < DAYS_LEAST or len(people) < PEOPLE_LEAST:
        return None
    ordered = sorted(days, key=lambda day: min(stay.at for stay in day))
    crowds = [{stay.volunteer_id for stay in day} for day in ordered]
    alike = [len(one & two) / len(one | two) for one, two in pairwise(crowds)]
    close = whole = 0
    for day in ordered:
        times = sorted(stay.at for stay in day)
        whole += len(times) - 1
        close += sum(after - before <= APART for before, after in pairwise(times))
    return Signs(
        team_id=team_id,
        days=len(days),
        people=len(people),
        same=sum(alike) / len(alike),
        rushed=close / whole if whole else 0.0,
        unseen=sum(len(teams_of[one]) == 1 for one in people) / len(people),
    )
