"""A stay becomes hours and points: two statements, long days wait, what was wrong is reversed once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from tests.strict import statements
from volunteer import clock, hours, ledger, notices


@pytest.fixture
def warm(db):
    """Have what came before written, and the rules read, so that only what follows is counted."""

    def warm():
        db.session.flush()
        ledger.tariff(clock.today(), "/")

    return warm


@pytest.fixture
def stay(here, day, activity):
    """`stay(xiaoman, 150)`: a stay of so many minutes at tomorrow's day."""

    def stay(person, minutes, source="attendance:1", grade="A", on=day, of=activity, **facts):
        return hours.record_stay(
            source=source, volunteer_id=person.id, day=on, activity=of, minutes=minutes, grade=grade, **facts
        )

    return stay


def test_a_stay_is_recorded_and_paid_in_one_write(stay, xiaoman, warm, engine):
    warm()
    with statements() as said:
        record = stay(xiaoman, 150)
    writes = [one for one in said if "INSERT" in one]
    assert len(writes) == (1 if engine.name == "postgresql" else 2)
    assert (record.state, record.points, record.minutes) == ("confirmed", 25, 150)
    assert ledger.balance(xiaoman.id) == 25
    (entry,) = ledger.queries.all_entries(xiaoman.id)
    assert entry.key == f"record:{record.id}" and entry.title == "清洁家园" and entry.on == date(2026, 3, 8)
    assert str(entry.formula) == "150 分钟 → 5 个半小时 × 5 × 1.0 = 25 分"


def test_a_stay_worth_nothing_still_counts(stay, xiaoman, warm):
    warm()
    record = stay(xiaoman, 60)  # less than 60 % of the planned 150 minutes
    assert (record.points, record.formula["reason_zero"]) == (0, "ratio")
    assert hours.totals(xiaoman.id).minutes == 60 and ledger.balance(xiaoman.id) == 0


def test_difficulty_and_leading_are_paid(stay, xiaoman, lao_wang, make_activity, make_day):
    hard = make_activity(title="台风值守", coefficient=14)
    on = make_day(of=hard)
    assert stay(xiaoman, 150, of=hard, on=on).points == 35
    assert stay(lao_wang, 150, "attendance:2", of=hard, on=on).points == 40


def test_what_is_added_late_counts_and_is_not_paid(stay, xiaoman):
    record = stay(xiaoman, 150, grade="C", recorder_id=xiaoman.id)
    assert (record.points, record.formula["reason_zero"]) == (0, "grade")
    assert hours.totals(xiaoman.id).minutes_by_grade == {"A": 0, "B": 0, "C": 150}


@pytest.fixture
def long_day(stay, xiaoman, make_day, activity):
    """Ten hours on one date: four have counted already, six more wait."""
    stay(xiaoman, 240, "attendance:1", on=make_day("2026-03-15", "08:00", "12:00"))
    late = make_day("2026-03-15", "13:00", "19:00", of=activity)
    return stay(xiaoman, 360, "attendance:2", on=late, credited=240)


def test_a_long_day_waits_and_pays_when_confirmed(long_day, xiaoman, office, db, broken):
    assert long_day.state == "provisional"
    assert ledger.balance(xiaoman.id) == 40
    waits = hours.totals(xiaoman.id)
    assert (waits.minutes, waits.waiting) == (240, 360)

    hours.confirm(long_day, by=office.id)
    assert long_day.state == "confirmed"
    # Points on eight hours a day at most: 240 minutes were left of the 480.
    assert (long_day.points, ledger.balance(xiaoman.id)) == (40, 80)
    assert hours.totals(xiaoman.id).minutes == 600
    sent = db.session.scalars(select(notices.Notice).where(notices.Notice.user_id == xiaoman.id)).one()
    assert "360 分钟已经确认" in str(notices.shown(sent))

    hours.confirm(long_day, by=office.id)
    assert ledger.balance(xiaoman.id) == 80
    assert broken() == []


def test_nobody_confirms_his_own_hours(long_day, xiaoman):
    """T06."""
    for decide in (
        lambda: hours.confirm(long_day, by=xiaoman.id),
        lambda: hours.refuse(long_day, "x", by=xiaoman.id),
    ):
        with pytest.raises(hours.OwnRecord):
            decide()
    assert long_day.state == "provisional"


def test_a_long_day_is_turned_down_with_its_reason(long_day, xiaoman, office, broken):
    with pytest.raises(hours.NeedsReason):
        hours.refuse(long_day, "  ", by=office.id)
    hours.refuse(long_day, "下午没有在场", by=office.id)
    assert (long_day.state, long_day.reason) == ("reversed", "下午没有在场")
    assert hours.totals(xiaoman.id).waiting == 0 and ledger.balance(xiaoman.id) == 40
    with pytest.raises(hours.Taken):
        hours.confirm(long_day, by=office.id)
    hours.refuse(long_day, "again", by=office.id)
    assert long_day.reason == "下午没有在场"
    assert broken() == []


