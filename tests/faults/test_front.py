"""Slow senders do not keep those away who behave."""

from __future__ import annotations

from tests.faults import front  # noqa: F401  (registers it)
from tests.faults.registry import prove


def test_slow_headers_bodies_and_readers_keep_nobody_out():
    """F18: through our own nginx sample, everybody else is answered."""
    prove("F18", "sqlite")
