"""Ten years of a street, a small part of them: made by the database, and as true as if they had been lived."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from rewards import demo
from rewards.demo.decade import NeedsPostgres
from volunteer import clock, hours, ledger
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.ledger import Posting, Seal


def load() -> bool:
    return demo.load("decade", lambda _line: None, 0.002)


def test_ten_years_are_true_to_the_last_point(here: Any, engine: Any) -> None:
    if engine.name != "postgresql":
        with here.outside(), pytest.raises(NeedsPostgres):
            load()
        return
    with here.outside():
        assert load()
    assert ledger.inspect() == []
    first, last = db.session.execute(select(func.min(Attendance.in_at), func.max(Attendance.in_at))).one()
    assert (last - first).days > 9 * 365
    moves = dict(db.session.execute(select(Posting.move, func.count()).group_by(Posting.move)).all())
    assert moves.keys() == {"award", "reversal", "claim", "redeem", "release", "expire", "settle"}
    assert db.session.scalar(select(func.count()).select_from(Seal)) > 3600
    assert db.session.scalar(select(func.count()).where(hours.figures.Standing.season == "all")) > 0


def test_after_the_load_the_books_move_by_themselves_again(here: Any, engine: Any) -> None:
    if engine.name != "postgresql":
        return
    with here.outside():
        load()
    saver = db.session.scalar(select(Posting.volunteer_id).where(Posting.move == "award").limit(1))
    before = ledger.balance(saver)
    ledger.award(
        saver, 5, key="flat:1:1", why={"formula": {"points": 5}}, on=clock.today(), area_path="/1/2/"
    )
    assert ledger.balance(saver) == before + 5


def test_an_unknown_size_is_told_apart_from_a_part_of_the_decade(command: Any, engine: Any) -> None:
    if engine.name != "postgresql":
        said = command("demo", "load", "--size", "decade", "--scale", "0.002")
        assert said.exit_code == 1 and "PostgreSQL" in said.output
