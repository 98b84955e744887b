"""What the stories of paper share: a day with two who signed up, its sheet, and two who look after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from volunteer import accounts, service_days, sheets


@pytest.fixture
def second_leader(team: Any, nankeng: Any) -> accounts.User:
    """周敏, another leader of the team."""
    person = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(person, "team_leader", team_id=team.id)
    return person


@pytest.fixture
def signed_up(
    xiaoman: accounts.User, grandma: accounts.User, day: service_days.ServiceDay
) -> service_days.ServiceDay:
    """小满 and 李奶奶 signed up for Sunday."""
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(grandma, day)
    return day


@pytest.fixture
def paper(signed_up: service_days.ServiceDay, lao_wang: accounts.User) -> sheets.PaperSheet:
    """The day's first sheet: 李桂芳 in row 1, 小满 in row 2, eighteen blank rows."""
    (sheet,) = sheets.printing.draw_up(signed_up, blanks=10, by=lao_wang)
    return sheet


@pytest.fixture
def afternoon(clock: Any, paper: sheets.PaperSheet) -> sheets.PaperSheet:
    """Sunday, two in the afternoon: the day is over, the paper is back."""
    clock.move("2026-03-08 14:00")
    return paper


@pytest.fixture
def type_in(lao_wang: accounts.User) -> Callable[..., sheets.PaperSheet]:
    """Rows typed and handed on: `type_in(sheet, {2: Typed("8:55", "11:30")})`, by 老王 unless told otherwise."""

    def put(
        sheet: sheets.PaperSheet, said: dict[int, sheets.rows.Typed], by: accounts.User | None = None
    ) -> sheets.PaperSheet:
        sheets.rows.save(sheet, said, revision=sheet.revision, by=by or lao_wang)
        return sheets.rows.finish(sheet, by=by or lao_wang)

    return put
