"""A shop that goes while many hold its vouchers."""

from __future__ import annotations

from tests.faults import leaving  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_a_shop_that_goes_owes_nobody_a_point_and_holds_nobody_up(engine):
    """F32, M8: every open voucher ends once and its points are home, while counters scan and the street goes on earning."""
    prove("F32", engine.name)
