"""Times as hands write them."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.sheets import moments


@pytest.mark.parametrize(
    "text",
    ["9:05", "09:05", "905", "0905", "9.05", "9：05", "９：０５", "9点05", "9点05分", "9时05分", " 9:05 "],
)
def test_five_past_nine_in_any_spelling(text: str) -> None:
    assert moments.read(text) == time(9, 5)


def test_on_the_hour() -> None:
    assert moments.read("9点") == moments.read("900") == time(9)


@pytest.mark.parametrize(
    "text", ["", "9", "24:00", "9:60", "99:99", "2575", "上午", "9:5", "12345", "9:05:00", "٩:٠٥x"]
)
def test_what_names_no_time(text: str) -> None:
    assert moments.read(text) is None


@given(st.text(max_size=20))
def test_any_text_is_read_or_not_and_never_breaks(text: str) -> None:
    assert moments.read(text) is None or isinstance(moments.read(text), time)
    assert moments.is_ditto(text) in (True, False)


def test_a_night_watch_ends_on_the_next_date(make_day: Any, clock: Any) -> None:
    night = make_day("2026-03-08", "22:00", "23:30")
    assert f"{moments.on(night, time(22, 5)):%m-%d %H:%M}" == "03-08 22:05"
    assert f"{moments.on(night, time(0, 10)):%m-%d %H:%M}" == "03-09 00:10"
    assert f"{moments.on(night, time(12, 0)):%m-%d %H:%M}" == "03-08 12:00"
