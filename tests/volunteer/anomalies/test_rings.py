"""Planted rings among honest teams: nearly all are shown, and hardly anybody else."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from volunteer import clock
from volunteer.anomalies.rings import Stay, suspects

HONEST = 120
RINGS = 5
FIRST = datetime(2026, 1, 3, 9, 0, tzinfo=clock.ZONE)


def _street(seed: int) -> tuple[list[Stay], set[int]]:
    """A quarter of a street's check-ins: honest teams, and five rings whose leader signs ghosts in from one desk."""
    chance = random.Random(seed)
    stays: list[Stay] = []
    day_id = 0
    rings = set(range(HONEST, HONEST + RINGS))
    for team in range(HONEST + RINGS):
        size = chance.randint(8, 30)
        # People of a team are its own, and some come along to others; ghosts live in their ring alone.
        members = [team * 100 + n for n in range(size)]
        guests = [chance.randrange(HONEST) * 100 + chance.randrange(8) for _n in range(size)]
        for week in range(chance.randint(4, 12)):
            day_id += 1
            at = FIRST + timedelta(weeks=week)
            if team in rings:
                came = [one for one in members if chance.random() < 0.98]
                times = [at + timedelta(seconds=n * chance.uniform(0.4, 2.2)) for n in range(len(came))]
            else:
                turnout = chance.uniform(0.5, 0.95)  # a close-knit team comes nearly whole
                came = [one for one in members if chance.random() < turnout]
                came += [one for one in guests if chance.random() < 0.15]
                times = [at + timedelta(seconds=chance.uniform(0, 1800)) for _one in came]
            stays += [Stay(team, day_id, who, when) for who, when in zip(came, times, strict=True)]
    return stays, rings


def test_four_of_five_planted_rings_are_found_and_two_in_a_hundred_others_at_most() -> None:
    """T06: ten seeded streets of 120 honest teams and five rings; each street is held to it by itself."""
    for seed in range(10):
        stays, rings = _street(seed)
        shown = {signs.team_id for signs in suspects(stays)}
        assert len(shown & rings) >= 4, f"seed {seed}: {sorted(shown & rings)}"
        assert len(shown - rings) <= 0.02 * HONEST, f"seed {seed}: {sorted(shown - rings)}"


def test_a_team_of_two_days_or_three_people_says_nothing() -> None:
    stays = [
        Stay(1, day, who, FIRST + timedelta(days=day, seconds=who)) for day in range(2) for who in range(20)
    ]
    stays += [
        Stay(2, 10 + day, 100 + who, FIRST + timedelta(days=day, seconds=who))
        for day in range(5)
        for who in range(3)
    ]
    assert suspects(stays) == []
