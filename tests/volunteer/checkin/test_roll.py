"""The roll: vouching, signing in by hand, undoing, forgotten check-outs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from volunteer import accounts, checkin, hours, ledger, service_days, signing
from volunteer import clock as wall_clock
from volunteer.checkin import roll


@pytest.fixture
def came(clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    """小满 scanned in at nine and has not scanned out."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    return xiaoman


def _stay(day: service_days.ServiceDay) -> checkin.Attendance:
    return day_stays(day)[0]


def day_stays(day: service_days.ServiceDay) -> list[checkin.Attendance]:
    from volunteer.db import db

    return list(db.session.scalars(db.select(checkin.Attendance).filter_by(service_day_id=day.id)))


def test_a_forgotten_check_out_closes_by_itself_and_waits(
    clock: Any, came: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 12:30")
    assert checkin.close_forgotten(wall_clock.now()) == 0
    clock.move("2026-03-08 12:31")
    assert checkin.close_forgotten(wall_clock.now()) == 1
    assert checkin.close_forgotten(wall_clock.now()) == 0
    assert _stay(day).state == "stale" and ledger.balance(came.id) == 0


def test_one_scan_and_the_organisers_word_are_grade_b(
    clock: Any, came: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    clock.move("2026-03-08 12:31")
    checkin.close_forgotten(wall_clock.now())
    (stay,) = checkin.confirm(day, [came.id], lao_wang)
    assert (stay.state, stay.grade, stay.minutes) == ("confirmed", "B", 150)
    assert ledger.balance(came.id) == 25
    assert hours.totals(came.id).minutes_by_grade["B"] == 150


def test_vouching_again_changes_nothing(
    clock: Any, came: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    clock.move("2026-03-08 13:00")
    checkin.confirm(day, [came.id], lao_wang)
    assert checkin.confirm(day, [came.id], lao_wang) == []
    assert ledger.balance(came.id) == 25


@pytest.mark.parametrize(
    ("at", "refusal"), [("2026-03-08 11:29", roll.TooEarly), ("2026-03-11 11:31", roll.TooLate)]
)
def test_the_roll_is_confirmed_after_the_end_and_within_three_days(
    clock: Any,
    came: accounts.User,
    day: service_days.ServiceDay,
    lao_wang: accounts.User,
    at: str,
    refusal: type[Exception],
) -> None:
    clock.move(at)
    with pytest.raises(refusal):
        checkin.confirm(day, [came.id], lao_wang)


def test_nobody_vouches_for_himself(
    clock: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T06."""
    service_days.sign_up(lao_wang, day)
    clock.move("2026-03-08 09:00")
    checkin.record(lao_wang, checkin.showing(day).code, signing.scan_id())
    clock.move("2026-03-08 13:00")
    assert checkin.confirm(day, [lao_wang.id], lao_wang) == []
    assert _stay(day).state == "open"


def test_signing_in_by_hand_needs_a_reason_and_the_roll(
    clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 10:00")
    with pytest.raises(roll.NeedsReason):
        checkin.manual(day, xiaoman, reason=" ", by=lao_wang)
    assert checkin.manual(day, xiaoman, reason="手机没电", by=lao_wang).direction == "in"
    clock.move("2026-03-08 11:30")
    left = checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    assert left.state == "to_confirm" and ledger.balance(xiaoman.id) == 0
    (stay,) = checkin.confirm(day, [xiaoman.id], lao_wang)
    assert stay.grade == "B" and ledger.balance(xiaoman.id) == 15


def test_hands_alone_make_no_points(
    clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T06, T04."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.manual(day, xiaoman, reason="没带手机", by=lao_wang)
    clock.move("2026-03-08 11:30")
    checkin.manual(day, xiaoman, reason="没带手机", by=lao_wang)
    (stay,) = checkin.confirm(day, [xiaoman.id], lao_wang)
    assert (stay.grade, ledger.balance(xiaoman.id)) == ("C", 0)
    assert hours.totals(xiaoman.id).minutes_by_grade["C"] == 150


def test_undoing_a_stay_sends_its_points_back_once(
    clock: Any, came: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T33."""
    clock.move("2026-03-08 11:30")
    checkin.record(came, checkin.showing(day).code, signing.scan_id())
    assert ledger.balance(came.id) == 25

    for _again in range(2):
        checkin.reverse(_stay(day), reason="扫错了场次", by=lao_wang)
    assert _stay(day).state == "void"
    assert ledger.balance(came.id) == 0
    assert hours.totals(came.id).minutes == 0
    assert not [one for one in ledger.inspect(date(2026, 3, 8)) if one.count]


def test_flat_pay_goes_back_too(
    clock: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    make_activity: Callable[..., Any],
    make_day: Callable[..., service_days.ServiceDay],
) -> None:
    drill = make_day(of=make_activity(title="消防演练", pay_kind="flat", flat_points=3, walk_ins=True))
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(drill).code, signing.scan_id())
    assert ledger.balance(xiaoman.id) == 3
    checkin.reverse(_stay(drill), reason="不是本人", by=lao_wang)
    assert ledger.balance(xiaoman.id) == 0


def test_points_spent_already_keep_the_stay_as_it_is(
    here: Any, clock: Any, came: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T33."""
    clock.move("2026-03-08 11:30")
    checkin.record(came, checkin.showing(day).code, signing.scan_id())
    ledger.spend(came.id, 20, to=ledger.chart.held(9), key="claim:9", why={})
    here.commit()
    with pytest.raises(ledger.Spent):
        checkin.reverse(_stay(day), reason="扫错了场次", by=lao_wang)
    here.undo()
    assert _stay(day).state == "closed" and ledger.balance(came.id) == 5
