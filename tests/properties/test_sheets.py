"""T16: whatever somebody is called, a file to take away shows it as text and runs nothing of it."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from rewards.settlements import sheet
from volunteer.accounts import copies
from volunteer.dashboards import views as panels
from volunteer.ledger import views as statements

RUNS = "=+-@\t\r\0＝＋－＠"
#: What people can be called: anything but control characters, which no name or title of ours may hold.
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30)
named = st.one_of(words, st.builds(str.__add__, st.sampled_from(RUNS.replace("\t\r\0", "")), words))


def shown(cell: str) -> str:
    """What the reader sees once the mark is taken away."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in RUNS else cell


@given(named)
@example('=HYPERLINK("http://evil.example","点我")')
@example("－1+1|cmd")
def test_a_name_in_a_csv_is_text_and_the_same_when_read_again(name):
    """T16."""
    line = [[1, name, "2026-03-07 10:00", name, 30, 18.0]]
    back = list(csv.reader(io.StringIO(sheet.as_csv(line).decode("utf-8-sig"), newline="")))
    assert len(back) == 2 and len(back[1]) == 6
    for cell in (back[1][1], back[1][3]):
        assert not cell.startswith(tuple(RUNS)) and shown(cell) == name


@given(named.filter(lambda name: "_x" not in name))
@example("=1+1")
@example("@SUM(A1)")
def test_a_name_in_a_workbook_is_a_string_and_never_a_formula(name):
    """T16: and long numbers stay numbers one can read."""
    made = sheet.as_xlsx([[123456789012, name, "13800000001", name, 30, 18.0]], "2026-03")
    back = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    for cell in (back[1][1], back[1][3]):
        assert isinstance(cell, str) and not cell.startswith(tuple(RUNS)) and shown(cell) == name
    assert back[1][2] == "13800000001" and back[1][0] == 123456789012


@given(st.one_of(named, st.builds(str.__add__, st.sampled_from("\t\r\0"), words)))
def test_every_export_of_ours_defuses_alike(text):
    """T16: the statement of a shop, a person's copy, a panel's table, a statement of points."""
    for defuse in (copies.harmless, panels._plain, statements.plain):
        cell = str(defuse(text))
        assert not cell.startswith(tuple(RUNS)) and shown(cell) == text
