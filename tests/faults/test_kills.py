"""Processes die under load: nothing that was acknowledged is lost, nothing is done twice."""

from __future__ import annotations

from tests.faults import kills  # noqa: F401  (registers them)
from tests.faults.registry import prove


def test_web_workers_are_killed_and_every_scan_counts_once(engine):
    """F02: a worker dies every 100 ms; whoever had an answer is in the books, whoever had none asks again."""
    prove("F02", engine.name)
