"""Random lives in two communities; the platform does what a plain reference says, step by step."""

from __future__ import annotations

from tests.faults import model  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_whatever_people_do_comes_out_as_the_reference_says(engine):
    """F22, V21, M5: 82 kinds of acts in any order, through the web; points, places, hours, vouchers, gifts, bills as they must.

    Two lives go by the book first, so that each kind of act goes well at least once; then random ones.
    """
    prove("F22", engine.name)
