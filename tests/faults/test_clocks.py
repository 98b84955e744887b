"""The machine's clock is wrong, and put right again."""

from __future__ import annotations

from tests.faults import clocks  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_a_clock_that_jumps_ends_nothing_early_and_takes_nothing_twice(engine):
    """F13: hours ahead and back, over ends of months and years: nights once, sessions alive, codes once, amber."""
    prove("F13", engine.name)
