"""What somebody who has left had: nobody takes it, nobody adds to it, and it ends when it would have ended."""

from __future__ import annotations

from datetime import date

import pytest

from rewards import giving, vouchers
from rewards.giving import EndingChoice, endings
from rewards.giving import family as households_
from volunteer import accounts, ledger
from volunteer.ledger import chart


def test_a_closed_account_comes_to_zero_with_its_months(
    xiaoman, grandma, family, earn, top, project, tea, clock, here, db, broken, device, together
):
    """LG-25: both kinds of points and what a voucher held end in their month; nothing is added, claimed or given, and
    what was chosen for the last evening is forgotten. It is not undone: who it was is gone."""
    earn(xiaoman, 60, ends="2026-03")
    earn(xiaoman, 40, ends="2026-05")
    top(xiaoman, 25, ends="2026-05")
    earn(grandma, 50)
    held = vouchers.claim(xiaoman, tea.id)
    endings.choose(xiaoman, "project", project_id=project.id)
    phone = device(xiaoman)
    accounts.closing.close(xiaoman)
    here.commit()

    assert phone.post("/api/v1/vouchers", json={"offer_id": tea.id}).status_code == 401
    with pytest.raises((households_.NotActive, households_.NotFamily)):
        giving.family.give(grandma, xiaoman.id, 10)
    assert db.session.scalars(db.select(EndingChoice).filter_by(volunteer_id=xiaoman.id)).all() == []

    clock.move("2026-03-31 23:30")
    for job in endings.due(date(2026, 3, 31)):
        job()
    assert giving.given(project.id) == 0
    clock.move("2026-04-01 00:20")
    assert ledger.expire(date(2026, 4, 1)) == 30
    clock.move("2026-06-06 00:20")
    vouchers.lapse(date(2026, 6, 6))
    assert held.state == "lapsed"
    assert ledger.expire(date(2026, 6, 6)) == 40 + 25
    clock.move("2026-09-01 00:20")
    assert ledger.expire(date(2026, 9, 1)) == 30
    here.commit()
    assert ledger.at(chart.EXPIRED) == 125
    assert (ledger.purses(xiaoman.id), ledger.surplus(xiaoman.id), ledger.held_total(xiaoman.id)) == (
        [],
        [],
        0,
    )
    assert broken() == []
