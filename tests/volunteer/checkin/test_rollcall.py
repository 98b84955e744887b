"""The roll-call (点名): a sample to be found, or three digits to be typed; who is not found is looked at before pay."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, activities, checkin, hours, ledger, notices, service_days, signing
from volunteer.checkin import answering, nightly, reviews, rollcall, rollcall_queries
from volunteer.checkin.models import Called, RollCall
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.hours.models import PersonHold

MIDWAY, LEAVING = "2026-03-08 10:00", "2026-03-08 11:30"


@pytest.fixture
def crowd(
    clock: Any,
    make_day: Callable[..., service_days.ServiceDay],
    make_activity: Callable[..., activities.Activity],
    make_volunteers: Callable[[int], list[accounts.User]],
) -> tuple[service_days.ServiceDay, list[accounts.User]]:
    """Ten who scanned in at nine; it is ten o'clock."""
    day = make_day(of=make_activity(walk_ins=True), capacity=40)
    people = make_volunteers(10)
    clock.move("2026-03-08 09:00")
    for person in people:
        checkin.record(person, checkin.showing(day).code, signing.scan_id())
    clock.move(MIDWAY)
    return day, people


@pytest.fixture
def chen(team: Any, nankeng: Any) -> accounts.User:
    """小陈, who may hold the list beside 老王."""
    person = accounts.register(name="陈小燕", phone="13800000031", home=nankeng)
    accounts.appoint(person, "team_leader", team_id=team.id)
    return person


def leave(clock: Any, day: service_days.ServiceDay, people: list[accounts.User]) -> None:
    clock.move(LEAVING)
    for person in people:
        checkin.record(person, checkin.showing(day).code, signing.scan_id())


def rows(call: RollCall) -> list[Called]:
    found = db.session.scalars(
        db.select(Called).filter_by(roll_call_id=call.id).order_by(Called.id).execution_options(populate_existing=True)
    )  # fmt: skip
    return list(found)


def row_of(call: RollCall, person: accounts.User) -> Called:
    (one,) = (one for one in rows(call) if one.volunteer_id == person.id)
    return one


def told(person: accounts.User) -> list[str]:
    found = db.session.scalars(db.select(notices.Notice).filter_by(user_id=person.id))
    return [one.text for one in found if "点名时" in one.text]


def clean() -> None:
    assert [one.name for one in ledger.inspect() if one.count] == []


# ── the sample ──


def test_a_seed_draws_the_same_people_again_and_an_auditor_may_do_it(
    crowd: Any, lao_wang: accounts.User
) -> None:
    """T02: three of ten, drawn from a seed that is kept; anybody can draw them again from the seed and the numbers."""
    day, people = crowd
    call = rollcall.begin(day, "sample", lao_wang)
    assert call.seed and len(call.seed) == 32 and call.among == sorted(one.id for one in people)
    drawn = sorted(one.volunteer_id for one in rows(call))
    assert drawn == rollcall.draw(call.seed, reversed(call.among)) and len(drawn) == 3
    assert rollcall.fair(call)
    stranger = next(one.id for one in people if one.id not in drawn)
    rows(call)[0].volunteer_id = stranger
    db.session.flush()
    assert not rollcall.fair(call), "somebody put another name on the list"


@pytest.mark.parametrize(("there", "drawn"), [(1, 1), (2, 2), (3, 3), (60, 3), (61, 4), (100, 5), (340, 17)])
def test_five_in_a_hundred_and_three_at_least(there: int, drawn: int) -> None:
    """T02."""
    sample = rollcall.draw("a-seed", range(there))
    assert len(sample) == len(set(sample)) == drawn
    assert sample == rollcall.draw("a-seed", range(there))


