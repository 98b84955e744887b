"""Every requirement of security has a test or a reason, and the page that says which is up to date."""

from __future__ import annotations

import re

import pytest

from tests.whole import requirements
from tests.whole.requirements import PARTLY, REQUIRED, WITHOUT, ids

pytestmark = pytest.mark.whole


def test_every_requirement_has_a_test_or_a_reason() -> None:
    bare = set(REQUIRED) - set(requirements.proofs()) - set(WITHOUT)
    assert not bare, f"no docstring of a test starts with {sorted(bare)}; a reason goes into WITHOUT"


def test_a_reason_is_dated_and_leaves_when_a_test_comes() -> None:
    for one, (since, why) in {**WITHOUT, **PARTLY}.items():
        assert one in REQUIRED and re.fullmatch(r"\d{4}-\d\d-\d\d", since) and len(why.split()) > 4, one
    proven = set(WITHOUT) & set(requirements.proofs())
    assert not proven, (
        f"{sorted(proven)} have tests by now: take them out of WITHOUT in {requirements.__name__}"
    )
    bare = set(PARTLY) - set(requirements.proofs())
    assert not bare, f"{sorted(bare)} have no test at all: they belong into WITHOUT"


def test_the_page_is_up_to_date() -> None:
    assert requirements.PAGE.read_text() == requirements.page(), f"write it anew: {requirements.COMMAND}"


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        ("T12, S04: a stolen copy.", ["T12", "S04"]),
        ("T20.", ["T20"]),
        ("S10, T18–T20: counters.", ["S10", "T18", "T19", "T20"]),
        ("T01, CK-61: the step.", ["T01"]),
        ("Signing in (T12).", []),
        ("T123: no id", []),
    ],
)
def test_ids_stand_at_the_start(docstring: str, found: list[str]) -> None:
    assert ids(docstring) == found
