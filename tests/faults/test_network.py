"""The way to the database is slow, blocked or cut: a few are asked to come again, nobody is forgotten or counted twice."""

from __future__ import annotations

import pytest

from tests.faults import network  # noqa: F401  (registers them)
from tests.faults.registry import prove


@pytest.fixture(autouse=True)
def _there_is_a_way(engine):
    if engine.name == "sqlite":
        pytest.skip("an embedded database has no way to it")


def test_a_slow_database_and_somebody_who_holds_a_lock(engine):
    """F10: 200 ms more on each trip break nothing; behind a lock people are told to come again, soon."""
    prove("F10", engine.name)


def test_the_answer_to_commit_is_lost_and_asking_again_gives_the_same(engine):
    """F11: the database has committed, the application never learns of it; the same scan gets the first answer."""
    prove("F11", engine.name)


def test_more_clients_than_connections_are_told_to_come_again(engine):
    """F12: nobody waits without end, and good answers come back once there is room."""
    prove("F12", engine.name)