def test_only_who_is_in_and_not_out_is_called_and_never_who_holds_the_list(
    clock: Any, crowd: Any, lao_wang: accounts.User, xiaoman: accounts.User, office: accounts.User
) -> None:
    """T02: who has left is not called, whose stay was undone is not, who signed up and did not come is not."""
    day, people = crowd
    clock.move("2026-03-08 09:10")
    checkin.record(lao_wang, checkin.showing(day).code, signing.scan_id())
    service_days.sign_up(xiaoman, day)
    stay = db.session.scalars(db.select(checkin.Attendance).filter_by(volunteer_id=people[0].id)).one()
    checkin.reverse(stay, reason="不在现场", by=office)
    leave(clock, day, people[1:2])
    call = rollcall.begin(day, "digits", lao_wang)
    assert {one.volunteer_id for one in rows(call)} == {one.id for one in people[2:]}


def test_it_is_for_a_running_day_with_somebody_there(
    clock: Any, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    for at in ("2026-03-08 08:59", "2026-03-08 11:31"):
        clock.move(at)
        with pytest.raises(rollcall.NotRunning):
            rollcall.begin(day, "sample", lao_wang)
    clock.move(MIDWAY)
    with pytest.raises(rollcall.Nobody):
        rollcall.begin(day, "sample", lao_wang)
    with pytest.raises(rollcall.UnknownForm):
        rollcall.begin(day, "gps", lao_wang)
    clock.move("2026-03-08 08:00")
    service_days.call_off(day, "下雨")
    clock.move(MIDWAY)
    with pytest.raises(rollcall.NotRunning):
        rollcall.begin(day, "sample", lao_wang)


def test_one_at_a_time_and_six_a_day(
    clock: Any, crowd: Any, lao_wang: accounts.User, chen: accounts.User
) -> None:
    """T02: who begins the same again joins it; another form waits; the database knows both rules."""
    day, _people = crowd
    first = rollcall.begin(day, "sample", lao_wang)
    assert rollcall.begin(day, "sample", chen).id == first.id
    with pytest.raises(rollcall.Running):
        rollcall.begin(day, "digits", chen)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(_another(first, number=2, closed_at=None))
        db.session.flush()
    rollcall.close(day)
    for _again in range(5):
        rollcall.begin(day, "digits", lao_wang)
        rollcall.close(day)
    with pytest.raises(rollcall.Enough):
        rollcall.begin(day, "sample", lao_wang)
    for number in (6, 7):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(_another(first, number=number, closed_at=first.opened_at))
            db.session.flush()


def _another(like: RollCall, **changes: Any) -> RollCall:
    kept = ("service_day_id", "kind", "seed", "among", "opened_by", "opened_at", "ends_at")
    return RollCall(**({name: getattr(like, name) for name in kept} | changes))


def test_it_closes_when_everybody_is_marked_and_what_was_not_looked_for_is_not_missing(
    clock: Any, here: Any, crowd: Any, lao_wang: accounts.User
) -> None:
    """T02: present, missing, and one nobody looked for; a quarter of an hour ends it, and says so once."""
    day, _people = crowd
    call = rollcall.begin(day, "sample", lao_wang)
    first, second, third = rows(call)
    rollcall.mark(day, first.id, "present", lao_wang)
    rollcall.mark(day, second.id, "missing", lao_wang)
    clock.pass_(minutes=15)
    assert rollcall.is_open(call) and nightly.close_roll_calls(_now()) == 0
    clock.pass_(seconds=1)
    assert not rollcall.is_open(call), "nobody has to press anything"
    with pytest.raises(rollcall.Over):
        rollcall.mark(day, third.id, "missing", lao_wang)
    assert (nightly.close_roll_calls(_now()), nightly.close_roll_calls(_now())) == (1, 0)
    clock.pass_(minutes=1)
    rollcall.close(day)
    db.session.refresh(call)
    assert call.closed_at == call.ends_at, "closed again changes nothing"
    (tally,) = rollcall_queries.tallies(day)
    assert (tally.called, tally.present, tally.missing, tally.unmarked) == (3, 1, 1, 1)
    here.commit()
    (closed,) = db.session.scalars(db.select(Happened).filter_by(kind="checkin.RollCallClosed")).all()
    assert closed.facts == {"roll_call_id": call.id, "found": 1, "unfound": 1, "unanswered": 1}

    clock.move(MIDWAY)
    clock.pass_(minutes=30)
    again = rollcall.begin(day, "sample", lao_wang)
    for one in rows(again):
        rollcall.mark(day, one.id, "present", lao_wang)
    assert again.closed_at == _now()


def _now() -> Any:
    from volunteer import clock

    return clock.now()


def test_nobody_marks_himself_and_nobody_else_on_another_days_list(
    crowd: Any,
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
    chen: accounts.User,
) -> None:
    """T02, T06: the organiser's own name is for another organiser; the database says so as well."""
    day, _people = crowd
    checkin.manual(day, chen, reason="手机没电", by=lao_wang)
    call = rollcall.begin(day, "digits", lao_wang)
    own = row_of(call, chen)
    with pytest.raises(rollcall.OwnMark):
        rollcall.mark(day, own.id, "present", chen)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            update(Called)
            .where(Called.id == own.id)
            .values(state="present", marked_by=chen.id, marked_at=_now())
        )
    with pytest.raises(rollcall.Unlisted):
        rollcall.mark(make_day("2026-03-15"), own.id, "present", lao_wang)
    with pytest.raises(rollcall.Unlisted):
        rollcall.mark(day, own.id, "asleep", lao_wang)
    assert rollcall.mark(day, own.id, "present", lao_wang).marked_by == lao_wang.id


