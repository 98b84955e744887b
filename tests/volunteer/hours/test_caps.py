"""Nobody earns more than the scheme's ceiling without somebody looking, and minutes that paid nothing use up nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.cast import decide
from volunteer import accounts, activities, checkin, hours, ledger, service_days, signing
from volunteer.db import db
from volunteer.ledger.tariff import Tariff


@pytest.fixture
def serve(clock: Any, make_day: Callable[..., service_days.ServiceDay]) -> Callable[..., checkin.Answer]:
    """`serve(xiaoman, "2026-03-08", "09:00", "12:00", of=hard)`: from the first scan to the last."""

    def one(who: accounts.User, on: str, starts: str, ends: str, of: activities.Activity) -> checkin.Answer:
        day = make_day(on, starts, ends, of=of)
        for at in (day.starts_at, day.ends_at):
            clock.move(at)
            answer = checkin.record(who, checkin.showing(day).code, signing.scan_id())
        return answer

    return one


@pytest.fixture
def sixty(here: Any, bantian: Any) -> None:
    """A scheme that looks sooner: sixty points a day, six hundred a month."""
    decide({"points_daily_cap": 60, "points_monthly_cap": 600}, date(2026, 3, 8), "收紧上限")


@pytest.mark.parametrize(("coefficient", "points"), [(10, 80), (14, 112)])
def test_a_full_day_of_eight_hours_pays_at_once(
    xiaoman: accounts.User, serve: Any, make_activity: Any, coefficient: int, points: int
) -> None:
    """T06: what the rules pay for 480 minutes is no more than the ceiling; the next shift of that day waits."""
    hard = make_activity(title="台风值守", coefficient=coefficient, walk_ins=True)
    assert serve(xiaoman, "2026-03-08", "08:00", "16:00", hard).points == points
    assert ledger.balance(xiaoman.id) == points
    assert serve(xiaoman, "2026-03-08", "17:30", "19:30", hard).points == 0
    assert not Tariff().over_cap(Tariff().worth(480, 480, 14, "A", leader=True).points, 0, 0)


def test_more_than_the_schemes_points_a_day_are_looked_at_first(
    sixty: None, xiaoman: accounts.User, office: accounts.User, serve: Any, make_activity: Any
) -> None:
    """T06: the part that goes over the daily ceiling waits, and pays when the office has looked."""
    hard = make_activity(title="台风值守", coefficient=14, walk_ins=True)
    assert serve(xiaoman, "2026-03-08", "09:00", "13:00", hard).points == 56
    over = serve(xiaoman, "2026-03-08", "14:30", "16:30", hard)
    assert (over.points, ledger.balance(xiaoman.id)) == (0, 56)
    (record,) = hours.queries.mine(xiaoman.id).items[:1]
    waiting = record[0]
    assert (waiting.state, waiting.points, waiting.minutes) == ("provisional", 28, 120)
    hours.confirm(waiting, by=office.id)
    assert ledger.balance(xiaoman.id) == 84
    assert not [one for one in ledger.inspect() if one.count]


def test_more_than_a_months_ceiling_is_looked_at_first(
    sixty: None, xiaoman: accounts.User, serve: Any, make_activity: Any, clock: Any, here: Any
) -> None:
    """T06: six hundred a month; the next month begins anew."""
    hard = make_activity(title="台风值守", coefficient=14, walk_ins=True)
    paid = [serve(xiaoman, f"2026-03-{on:02}", "09:00", "13:00", hard).points for on in range(8, 20)]
    assert paid == [56] * 10 + [0] * 2
    assert ledger.balance(xiaoman.id) == 560
    assert serve(xiaoman, "2026-04-01", "09:00", "13:00", hard).points == 56


def test_hours_that_paid_nothing_use_up_nothing(
    here: Any,
    xiaoman: accounts.User,
    activity: activities.Activity,
    make_day: Callable[..., service_days.ServiceDay],
) -> None:
    """T06: the eight paid hours of a date are hours paid, not hours recorded."""
    morning = make_day("2026-03-15", "06:00", "13:00")
    unpaid = hours.record_stay(
        source="attendance:1", volunteer_id=xiaoman.id, day=morning, activity=activity, minutes=420, grade="C"
    )
    assert unpaid.points == 0
    so_far = hours.so_far(xiaoman.id, morning.on)
    assert so_far == {
        "credited": 420, "paid_minutes": 0, "points_today": 0, "points_month": 0, "points_year": 0, "balance": 0,
    }  # fmt: skip
    evening = make_day("2026-03-15", "14:00", "16:00")
    record = hours.record_stay(
        source="attendance:2",
        volunteer_id=xiaoman.id,
        day=evening,
        activity=activity,
        minutes=120,
        grade="A",
        **so_far,
    )
    assert (record.points, record.state) == (20, "provisional")  # nine hours in all: paid once confirmed


def test_the_ceilings_are_data_of_the_rules() -> None:
    """T06: dated, and off at nought."""
    numbers = Tariff.from_params({"points_daily_cap": 100, "points_monthly_cap": 0})
    assert not numbers.over_cap(100, 0, 5_000) and numbers.over_cap(1, 100, 0)
    assert not Tariff().over_cap(0, 900, 900)


def test_a_team_that_has_had_its_points_of_the_month_waits(
    here: Any,
    xiaoman: accounts.User,
    office: accounts.User,
    activity: activities.Activity,
    make_day: Callable[..., service_days.ServiceDay],
    clock: Any,
) -> None:
    """T06: a budget of awards for each team and month; the next month begins anew."""
    first, second, later = make_day("2026-03-08"), make_day("2026-03-15"), make_day("2026-04-12")
    decide({"team_monthly_points": 20}, date(2026, 3, 8), "预算")
    clock.move("2026-03-08 12:00")
    assert hours.hold_over_budget(date(2026, 3, 8)) == 0
    hours.record_stay(
        source="attendance:1", volunteer_id=xiaoman.id, day=first, activity=activity, minutes=150, grade="A"
    )
    assert hours.hold_over_budget(date(2026, 3, 9)) == 1
    assert hours.hold_over_budget(date(2026, 3, 9)) == 0
    assert (first.review, second.review, later.review) == (None, "budget", None)
    waiting = hours.record_stay(
        source="attendance:2", volunteer_id=xiaoman.id, day=second, activity=activity, minutes=150, grade="A"
    )
    assert waiting.state == "provisional" and ledger.balance(xiaoman.id) == 25
    assert hours.release(second, by=office) == 1 and ledger.balance(xiaoman.id) == 50


#: What a fixture gives has no record behind it, and no voucher stands behind what is spent by hand.
GIVEN = {"hours.award_has_record", "vouchers.held"}


def given(who: accounts.User) -> int:
    """What somebody has that can only be given."""
    return sum(purse.amount for purse in ledger.surplus(who.id))


@pytest.fixture
def hundred(here: Any, bantian: Any) -> None:
    """A scheme in which nobody holds more than a hundred points."""
    decide({"balance_cap_points": 100}, date(2026, 3, 8), "先用再攒")


def test_nobody_saves_more_than_the_scheme_allows_and_the_hours_count_all_the_same(
    hundred: None, xiaoman: accounts.User, serve: Any, make_activity: Any, give_points: Any, here: Any
) -> None:
    """LG-26: what fits can be spent, the rest can be given; the person reads why, and once some are used it goes on."""
    sweep = make_activity(title="清洁家园", walk_ins=True)
    give_points(xiaoman, 90)
    assert serve(xiaoman, "2026-03-08", "09:00", "11:00", sweep).points == 10
    assert serve(xiaoman, "2026-03-15", "09:00", "11:00", sweep).points == 0
    assert ledger.balance(xiaoman.id) == 100 and hours.totals(xiaoman.id).minutes == 240
    assert given(xiaoman) == 10 + 20
    full, part = (row[0].formula for row in hours.queries.mine(xiaoman.id).items)
    assert "上限" in str(ledger.explain(full)) and "记 10 分" in str(ledger.explain(part))
    ledger.spend(xiaoman.id, 50, to=ledger.chart.held(1), key="claim:1", why={})
    assert serve(xiaoman, "2026-03-22", "09:00", "11:00", sweep).points == 20
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN


def test_flat_pay_and_what_the_office_confirms_stay_under_the_limit(
    hundred: None, xiaoman: accounts.User, office: accounts.User, serve: Any, make_activity: Any, give_points: Any,
    here: Any,
) -> None:  # fmt: skip
    """LG-26: at check-in, and when what waited is confirmed later."""
    hard = make_activity(title="台风值守", coefficient=14, walk_ins=True)
    assert serve(xiaoman, "2026-03-08", "07:00", "17:00", hard).points == 0
    waiting = hours.queries.mine(xiaoman.id).items[0][0]
    assert waiting.state == "provisional" and waiting.points == 100
    give_points(xiaoman, 94)
    stall = make_activity(title="便民摊位", pay_kind="flat", coefficient=None, flat_points=8, walk_ins=True)
    serve(xiaoman, "2026-03-15", "09:00", "11:00", stall)
    assert ledger.balance(xiaoman.id) == 100
    hours.confirm(waiting, by=office.id)
    assert (waiting.state, waiting.points, ledger.balance(xiaoman.id)) == ("confirmed", 0, 100)
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN
    assert given(xiaoman) == 2 + 112  # eight hours in all: the first limit looked at is forgotten


def test_above_what_the_hours_of_a_year_bring_points_can_only_be_given(
    xiaoman: accounts.User, serve: Any, make_activity: Any, here: Any
) -> None:
    """A5, LG-26: the year's limit is filled by hours, the rest is theirs to give; the next year begins anew."""
    decide({"annual_cap_points": 50}, date(2026, 3, 8), "一年五小时")
    sweep = make_activity(title="清洁家园", walk_ins=True)
    paid = [serve(xiaoman, f"2026-0{month}-08", "09:00", "11:00", sweep).points for month in (3, 4, 5, 6)]
    assert paid == [20, 20, 10, 0]
    assert (ledger.balance(xiaoman.id), given(xiaoman)) == (50, 30)
    newest = hours.queries.mine(xiaoman.id).items[0][0].formula
    assert "今年的服务积分到了 50 分的上限，记 0 分，另外 20 分可以捐出去" in str(ledger.explain(newest))
    assert serve(xiaoman, "2027-01-10", "09:00", "11:00", sweep).points == 20
    here.commit()
    assert not ledger.inspect()


