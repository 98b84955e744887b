"""Sheets are printed, and put out of use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from volunteer import accounts, checkin, codes, service_days, sheets
from volunteer.sheets import printing


def names(sheet: sheets.PaperSheet) -> list[str | None]:
    return [person.name if person else None for _row, person in printing.rows_of(sheet)]


def test_everybody_by_name_then_blank_rows(paper: sheets.PaperSheet) -> None:
    """67号令: a record on paper is a record; people find themselves by name."""
    assert names(paper) == ["李桂芳", "小满", *[None] * 18]
    assert (paper.number, paper.page, paper.pages, paper.state) == (1, 1, 1, "printed")
    assert codes.kind_of(paper.code) == "sheet"


def test_many_people_fill_several_pages(
    day: service_days.ServiceDay,
    make_day: Callable[..., service_days.ServiceDay],
    make_volunteers: Callable[[int], list[accounts.User]],
    lao_wang: accounts.User,
) -> None:
    large = make_day("2026-03-09", capacity=40)
    for person in make_volunteers(35):
        service_days.sign_up(person, large)
    made = printing.draw_up(large, blanks=10, by=lao_wang)
    assert [(one.number, one.page, one.pages) for one in made] == [(1, 1, 3), (2, 2, 3), (3, 3, 3)]
    assert [sum(name is not None for name in names(one)) for one in made] == [20, 15, 0]
    again = printing.draw_up(large, blanks=0, by=lao_wang)
    assert [one.number for one in again] == [4, 5] and len({one.code for one in (*made, *again)}) == 5


def test_a_day_that_was_called_off_needs_no_paper(
    day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    service_days.call_off(day, "台风")
    with pytest.raises(checkin.Cancelled):
        printing.draw_up(day, blanks=10, by=lao_wang)


def test_a_torn_sheet_is_spoilt_and_never_typed(paper: sheets.PaperSheet, lao_wang: accounts.User) -> None:
    assert printing.spoil(printing.spoil(paper)).state == "spoilt"
    with pytest.raises(sheets.rows.NotOpen):
        sheets.rows.save(paper, {2: sheets.rows.Typed("9:00")}, revision=0, by=lao_wang)


def test_a_checked_sheet_cannot_be_made_to_vanish(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: accounts.User
) -> None:
    type_in(afternoon, {2: sheets.rows.Typed("9:00", "11:30")})
    sheets.checks.check(afternoon, revision=afternoon.revision, by=second_leader)
    with pytest.raises(printing.Counted):
        printing.spoil(afternoon)
