"""Processes die under load: nothing that was acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import pytest

from tests.faults import kills  # noqa: F401  (registers them)
from tests.faults.registry import prove


def test_web_workers_are_killed_and_every_scan_counts_once(engine):
    """F02: a worker dies every 100 ms; whoever had an answer is in the books, whoever had none asks again."""
    prove("F02", engine.name)


def test_the_whole_service_is_killed_and_started_again(engine):
    """F03: phones go on asking; the first good answer comes soon after the start, and nothing is lost."""
    prove("F03", engine.name)


def test_postgresql_is_killed_and_recovers(engine):
    """F04: the application stays, says 503 meanwhile, and goes on by itself once the database is back."""
    if engine.name == "sqlite":
        pytest.skip("an embedded database has no process of its own")
    prove("F04", engine.name)
