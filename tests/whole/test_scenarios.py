"""Every acceptance scenario is told by a test, or by a line in the tests' README that says why not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole
TESTS = Path(__file__).resolve().parents[1]
HEADING = "### Scenarios with no meaning here or belonging to a later release"
COUNTS = {"CK": 62, "SU": 20, "ID": 15, "LG": 36, "SC": 8}
KNOWN = {f"{kind}-{n:02d}" for kind, count in COUNTS.items() for n in range(1, count + 1)}
ID = re.compile(r"\b(CK|SU|ID|LG|SC)-(\d\d)(?:\s*[–…-]\s*(?:\1-)?(\d\d))?\b")


def _ids(text: str) -> Iterator[str]:
    """The ids in a text; `LG-01–LG-04` and `LG-01–04` are four of them."""
    for kind, first, last in ID.findall(text):
        yield from (f"{kind}-{n:02d}" for n in range(int(first), int(last or first) + 1))


def _told() -> set[str]:
    """The ids in docstrings of tests and in comments beside them."""
    found: set[str] = set()
    for file in TESTS.rglob("test_*.py"):
        if file == Path(__file__):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.Module | ast.ClassDef):
                found.update(_ids(ast.get_docstring(node) or ""))
        found.update(_ids("\n".join(re.findall(r"#.*", file.read_text()))))
    return found


def _excused() -> dict[str, str]:
    """Each id in the README's list, with its line."""
    lines = (TESTS / "README.md").read_text().split(HEADING)[1].splitlines()
    return {one: line for line in lines if line.startswith("- ") for one in _ids(line.partition(":")[0])}


def test_every_scenario_is_told_or_excused() -> None:
    assert KNOWN - _told() - set(_excused()) == set()


def test_no_id_is_made_up() -> None:
    assert (_told() | set(_excused())) - KNOWN == set()


def test_an_excuse_gives_its_reason_and_is_not_told_as_well() -> None:
    for one, line in _excused().items():
        assert len(line.partition(":")[2].split()) > 3, f"{one}: why?"
    assert set(_excused()) & _told() == set(), "told by a test after all: take the line out"