def test_whoever_leaves_after_midnight_at_new_year_served_in_the_old_year(
    xiaoman: accounts.User, serve: Any, make_activity: Any, make_day: Any, clock: Any
) -> None:
    """A5, F13: the limit is that of the day served, not of the moment of the last scan."""
    decide({"annual_cap_points": 30}, date(2026, 3, 8), "一年三小时")
    sweep = make_activity(title="清洁家园", walk_ins=True)
    assert serve(xiaoman, "2026-12-30", "09:00", "11:00", sweep).points == 20
    day = make_day("2026-12-31", "21:30", "23:30", of=sweep)
    for at in ("2026-12-31 21:30", "2027-01-01 00:10"):
        clock.move(at)
        answer = checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    assert (answer.points, given(xiaoman)) == (10, 10)


def test_what_waited_is_measured_against_the_limits_of_the_day_it_is_confirmed(
    xiaoman: accounts.User, office: accounts.User, serve: Any, make_activity: Any, give_points: Any, here: Any
) -> None:
    """LG-26: nothing of it is counted twice, and what was full then and is not now is paid."""
    decide({"annual_cap_points": 120, "balance_cap_points": 150}, date(2026, 3, 8), "上限")
    give_points(xiaoman, 150)
    hard = make_activity(title="台风值守", coefficient=14, walk_ins=True)
    serve(xiaoman, "2026-03-08", "07:00", "17:00", hard)
    waiting = hours.queries.mine(xiaoman.id).items[0][0]
    assert (waiting.state, waiting.points, waiting.formula["reason_zero"]) == ("provisional", 0, "full")
    ledger.spend(xiaoman.id, 150, to=ledger.chart.held(1), key="claim:1", why={})
    hours.confirm(waiting, by=office.id)
    assert (waiting.points, ledger.balance(xiaoman.id), given(xiaoman)) == (112, 112, 0)
    assert "reason_zero" not in waiting.formula and "上限" not in str(ledger.explain(waiting.formula))
    easy = make_activity(title="清洁家园", walk_ins=True)
    serve(xiaoman, "2026-03-15", "07:00", "17:00", easy)
    second = hours.queries.mine(xiaoman.id).items[0][0]
    assert (second.state, second.points) == ("provisional", 8)
    hours.confirm(second, by=office.id)
    assert (second.points, ledger.balance(xiaoman.id), given(xiaoman)) == (8, 120, 72)
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN


