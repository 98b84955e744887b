"""The bench: what it prints is what it measured, and of what."""

from __future__ import annotations

from benchmarks import measured
from benchmarks.decade import Pair


def test_a_ratio_is_the_middle_of_the_rounds_own_ratios() -> None:
    found = measured.figure([100.0, 300.0, 200.0], "/s", [100.0, 100.0, 400.0])
    assert (found["ratio"], found["value"], found["yardstick"]) == (1.0, 200.0, 100.0)
    assert found["rounds"] == [1.0, 3.0, 0.5] and found["spread"] == 1.25


def test_a_figure_that_is_not_of_ten_years_says_of_how_many_stays() -> None:
    assert Pair("", "", 300_012).mark == "_of_300k"
    assert Pair("", "", 3_000_055).mark == ""


def test_a_line_of_the_table_names_every_page() -> None:
    line = measured.line("pages_ms", {"value": 0.994, "unit": "ms", "each": {"home": 0.4, "hours": 0.43}})
    assert "0.99 ms" in line and line.endswith("home 0.4 hours 0.43")
