"""A day in one thread: every interleaving, every death, every lost answer comes from a seed and comes again with it."""

from __future__ import annotations

from tests.faults import simulator
from tests.faults.registry import prove


def test_whoever_goes_first_and_whoever_dies_nothing_is_lost_doubled_or_made_up(engine):
    """F23, T08: actors stop at every statement, die there, tap twice; what was told is stored, the books are clean."""
    prove("F23", engine.name)


def test_a_seed_is_one_story_and_another_seed_is_another(engine):
    """F23: the same seed replays statement by statement."""
    told = [simulator.simulate(engine.name, seed) for seed in (7, 7, 8)]
    assert told[0] == told[1]
    assert told[0].trace != told[2].trace
