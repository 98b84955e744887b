"""The second in which a voucher's last day ends, and the month its points end in."""

from __future__ import annotations

from tests.faults import lastsecond  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_in_its_last_second_a_voucher_ends_one_way_and_its_points_are_in_one_place(engine):
    """F31, SU-05, LG-18, LG-24: used, shown, given up, lapsed and expired at one barrier, both sides of midnight."""
    prove("F31", engine.name)
