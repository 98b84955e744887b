"""T01: how old a code may be, second by second, and at ten thousand ages nobody chose."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from volunteer import clock, codes
from volunteer.checkin import passes
from volunteer.signing import Forged, Keyring

KEYS = Keyring(["a-secret-for-tests-0123456789-abcdef"])
DAY = b"day-7"
NINE = datetime(2026, 3, 8, 9, 0, tzinfo=clock.ZONE)


def _accepted(code: str, at: datetime) -> bool:
    read = passes.read_wall(KEYS, code)
    try:
        passes.fresh(read.step, at)
    except passes.Stale:
        return False
    return True


@pytest.mark.parametrize("age", range(61))
def test_a_picture_of_this_age_is_accepted_only_in_its_step_and_the_next(age: int) -> None:
    """T01: for every age from 0 to 60 s, at every second of a step, exactly the step now and the one before."""
    for second in range(passes.PERIOD):
        shown = NINE + timedelta(seconds=second)
        code = passes.wall_code(KEYS, DAY, shown)
        meant = passes.step_at(shown + timedelta(seconds=age)) - passes.step_at(shown) in (0, 1)
        assert _accepted(code, shown + timedelta(seconds=age)) is meant, (second, age)
        assert not meant or age <= 29, "never more than thirty seconds"


def test_ten_thousand_ages_nobody_chose() -> None:
    """T01: 10⁴ random moments and ages to the millisecond, none decided wrongly."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    wrong = []
    for _one in range(10_000):
        shown = NINE + timedelta(milliseconds=chance.randrange(10**10))
        age = timedelta(milliseconds=chance.randrange(-60_000, 120_000))
        steps = passes.step_at(shown + age) - passes.step_at(shown)
        if _accepted(passes.wall_code(KEYS, DAY, shown), shown + age) is not (steps in (0, 1)):
            wrong.append((shown, age))
    assert wrong == [], f"seed {seed}"


def test_every_single_flipped_bit_of_a_wall_code_is_refused() -> None:
    """T05: all 216 one-bit neighbours of a good code."""
    raw = codes.decode(passes.wall_code(KEYS, DAY, NINE), codes.WALL.size)
    assert codes.WALL.size * 8 == 216
    for bit in range(216):
        changed = int.from_bytes(raw) ^ 1 << bit
        with pytest.raises(Forged):
            passes.read_wall(KEYS, codes.encode(changed.to_bytes(codes.WALL.size)))
