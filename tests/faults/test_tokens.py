"""Codes bent in every way."""

from __future__ import annotations

from tests.faults import tokens  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_only_what_we_made_is_read():
    """F25: flipped, cut, extended, misread, of another kind, key or moment; nothing bad passes, nothing good fails."""
    prove("F25", "sqlite")