def test_what_is_taken_back_takes_both_sides_and_counts_no_longer(
    hundred: None, xiaoman: accounts.User, office: accounts.User, serve: Any, make_activity: Any, give_points: Any,
    here: Any,
) -> None:  # fmt: skip
    """LG-33: a record reversed sends back what could be spent and what could be given, once."""
    give_points(xiaoman, 90)
    serve(xiaoman, "2026-03-08", "09:00", "11:00", make_activity(title="清洁家园", walk_ins=True))
    assert (ledger.balance(xiaoman.id), given(xiaoman)) == (100, 10)
    record = hours.queries.mine(xiaoman.id).items[0][0]
    for _again in range(2):
        hours.reverse(record, "扫错了人", by=office.id)
    assert (ledger.balance(xiaoman.id), given(xiaoman)) == (90, 0)
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN


def test_what_was_given_away_keeps_the_record_that_brought_it(
    hundred: None,
    xiaoman: accounts.User,
    office: accounts.User,
    serve: Any,
    make_activity: Any,
    give_points: Any,
) -> None:
    """LG-14: points that are gone cannot be sent back; the office is told how many are missing."""
    give_points(xiaoman, 100)
    serve(xiaoman, "2026-03-08", "09:00", "11:00", make_activity(title="清洁家园", walk_ins=True))
    (purse,) = ledger.surplus(xiaoman.id)
    ledger.transfer(
        (ledger.chart.surplus(xiaoman.id, purse.month), ledger.chart.given(1), 5),
        move="give_surplus", key="give:1:surplus", volunteer_id=xiaoman.id,
    )  # fmt: skip
    record = hours.queries.mine(xiaoman.id).items[0][0]
    with pytest.raises(ledger.Spent) as short:
        hours.reverse(record, "扫错了人", by=office.id)
    assert short.value.facts["missing"] == 5 and record.state == "confirmed"


