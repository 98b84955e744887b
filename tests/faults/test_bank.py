"""Points move between many hands in many processes; all of them together stay the same."""

from __future__ import annotations

from tests.faults import bank  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_whoever_adds_everything_up_always_gets_the_same(engine):
    """F24, T08: processes move points between five people while others sum all there are."""
    prove("F24", engine.name)
