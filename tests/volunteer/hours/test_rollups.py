"""Figures the night keeps: the same as the records say, before the night, after it, and after a correction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from volunteer import accounts, checkin, hours, ledger, service_days
from volunteer.clock import today
from volunteer.db import db
from volunteer.hours import rollups, sums
from volunteer.hours.figures import DayFigures, MonthFigures, Redo
from volunteer.hours.models import ServiceRecord

MARCH = ["2026-03"]


@pytest.fixture
def came(here: Any, clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay) -> ServiceRecord:
    """小满 came and left on 8 March; it is half past eleven."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out-1")
    return db.session.scalars(select(ServiceRecord)).one()


def street() -> dict[str, int]:
    return sums.by_month("/1/", MARCH)["2026-03"]


def test_today_counts_before_any_night_has_been(came: ServiceRecord) -> None:
    assert (street()["minutes_a"], street()["people"]) == (150, 1)
    assert sums.people("/1/", date(2026, 3, 1), date(2026, 3, 8)) == 1
    assert sums.minutes_between("/1/", date(2026, 3, 1), date(2026, 3, 8)) == 150


def test_after_the_night_every_level_reads_the_same_from_what_was_kept(
    came: ServiceRecord, clock: Any
) -> None:
    live = street()
    clock.move("2026-03-09 00:15")
    rollups.roll(today())
    assert street() == live
    assert sums.people("/1/", date(2026, 3, 1), date(2026, 3, 9)) == 1
    assert sums.people("/1/", date(2026, 2, 1), date(2026, 3, 7)) == 0
    levels = {row.area_path for row in db.session.scalars(select(MonthFigures))}
    assert len(levels) == 2 and "/1/" in levels
    assert ledger.inspect() == []


def test_somebody_who_comes_again_is_one_person(came: ServiceRecord, clock: Any) -> None:
    clock.move("2026-03-09 00:15")
    rollups.roll(today())
    again = {
        column.key: getattr(came, column.key) for column in ServiceRecord.__table__.c if column.key != "id"
    }
    db.session.add(ServiceRecord(**again | {"source": "attendance:99", "on": today(), "points": 0}))
    db.session.flush()
    assert (street()["people"], street()["records"], street()["minutes_a"]) == (1, 2, 300)
    assert sums.people("/1/", date(2026, 3, 1), today()) == 1


def test_a_correction_of_a_day_behind_us_is_followed_within_minutes(came: ServiceRecord, clock: Any) -> None:
    clock.move("2026-03-09 00:15")
    rollups.roll(today())
    hours.reverse(came, "扫错了人", by=None)
    assert db.session.scalars(select(Redo.on)).all() == [date(2026, 3, 8)]
    assert rollups.redo(today()) == 1
    assert street() == {"records": 0, "minutes_a": 0, "minutes_b": 0, "minutes_c": 0, "people": 0}
    assert rollups.redo(today()) == 0
    assert not [found for found in ledger.inspect() if found.name.endswith("figures")]


def test_a_scan_of_today_leaves_no_note(came: ServiceRecord) -> None:
    assert db.session.scalars(select(Redo)).all() == []


def test_figures_that_disagree_with_the_records_are_found(came: ServiceRecord, clock: Any) -> None:
    clock.move("2026-03-09 00:15")
    rollups.roll(today())
    db.session.execute(update(DayFigures).values(minutes_a=151))
    assert [found.name for found in ledger.inspect()] == ["hours.figures"]
    rollups.rebuild(today())
    assert ledger.inspect() == []
    db.session.execute(update(MonthFigures).values(people=2))
    assert [found.name for found in ledger.inspect()] == ["hours.figures"]


def test_points_are_the_same_before_and_after_the_night(came: ServiceRecord, clock: Any) -> None:
    def seen() -> tuple[Any, int]:
        between = ledger.rollups.moved_between("/1/", "award", date(2026, 3, 1), date(2026, 3, 31))
        return ledger.rollups.moved("/1/", ("2026-03", "2026-03")), between

    before = seen()
    assert before == ({("2026-03", "award"): came.points}, came.points)
    clock.move("2026-03-09 00:55")
    ledger.seal(date(2026, 3, 8))
    assert ledger.rollups.roll() == 1
    assert ledger.rollups.roll() == 0
    assert seen() == before
    hours.reverse(came, "扫错了人", by=None)
    assert seen()[0] == {("2026-03", "award"): came.points, ("2026-03", "reversal"): came.points}
    assert not [found for found in ledger.inspect() if found.name.endswith("figures")]


def test_sums_of_points_that_disagree_are_found_and_made_anew(came: ServiceRecord, clock: Any) -> None:
    clock.move("2026-03-09 00:55")
    ledger.seal(date(2026, 3, 8))
    ledger.rollups.roll()
    db.session.execute(update(ledger.figures.MonthMoved).values(amount=1))
    assert [found.name for found in ledger.inspect()] == ["ledger.figures"]
    ledger.rollups.rebuild()
    assert ledger.inspect() == []


def test_the_figures_can_be_made_anew_from_the_command_line(command: Any, came: ServiceRecord) -> None:
    for group in ("hours", "ledger"):
        assert command(group, "rebuild").exit_code == 0
