"""Drawing lots: the same seed gives the same order to anybody, and more lots are more chances (feature 16)."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.service_days import lottery
from volunteer.service_days.lottery import Entry

entries = st.lists(st.integers(0, 6), max_size=20).map(
    lambda lots: [Entry(n, many) for n, many in enumerate(lots, 1)]
)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), entries)
def test_everybody_is_drawn_once_and_the_order_they_are_given_in_does_not_matter(seed, given_in):
    drawn = lottery.order(seed, given_in)
    assert sorted(drawn, key=lambda one: one.number) == given_in
    assert lottery.order(seed, reversed(given_in)) == drawn


@given(st.text("0123456789abcdef", min_size=64, max_size=64), entries)
def test_whoever_has_no_lot_comes_after_all_who_have(seed, given_in):
    lots = [one.lots > 0 for one in lottery.order(seed, given_in)]
    assert lots == sorted(lots, reverse=True)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), entries, st.integers(0, 19))
def test_leaving_changes_nothing_between_the_others(seed, given_in, gone):
    """Whoever withdraws, or is added, moves nobody past anybody else: there is nothing to gain by it."""
    left = [one for one in given_in if one.number != gone + 1]
    assert lottery.order(seed, left) == [one for one in lottery.order(seed, given_in) if one in left]


def test_more_lots_are_more_chances_in_proportion():
    """Six lots against one: drawn first six times out of seven."""
    first = Counter(lottery.order(str(n), [Entry(1, 6), Entry(2, 1)])[0].number for n in range(7000))
    assert 5850 < first[1] < 6150


@pytest.mark.parametrize(
    ("served", "missed", "lots"),
    [(0, 0, 6), (1, 0, 5), (4, 0, 2), (40, 0, 2), (0, 1, 4), (0, 2, 2), (4, 2, 1)],
)
def test_fewer_services_more_lots_absences_fewer(served, missed, lots):
    assert lottery.lots(served, missed) == lots


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_anybody_can_do_it_again_with_a_tool_of_their_own():
    """The published rule, followed with sha256sum and sort, comes to our order."""
    seed = "5eed" * 16
    people = [Entry(1, 6), Entry(2, 1), Entry(3, 3), Entry(4, 2)]

    def sha(text):
        done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
        return done.stdout.split()[0].decode()

    theirs = sorted(people, key=lambda one: min(sha(f"{seed}:{one.number}:{n + 1}") for n in range(one.lots)))
    assert theirs == lottery.order(seed, people)
    assert sha(seed) == lottery.fingerprint(seed) == hashlib.sha256(seed.encode()).hexdigest()
