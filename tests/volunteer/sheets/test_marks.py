"""The four characters of a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.sheets import marks
from volunteer.sheets.models import ROWS, SHEETS_MAX
from volunteer.signing import ALPHABET

SHEET, ROW = st.integers(1, SHEETS_MAX), st.integers(1, ROWS)


@given(SHEET, ROW)
def test_a_mark_names_its_sheet_and_row_however_it_is_typed(sheet: int, row: int) -> None:
    mark = marks.of(sheet, row)
    assert len(mark) == 4
    assert marks.read(mark) == marks.read(f" {mark[:2].lower()}-{mark[2:]} ") == (sheet, row)
    assert marks.read(mark.replace("1", "l").replace("0", "o")) == (sheet, row)


@given(SHEET, ROW, st.integers(0, 3), st.sampled_from(ALPHABET))
def test_one_character_misread_is_noticed(sheet: int, row: int, at: int, char: str) -> None:
    mark = marks.of(sheet, row)
    slip = mark[:at] + char + mark[at + 1 :]
    if slip != mark:
        with pytest.raises(marks.WrongMark):
            marks.read(slip)


@pytest.mark.parametrize("text", ["", "0", "0123456789", "签到表第", "U000", "０" * 500])
def test_what_never_was_a_mark(text: str) -> None:
    with pytest.raises(marks.WrongMark):
        marks.read(text)