def test_what_is_confirmed_is_not_turned_down(long_day, office):
    hours.confirm(long_day, by=office.id)
    with pytest.raises(hours.Decided):
        hours.refuse(long_day, "too late", by=office.id)


def test_a_record_is_reversed_once(stay, xiaoman, office, db, broken):
    """T33."""
    record = stay(xiaoman, 150)
    with pytest.raises(hours.NeedsReason):
        hours.reverse(record, "", by=office.id)
    hours.reverse(record, "扫错了人", by=office.id)
    hours.reverse(record, "another time", by=office.id)
    assert (record.state, record.reason, record.reversed_by) == ("reversed", "扫错了人", office.id)
    assert ledger.balance(xiaoman.id) == 0 and hours.totals(xiaoman.id).minutes == 0
    assert db.session.scalar(select(func.count()).where(ledger.Posting.move == "reversal")) == 1
    assert broken() == []


def test_spent_points_keep_the_record_standing(stay, xiaoman, office, here):
    record = stay(xiaoman, 150)
    ledger.spend(xiaoman.id, 20, to="held:1", key="claim:1", why={})
    here.commit()
    with pytest.raises(ledger.Spent) as refused:
        hours.reverse(record, "扫错了人", by=office.id)
    assert refused.value.facts["missing"] == 20
    here.undo()
    assert hours.totals(xiaoman.id).minutes == 150


def test_what_a_stay_came_to_is_undone_by_its_source(stay, xiaoman, office):
    stay(xiaoman, 150)
    assert hours.paid_for(1) == 25 and hours.formula_of("attendance:1")["points"] == 25
    assert hours.undo("attendance:1", reason="扫错了人", by=office.id) == 25
    assert hours.undo("attendance:1", reason="扫错了人", by=office.id) == 0
    assert hours.undo("attendance:77", reason="扫错了人", by=office.id) == 0
    assert hours.paid_for(1) == 0 and hours.formula_of("attendance:77") is None
    assert hours.minutes_on(xiaoman.id, date(2026, 3, 8)) == 0


@pytest.fixture
def drill(make_activity, make_day):
    """A drill that gives five points for coming."""
    pays = make_activity(title="消防演练", pay_kind="flat", flat_points=5, coefficient=10)
    return make_day(of=pays), pays


def test_flat_pay_comes_once_a_person_and_day(drill, xiaoman, daming, broken):
    day, _activity = drill
    assert hours.pay_flat(day, xiaoman.id, 5) == 5
    assert hours.pay_flat(day, xiaoman.id, 5) == 0
    assert hours.pay_flat(day, xiaoman.id, 7) == 0  # the amount was changed meanwhile
    assert hours.pay_flat(day, daming.id, 7) == 7
    assert hours.pay_flat(day, daming.id, 0) == 0
    assert (ledger.balance(xiaoman.id), ledger.balance(daming.id)) == (5, 7)
    assert ledger.find(f"flat:{day.id}:{xiaoman.id}").points == 5
    assert broken() == []


def test_flat_pay_is_one_statement(drill, xiaoman, warm):
    day, _activity = drill
    warm()
    with statements() as said:
        hours.pay_flat(day, xiaoman.id, 5)
    assert len(said) == 1


def test_flat_pay_taken_back_may_be_earned_again(drill, xiaoman, broken):
    """LG-33: what stands at each step is one award at the amount of the last one."""
    day, _activity = drill
    for amount in (5, 5, 8):
        assert hours.pay_flat(day, xiaoman.id, amount) == amount
        assert hours.pay_flat(day, xiaoman.id, amount) == 0
        assert ledger.balance(xiaoman.id) == amount
        assert broken() == []
        assert hours.unpay_flat(day.id, xiaoman.id, reason="没有到场") == amount
        assert hours.unpay_flat(day.id, xiaoman.id, reason="没有到场") == 0
        assert ledger.balance(xiaoman.id) == 0
        assert broken() == []


def test_hours_of_a_flat_day_are_recorded_and_not_paid_again(drill, stay, xiaoman, broken):
    day, pays = drill
    hours.pay_flat(day, xiaoman.id, 5)
    record = stay(xiaoman, 150, on=day, of=pays)
    assert (record.points, record.minutes, record.formula["kind"]) == (0, 150, "flat")
    assert str(ledger.explain(record.formula)) == "签到即得 5 分"
    assert ledger.balance(xiaoman.id) == 5 and broken() == []
