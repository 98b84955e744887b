"""Corruption planted in attendance is named by the inspection."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text

from volunteer import accounts, checkin, ledger, service_days


def _broken() -> set[str]:
    return {finding.name for finding in ledger.inspect(date(2026, 3, 8)) if finding.count}


def test_two_open_stays_of_one_person_are_named(
    db: Any, clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-one")
    assert _broken() == set()
    db.session.execute(text("DROP INDEX uq_attendance_open_volunteer_id"))
    db.session.execute(
        text(
            "INSERT INTO attendance (service_day_id, volunteer_id, team_id, area_path, in_at, in_how, in_scan, "
            "points, state) SELECT service_day_id, volunteer_id, team_id, area_path, in_at, in_how, 'twice', 0, "
            "'open' FROM attendance"
        )
    )
    assert _broken() == {"checkin.one_open"}


def test_a_void_stay_whose_record_still_stands_is_named(
    db: Any, clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out-1")
    db.session.execute(text("UPDATE attendance SET state = 'void'"))
    assert _broken() == {"checkin.recorded"}


def test_flat_pay_without_a_stay_behind_it_is_named(
    db: Any, clock: Any, xiaoman: accounts.User, make_activity: Any, make_day: Any
) -> None:
    drill = make_day(of=make_activity(title="消防演练", pay_kind="flat", flat_points=3, walk_ins=True))
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(drill).code, "flat-in-1")
    assert _broken() == set()
    db.session.execute(text("UPDATE attendance SET state = 'void'"))
    assert _broken() == {"checkin.flat_pay"}