def test_flat_pay_above_the_limit_is_given_once_a_day_and_goes_back_with_its_stay(
    hundred: None, xiaoman: accounts.User, office: accounts.User, serve: Any, make_activity: Any, give_points: Any,
    clock: Any, here: Any,
) -> None:  # fmt: skip
    """LG-26: all of it above the limit is still once a person and day, and goes back with the stay it came from."""
    give_points(xiaoman, 100)
    stall = make_activity(title="便民摊位", pay_kind="flat", coefficient=None, flat_points=8, walk_ins=True)
    answer = serve(xiaoman, "2026-03-15", "09:00", "11:00", stall)
    assert (answer.points, given(xiaoman)) == (0, 8)
    ledger.spend(xiaoman.id, 50, to=ledger.chart.held(1), key="claim:1", why={})
    day = db.session.get(service_days.ServiceDay, answer.service_day_id)
    assert hours.pay_flat(day, xiaoman.id, 8, balance=50) == 0
    checkin.reverse(db.session.get(checkin.Attendance, answer.id), reason="扫错了人", by=office)
    assert (ledger.balance(xiaoman.id), given(xiaoman)) == (50, 0)
    give_points(xiaoman, 50)
    clock.move(day.starts_at)
    assert checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id()).points == 0
    assert (ledger.balance(xiaoman.id), given(xiaoman)) == (100, 8)  # taken back, so given anew
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN


def test_what_can_only_be_given_ends_with_its_month(
    hundred: None,
    xiaoman: accounts.User,
    serve: Any,
    make_activity: Any,
    give_points: Any,
    clock: Any,
    here: Any,
) -> None:
    """V14: the same months as the points that can be spent, and a purse that is swept twice is empty once."""
    give_points(xiaoman, 100)
    serve(xiaoman, "2026-03-08", "09:00", "11:00", make_activity(title="清洁家园", walk_ins=True))
    clock.move("2028-03-31 23:59")
    assert given(xiaoman) == 20
    clock.move("2028-04-01 00:20")
    assert given(xiaoman) == 0 and ledger.expire(date(2028, 4, 1)) == 120
    assert ledger.expire(date(2028, 4, 1)) == 0
    here.commit()
    assert {one.name for one in ledger.inspect()} <= GIVEN