# ── who was not found ──


def test_only_the_one_not_found_waits_and_the_office_pays_him_once(
    clock: Any, here: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User, chen: accounts.User
) -> None:
    """T02: one relayed; his points wait, the nine others are paid as they leave; looked at, he is paid exactly once."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    lost = people[4]
    rollcall.mark(day, row_of(call, lost).id, "missing", lao_wang)
    rollcall.mark(day, row_of(call, lost).id, "missing", lao_wang)
    rollcall.close(day)
    leave(clock, day, people)
    assert [ledger.balance(one.id) for one in people] == [25] * 4 + [0] + [25] * 5
    assert not day.held and hours.totals(lost.id).waiting == 150
    assert len(told(lost)) == 1 and not any(told(one) for one in people if one is not lost)

    with here.signed_in(office):
        (row,) = rollcall_queries.unfound(day.starts_at)
        assert (row.user_id, row.waiting, row.paid) == (lost.id, 25, 0)
        assert reviews.held() == [], "the day itself does not wait"
    for person in (lao_wang, chen):
        with pytest.raises(hours.OwnDay):
            hours.people.clear(day, lost.id, by=person)
    assert hours.people.clear(day, lost.id, by=office) == 1
    assert hours.people.clear(day, lost.id, by=office) == 0
    assert ledger.balance(lost.id) == 25 and hours.totals(lost.id).waiting == 0
    with here.signed_in(office):
        assert rollcall_queries.unfound(day.starts_at) == []
    clean()


def test_who_had_somebody_held_does_not_decide_on_him_whatever_office_he_has(
    clock: Any, crowd: Any, office: accounts.User, street_office: accounts.User
) -> None:
    """T02, T06: two people decide, by each of the three ways there are; the database knows it too."""
    day, people = crowd
    call = rollcall.begin(day, "digits", office)
    lost = people[0]
    rollcall.mark(day, row_of(call, lost).id, "missing", office)
    leave(clock, day, [lost])
    record = db.session.scalars(db.select(hours.ServiceRecord)).one()
    with pytest.raises(hours.OwnDay):
        hours.people.clear(day, lost.id, by=office)
    with pytest.raises(hours.OwnDay):
        hours.confirm(record, by=office.id)
    with pytest.raises(hours.OwnDay):
        hours.refuse(record, "不在", by=office.id)
    for person in (office, lost):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(PersonHold).values(cleared_by=person.id, cleared_at=_now()))
    with pytest.raises(hours.OwnRecord):
        hours.people.clear(day, lost.id, by=lost)
    with pytest.raises(hours.OwnRecord):
        hours.people.hold(day, lost.id, "roll_call", by=lost)
    hours.confirm(record, by=street_office.id)
    assert ledger.balance(lost.id) == 25
    assert not hours.people.held(day, lost.id), "whoever confirms has looked"
    clean()


def test_who_was_not_there_is_undone_and_nothing_is_left(
    clock: Any, here: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T02: he had left, and been paid, before anybody looked for him: shown as paid, and his points go back."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    gone = people[7]
    leave(clock, day, [gone])
    clock.move("2026-03-08 10:05")
    rollcall.mark(day, row_of(call, gone).id, "missing", lao_wang)
    with here.signed_in(office):
        (row,) = rollcall_queries.unfound(day.starts_at)
        assert (row.waiting, row.paid) == (0, 25)
    stay = db.session.scalars(db.select(checkin.Attendance).filter_by(volunteer_id=gone.id)).one()
    checkin.reverse(stay, reason="不在现场", by=office)
    with here.signed_in(office):
        assert rollcall_queries.unfound(day.starts_at) == []
    assert ledger.balance(gone.id) == 0
    clean()


def test_who_was_not_there_may_be_turned_down_among_the_hours_that_wait(
    clock: Any, visitor: Any, here: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T02: the list of hours that wait says why; turned down there, he leaves the list of those not found too."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    rollcall.mark(day, row_of(call, people[0]).id, "missing", lao_wang)
    leave(clock, day, people[:1])
    desk = visitor(office)
    assert "点名时没有找到" in desk.get("/office/hours").words
    assert "点名时没有找到" in desk.get("/office/inbox").words
    record = db.session.scalars(db.select(hours.ServiceRecord)).one()
    hours.refuse(record, "不在现场", by=office.id)
    here.commit()
    stay = db.session.scalars(db.select(checkin.Attendance).filter_by(volunteer_id=people[0].id)).one()
    assert (stay.state, stay.reason) == ("void", "不在现场")
    with here.signed_in(office):
        assert rollcall_queries.unfound(day.starts_at) == []
    assert ledger.balance(people[0].id) == 0
    clean()


def test_a_mark_taken_back_pays_what_waited_for_nothing_else(
    clock: Any, crowd: Any, lao_wang: accounts.User, chen: accounts.User
) -> None:
    """T02: he was behind the truck. While the roll-call is open it is undone, and nobody has to look or was told."""
    day, people = crowd
    clock.move("2026-03-08 11:20")
    call = rollcall.begin(day, "digits", lao_wang)
    one = row_of(call, people[0])
    rollcall.mark(day, one.id, "missing", lao_wang)
    leave(clock, day, people[:1])
    assert ledger.balance(people[0].id) == 0
    assert rollcall.mark(day, one.id, "called", chen).marked_at is None
    assert ledger.balance(people[0].id) == 25
    rollcall.mark(day, one.id, "missing", chen)
    rollcall.mark(day, one.id, "present", chen)
    assert ledger.balance(people[0].id) == 25
    rollcall.close(day)
    assert not told(people[0]) and not hours.people.held(day, people[0].id)
    clean()


def test_a_mark_taken_back_does_not_pay_what_waits_for_the_day(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T02: the head count did not add up either; then he waits with the others, and the day's release pays him."""
    day, people = crowd
    checkin.headcount.count(day, 3, lao_wang)
    clock.move("2026-03-08 11:20")
    call = rollcall.begin(day, "digits", lao_wang)
    found, lost = (row_of(call, one) for one in people[:2])
    for one in (found, lost):
        rollcall.mark(day, one.id, "missing", lao_wang)
    leave(clock, day, people[:3])
    rollcall.mark(day, found.id, "present", lao_wang)
    assert [ledger.balance(one.id) for one in people[:3]] == [0, 0, 0]
    assert hours.people.clear(day, people[1].id, by=office) == 0, "cleared, and the day waits still"
    rollcall.mark(day, lost.id, "present", lao_wang)
    rollcall.mark(day, lost.id, "missing", lao_wang)
    assert hours.release(day, by=office) == 2, "whoever is held by name is not paid with the others"
    assert [ledger.balance(one.id) for one in people[:3]] == [25, 0, 25]
    assert hours.people.clear(day, people[1].id, by=office) == 1
    assert [ledger.balance(one.id) for one in people[:3]] == [25] * 3
    clean()


