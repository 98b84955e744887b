"""Several hosts each have a scheduler, and hosts fail."""

from __future__ import annotations

from tests.faults import nights  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_four_schedulers_that_die_and_pause_work_each_night_once(engine):
    """F26, T35: real schedulers are killed or stand still, mostly at work; no night is missed, none worked twice."""
    prove("F26", engine.name)
