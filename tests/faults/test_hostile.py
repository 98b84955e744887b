"""People paste what they like."""

from __future__ import annotations

from tests.faults import hostile  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_no_text_breaks_anything_and_what_is_stored_is_shown(engine):
    """F20: joiners, turned reading, NUL, lone surrogates, broken UTF-8, far too much, into field after field."""
    prove("F20", engine.name)
