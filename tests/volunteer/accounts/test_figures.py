"""Figures of registrations: the same as the accounts say, before the night, after it, and after somebody moved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from volunteer import accounts, ledger
from volunteer.accounts import profile, rollups
from volunteer.accounts.figures import Redo
from volunteer.clock import today
from volunteer.db import db

MARCH = ["2026-02", "2026-03"]


def street() -> tuple[int, dict[str, int]]:
    return rollups.registered("/1/", MARCH)


def broken() -> list[str]:
    return [found.name for found in ledger.inspect() if found.name == "accounts.figures"]


def test_who_registered_today_counts_before_any_night_has_been(here: Any, xiaoman: Any, daming: Any) -> None:
    assert street() == (2, {"2026-02": 0, "2026-03": 2})


def test_after_the_night_the_same_is_read_from_what_was_kept(
    here: Any, clock: Any, xiaoman: Any, daming: Any, make_volunteers: Any
) -> None:
    clock.move("2026-03-08 00:10")
    before = street()
    assert rollups.roll(today()) > 0
    assert street() == before
    make_volunteers(3)
    assert street() == (5, {"2026-02": 0, "2026-03": 5})
    clock.move("2026-03-09 00:10")
    rollups.roll(today())
    assert street() == (5, {"2026-02": 0, "2026-03": 5})
    assert broken() == []


def test_somebody_registered_at_midnight_in_shanghai_belongs_to_the_new_month(
    here: Any, clock: Any, request: Any
) -> None:
    clock.move("2026-03-31 23:59")
    request.getfixturevalue("xiaoman")
    clock.move("2026-04-01 00:00")
    request.getfixturevalue("daming")
    assert rollups.registered("/1/", ["2026-03", "2026-04"])[1] == {"2026-03": 1, "2026-04": 1}
    clock.move("2026-04-02 00:10")
    rollups.roll(today())
    assert rollups.registered("/1/", ["2026-03", "2026-04"])[1] == {"2026-03": 1, "2026-04": 1}


def test_somebody_shut_out_and_let_in_again_is_followed_within_a_minute(
    here: Any, clock: Any, xiaoman: Any, daming: Any
) -> None:
    clock.move("2026-03-08 00:10")
    rollups.roll(today())
    accounts.suspend(xiaoman, "冒用别人的号码")
    db.session.flush()
    assert db.session.scalars(select(Redo.user_id)).all() == [xiaoman.id]
    assert rollups.redo(today()) == 1
    assert street()[0] == 1
    accounts.restore(xiaoman, "弄清楚了")
    db.session.flush()
    assert rollups.redo(today()) == 1
    assert street()[0] == 2
    assert rollups.redo(today()) == 0


def test_somebody_who_moved_is_counted_at_the_new_home(
    here: Any, clock: Any, xiaoman: Any, yangmei: Any
) -> None:
    clock.move("2026-03-08 00:10")
    rollups.roll(today())
    assert rollups.registered(yangmei.path, MARCH)[0] == 0
    profile.change(xiaoman, name=xiaoman.name, birth_on=xiaoman.birth_on, home=yangmei)
    assert rollups.redo(today()) == 1
    assert rollups.registered(yangmei.path, MARCH)[0] == 1
    assert street()[0] == 1


def test_a_figure_that_is_not_so_is_found(here: Any, clock: Any, xiaoman: Any) -> None:
    clock.move("2026-03-08 00:10")
    rollups.roll(today())
    assert broken() == []
    db.session.execute(update(accounts.User).values(state="suspended"))
    assert broken() == ["accounts.figures"]
    rollups.rebuild(today())
    assert broken() == []
    assert street()[0] == 0
