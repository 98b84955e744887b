"""Counting tries: shared by everybody, kept whatever the request comes to, never a lock for good (T18–T20, S10)."""

from __future__ import annotations

import pytest

from volunteer import limits
from volunteer.db import transaction
from volunteer.errors import TooMany


@pytest.fixture
def outside(here):
    """Counters stand outside of transactions."""
    with here.outside():
        yield


def test_so_many_and_then_it_waits(outside, clock):
    """S10."""
    for _ in range(5):
        limits.hit("bell", "小满", "5/hour")
    clock.pass_(minutes=20)
    with pytest.raises(TooMany) as refused:
        limits.hit("bell", "小满", "5/hour")
    assert refused.value.facts["retry_after"] == 40 * 60
    limits.hit("bell", "大明", "5/hour")
    limits.hit("door", "小满", "5/hour")
    clock.pass_(minutes=41)
    limits.hit("bell", "小满", "5/hour")


def test_a_refused_try_counts_for_nothing(outside, clock):
    """T20, S10."""
    for _ in range(3):
        limits.hit("bell", 1, "3/minute;10/hour")
    for _ in range(50):
        with pytest.raises(TooMany):
            limits.hit("bell", 1, "3/minute;10/hour")
    clock.pass_(minutes=1)
    for _ in range(3):
        limits.hit("bell", 1, "3/minute;10/hour")


def test_the_longest_wait_is_the_one_that_is_told(outside, clock):
    limits.hit("bell", 1, "1/minute;1/day")
    with pytest.raises(TooMany) as refused:
        limits.hit("bell", 1, "1/minute;1/day")
    assert refused.value.facts["retry_after"] == 24 * 3600


def test_forgiven_tries_are_gone(outside):
    for _ in range(10):
        limits.slow("sign_in", "x")
    limits.forgive("sign_in", "x")
    for _ in range(10):
        limits.slow("sign_in", "x")


def test_a_try_given_back_is_free(outside):
    for _ in range(20):
        limits.hit("bell", 1, "2/hour")
        limits.give_back("bell", 1, "2/hour")


def test_a_wait_never_grows_beyond_a_quarter_of_an_hour(outside, clock):
    """T20, S10."""
    for _ in range(30):
        while True:
            try:
                limits.slow("sign_in", "x", free=0)
                break
            except TooMany as refusal:
                assert refusal.facts["retry_after"] <= limits.DELAY_MAX
                clock.pass_(seconds=refusal.facts["retry_after"])


def test_inside_a_transaction_nothing_is_counted(here):
    with pytest.raises(RuntimeError):
        limits.hit("bell", 1, "1/hour")


def test_a_hundred_at_once_and_exactly_five_come_through(app, together):
    """S10, T20."""

    def ring():
        with app.app_context():
            limits.hit("bell", "all", "5/hour")

    answers = together([ring] * 24)
    assert [answer for answer in answers if answer is not None and not isinstance(answer, TooMany)] == []
    assert sum(answer is None for answer in answers) == 5


def test_counters_that_are_over_are_swept(here, outside, clock):
    limits.hit("bell", 1, "1/minute")
    clock.pass_(minutes=2)
    with transaction():
        assert limits.prune() == 1