def test_missing_once_is_missing_though_found_at_the_next_and_the_roll_does_not_pay_either(
    clock: Any, here: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T02: the second roll-call takes nothing back of the first; a stay the organiser vouches for waits as well."""
    day, people = crowd
    for state in ("missing", "missing"):
        call = rollcall.begin(day, "digits", lao_wang)
        rollcall.mark(day, row_of(call, people[0]).id, state, lao_wang)
        last = row_of(call, people[0])
        if call.number == 2:
            rollcall.mark(day, last.id, "present", lao_wang)
        rollcall.close(day)
    assert hours.people.held(day, people[0].id)
    with here.signed_in(office):
        assert len(rollcall_queries.unfound(day.starts_at)) == 1
    clock.move("2026-03-08 13:00")
    checkin.confirm(day, [people[0].id, people[1].id], lao_wang)
    assert [ledger.balance(one.id) for one in people[:2]] == [0, 25]
    assert hours.people.clear(day, people[0].id, by=office) == 1
    assert ledger.balance(people[0].id) == 25
    clean()


def test_cleared_before_he_leaves_he_is_paid_as_he_leaves(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    rollcall.mark(day, row_of(call, people[0]).id, "missing", lao_wang)
    rollcall.close(day)
    assert hours.people.clear(day, people[0].id, by=office) == 0
    leave(clock, day, people[:1])
    assert ledger.balance(people[0].id) == 25
    clean()


# ── the digits ──


def test_whoever_types_the_digits_is_there(
    clock: Any, here: Any, crowd: Any, lao_wang: accounts.User
) -> None:
    """T02: the right digits within a minute and a half; the last to answer closes it; a repeat changes nothing."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    assert call.code and len(call.code) == 3 and call.code.isdigit() and call.seed is None
    clock.pass_(seconds=90)
    for person in people:
        assert answering.asking(person.id)
        assert answering.answer(person, f" {call.code[0]} {call.code[1:]}").state == "present"
        assert not answering.asking(person.id) and answering.answered(person.id)
    assert call.closed_at == _now()
    assert answering.answer(people[0], call.code).tries == 1
    here.commit()
    kinds = db.session.scalars(db.select(Happened.kind).where(Happened.kind.startswith("checkin.RollCall")))
    assert sorted(kinds) == ["checkin.RollCallAnswered"] * 10 + [
        "checkin.RollCallBegun",
        "checkin.RollCallClosed",
    ]


def test_a_relay_comes_too_late(clock: Any, crowd: Any, lao_wang: accounts.User) -> None:
    """T02: after ninety seconds the right digits are refused, and nobody is missing for it."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    clock.pass_(seconds=91)
    assert not answering.asking(people[0].id) and not rollcall.shows_digits(call)
    with pytest.raises(rollcall.Over) as refused:
        answering.answer(people[0], call.code or "")
    assert refused.value.code == "rollcall.over"
    rollcall.mark(day, row_of(call, people[1]).id, "present", lao_wang)
    clock.pass_(minutes=15)
    nightly.close_roll_calls(_now())
    with pytest.raises(answering.NotCalled):
        answering.answer(people[0], call.code or "")
    leave(clock, day, people)
    assert [ledger.balance(one.id) for one in people] == [25] * 10
    clean()


def test_digits_are_not_guessed(crowd: Any, lao_wang: accounts.User, xiaoman: accounts.User) -> None:
    """T02, T20: three tries a person and roll-call, counted by the database; after that not even the right one."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    wrong = f"{(int(call.code or 0) + 1) % 1000:03d}"
    for typed in ("12", "", "一二三", "12345"):
        with pytest.raises(answering.NotDigits):
            answering.answer(people[0], typed)
    assert [answering.answer(people[0], wrong).tries for _try in range(3)] == [1, 2, 3]
    for typed in (wrong, call.code or ""):
        with pytest.raises(answering.NoMoreTries):
            answering.answer(people[0], typed)
    assert not answering.asking(people[0].id) and row_of(call, people[0]).state == "called"
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(update(Called).values(tries=4))
    with pytest.raises(answering.NotCalled):
        answering.answer(xiaoman, call.code or "")
    assert answering.answer(people[1], call.code or "").state == "present"


def test_the_organisers_word_stands_over_the_digits(crowd: Any, lao_wang: accounts.User) -> None:
    """T02: digits passed on by phone do not bring back whom the organiser looked for in vain."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    rollcall.mark(day, row_of(call, people[0]).id, "missing", lao_wang)
    with pytest.raises(answering.MarkedMissing):
        answering.answer(people[0], call.code or "")
    answering.answer(people[1], call.code or "")
    assert rollcall.mark(day, row_of(call, people[1]).id, "missing", lao_wang).state == "missing"


def test_who_did_not_answer_is_only_shown_and_a_card_is_asked_nothing(
    clock: Any,
    here: Any,
    crowd: Any,
    lao_wang: accounts.User,
    office: accounts.User,
    other_office: accounts.User,
    grandma: accounts.User,
    xiaoman: accounts.User,
    daming: accounts.User,
) -> None:
    """T02: no answer is an anomaly and no penalty; a number read out, a hand-written entry or a shared phone is neither."""
    day, people = crowd
    clock.move("2026-03-08 09:15")
    checkin.scan_pass(lao_wang, day.id, grandma.volunteer_no, signing.scan_id())
    checkin.manual(day, xiaoman, reason="没带手机", by=lao_wang)
    checkin.record(daming, checkin.showing(day).code, signing.scan_id())
    checkin.shared_phones.allow(day, daming, reason="老两口共用一部手机", by=lao_wang)
    clock.move(MIDWAY)
    call = rollcall.begin(day, "digits", lao_wang)
    by_phone = {one.volunteer_id for one in rows(call) if one.by_phone}
    assert by_phone == {one.id for one in people}
    for person in people[2:]:
        answering.answer(person, call.code or "")
    with here.signed_in(office):
        assert rollcall_queries.silent(day.starts_at) == [], "it goes on"
    rollcall.close(day)
    (tally,) = rollcall_queries.tallies(day)
    assert (tally.called, tally.present, tally.unanswered, tally.unasked) == (13, 8, 2, 3)
    with here.signed_in(office):
        silent = rollcall_queries.silent(day.starts_at)
        assert [(row.user_id, row.silent, row.asked) for row in silent] == [
            (people[0].id, 1, 1),
            (people[1].id, 1, 1),
        ]
        assert rollcall_queries.unfound(day.starts_at) == []
    with here.signed_in(other_office):
        assert rollcall_queries.silent(day.starts_at) == []
    leave(clock, day, people)
    assert [ledger.balance(one.id) for one in people] == [25] * 10
    assert not told(people[0])


# ── what a sample finds ──


def test_a_sample_finds_relayed_people_as_often_as_the_arithmetic_says() -> None:
    """T02: of 300 present and 40 relayed, 17 are drawn; over 200 seeds as many relayed, and as often, as chance has it."""
    present, relayed, drawn = 300, 40, 17
    whole = present + relayed
    often = 1 - math.comb(present, drawn) / math.comb(whole, drawn)
    found = [sum(one >= present for one in rollcall.draw(f"seed-{n}", range(whole))) for n in range(200)]
    caught = sum(one > 0 for one in found)
    spread = math.sqrt(200 * often * (1 - often))
    assert abs(caught - 200 * often) <= 3 * spread, (
        f"{caught} of 200, expected {200 * often:.1f} ± {spread:.1f}"
    )

    mean = drawn * relayed / whole
    variance = mean * (present / whole) * (whole - drawn) / (whole - 1)
    assert abs(sum(found) / 200 - mean) <= 3 * math.sqrt(variance / 200), "and not one seed favours anybody"

    thrice = sum(any(found[n : n + 3]) for n in range(0, 198, 3))
    assert thrice >= 0.95 * 66, "three roll-calls a day and hardly any day passes"
    assert sum(any(one < 0 for one in rollcall.draw(f"seed-{n}", range(present))) for n in range(200)) == 0


# ── the pages ──


def test_the_organiser_looks_for_three_on_the_page(
    visitor: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T02: drawn, masked, with the last four of the phone; marked, taken back, closed; the office pays, in words."""
    day, _people = crowd
    leader = visitor(lao_wang)
    address = f"/service-days/{day.id}/roll-call"
    assert "抽几位" in leader.get(address).words
    page = leader.post(f"/service-days/{day.id}/roll-calls", data={"kind": "sample"}, follow=True)
    assert "请到现场找一找这 3 位" in page.words and page.words.count("手机尾号") == 3
    assert "1370000" not in page.text
    call = db.session.scalars(db.select(RollCall)).one()
    first, second, third = rows(call)
    for one, state in ((first, "missing"), (first, "called"), (first, "missing"), (second, "present")):
        answer = leader.post(f"{address}/marks", data={"called": one.id, "state": state}, follow=True)
    assert "记错了，改回来" in answer.words
    lost = db.session.get_one(accounts.User, first.volunteer_id)
    answer = leader.post(f"{address}/marks", data={"called": third.id, "state": "present"}, follow=True)
    assert "今天还能点 5 次" in answer.words
    late = leader.post(f"{address}/marks", data={"called": third.id, "state": "missing"})
    assert late.status_code == 409 and "已经结束" in late.words
    roll = leader.get(f"/service-days/{day.id}/roll").words
    assert "点名没找到" in roll and "结果一致" in roll and (call.seed or "") in roll
    assert "组织者在现场没有找到你" in visitor(lost).get("/me/notices").words

    desk = visitor(office)
    gate = desk.get("/office/gate").words
    assert "点名没找到的人" in gate and "在现场，记上" in gate
    cleared = desk.post(f"{address}/clearance", data={"user_id": lost.id}, follow=True)
    assert "没有点名没找到的人" in cleared.words


def test_a_volunteer_types_the_digits_on_the_first_page(
    clock: Any, visitor: Any, crowd: Any, lao_wang: accounts.User
) -> None:
    """T02: the card stands on the home page while the digits hold; wrong is said kindly, right is thanked for."""
    day, people = crowd
    leader, phone, slow = visitor(lao_wang), visitor(people[0]), visitor(people[1])
    assert "现在点名" not in phone.get("/").words
    page = leader.post(f"/service-days/{day.id}/roll-calls", data={"kind": "digits"}, follow=True)
    call = db.session.scalars(db.select(RollCall)).one()
    assert call.code in page.words and "已答到 0 / 10" in page.words
    assert "现在点名：请填现场的三位数字" in phone.get("/").words
    assert call.code not in phone.get("/me/roll-call").words
    wrong = f"{(int(call.code) + 1) % 1000:03d}"
    said = phone.post("/me/roll-call/answers", data={"digits": wrong}, follow=True)
    assert "还可以填 2 次" in said.words
    said = phone.post("/me/roll-call/answers", data={"digits": call.code}, follow=True)
    assert "答到了，谢谢" in said.words and "已经答到" in said.words
    now = leader.get(f"/service-days/{day.id}/roll-call/now", headers={"HX-Request": "true"})
    assert "已答到 1 / 10" in now.text
    for _try in range(3):
        said = slow.post("/me/roll-call/answers", data={"digits": wrong}, follow=True)
    assert "填错三次" in said.words
    refused = slow.post("/me/roll-call/answers", data={"digits": call.code})
    assert refused.status_code == 409 and row_of(call, people[1]).state == "called"

    clock.pass_(seconds=91)
    late = visitor(people[2]).post("/me/roll-call/answers", data={"digits": call.code})
    assert late.status_code == 409 and "已经结束" in late.words
    page = leader.get(f"/service-days/{day.id}/roll-call").words
    assert call.code not in page.split("今天的点名")[0].replace("1370", "") and "数字收起来了" in page
    page = leader.post(f"/service-days/{day.id}/roll-call/closing", data={}, follow=True)
    assert "这次点名结束了" in page.words


def test_the_list_is_the_organisers_alone(
    visitor: Any, crowd: Any, xiaoman: accounts.User, other_office: accounts.User, auditor: accounts.User
) -> None:
    """T02, T13: no volunteer, no other community and no auditor begins or marks a roll-call."""
    day, _people = crowd
    for person, status in ((xiaoman, 403), (auditor, 403), (other_office, 404)):
        browser = visitor(person)
        assert browser.get(f"/service-days/{day.id}/roll-call").status_code == status
        for address in ("roll-calls", "roll-call/marks", "roll-call/closing", "roll-call/clearance"):
            said = browser.post(f"/service-days/{day.id}/{address}", data={"kind": "sample"})
            assert said.status_code == status, address
    assert db.session.scalars(db.select(RollCall)).all() == []


# ── races ──


@pytest.mark.races
def test_two_organisers_begin_at_once_and_look_at_the_same_list(
    together: Any,
    visitor: Any,
    crowd: Any,
    lao_wang: accounts.User,
    chen: accounts.User,
    office: accounts.User,
) -> None:
    """T02: six presses, one roll-call, one draw."""
    day, _people = crowd
    browsers = [visitor(one) for one in (lao_wang, chen, office) * 2]
    address = f"/service-days/{day.id}/roll-calls"
    for one in browsers:
        one.csrf_token()
    heard = together([lambda one=one: one.post(address, data={"kind": "sample"}) for one in browsers])
    assert {answer.status_code for answer in heard} == {303}
    (call,) = db.session.scalars(db.select(RollCall)).all()
    assert len(rows(call)) == 3 and rollcall.fair(call)


@pytest.mark.races
def test_one_person_answers_on_many_phones_at_once(
    together: Any, visitor: Any, crowd: Any, lao_wang: accounts.User
) -> None:
    """T02, T20: eight right answers are one; eight wrong ones are three tries."""
    day, people = crowd
    call = rollcall.begin(day, "digits", lao_wang)
    wrong = f"{(int(call.code or 0) + 1) % 1000:03d}"
    for person, typed, state, tries, events in (
        (people[0], call.code, "present", 1, 1),
        (people[1], wrong, "called", 3, 0),
    ):
        phones = [visitor(person) for _phone in range(8)]
        for phone in phones:
            phone.csrf_token()
        heard = together(
            [
                lambda phone=phone, typed=typed: phone.post("/me/roll-call/answers", data={"digits": typed})
                for phone in phones
            ]
        )
        assert {answer.status_code for answer in heard} <= {303, 409}
        one = row_of(call, person)
        assert (one.state, one.tries) == (state, tries)
        said = db.session.scalars(
            db.select(Happened).filter_by(kind="checkin.RollCallAnswered", whom=person.id)
        )
        assert len(said.all()) == events


@pytest.mark.races
def test_the_last_is_marked_by_two_at_once_and_told_once(
    together: Any, visitor: Any, crowd: Any, lao_wang: accounts.User, chen: accounts.User
) -> None:
    """T02: two organisers say of one person that he is missing: one hold, one closing, one message."""
    day, _people = crowd
    call = rollcall.begin(day, "sample", lao_wang)
    first, second, third = rows(call)
    for one in (first, second):
        rollcall.mark(day, one.id, "present", lao_wang)
    browsers = [visitor(one) for one in (lao_wang, chen) * 3]
    for browser in browsers:
        browser.csrf_token()
    form, address = {"called": third.id, "state": "missing"}, f"/service-days/{day.id}/roll-call/marks"
    heard = together([lambda one=one: one.post(address, data=form) for one in browsers])
    statuses = {answer.status_code for answer in heard}
    assert 303 in statuses and statuses <= {303, 409}
    lost = db.session.get_one(accounts.User, third.volunteer_id)
    assert len(told(lost)) == 1
    assert len(db.session.scalars(db.select(PersonHold)).all()) == 1
    kinds = list(db.session.scalars(db.select(Happened.kind)))
    assert (kinds.count("checkin.RollCallClosed"), kinds.count("hours.PersonHeld")) == (1, 1)


def test_every_refusal_says_what_to_do() -> None:
    refusals = [
        one
        for one in (*vars(rollcall).values(), *vars(answering).values())
        if isinstance(one, type) and issubclass(one, Refusal)
    ]
    ours = [one for one in refusals if one.code.startswith("rollcall.")]
    assert len(ours) == len({one.code for one in ours}) == 12
    assert timedelta(seconds=90) == rollcall.DIGITS_LAST < rollcall.LASTS
