"""The disk is full, or the log lost its end: what was acknowledged is there, and people are told what is not."""

from __future__ import annotations

import pytest

from tests.faults import storage  # noqa: F401  (registers them)
from tests.faults.registry import prove


def test_a_full_disk_refuses_writing_goes_on_reading_and_heals(engine):
    """F07: 503 storage.full while there is no room, not ready meanwhile, good answers again once there is."""
    prove("F07", engine.name)


def test_a_torn_log_opens_to_what_was_so_before(engine):
    """F06: wherever the log of embedded SQLite is cut or one bit of it turned, what opens is a prefix of history."""
    if engine.name != "sqlite":
        pytest.skip("this log is embedded SQLite's; PostgreSQL checks its own by sums, and F04 kills it")
    prove("F06", engine.name)
