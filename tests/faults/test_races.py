"""Many phones at one instant, over real HTTP and several processes."""

from __future__ import annotations

from tests.faults import races  # noqa: F401  (registers them)
from tests.faults.registry import prove


def test_the_last_item_seat_and_points_go_to_exactly_as_many_as_there_are(engine):
    """F01, T08: however many press at once, k things have k winners."""
    prove("F01", engine.name)
