"""Who did not come: three values, three in ninety days wait first for thirty, an organiser may excuse (O14, V7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from volunteer import checkin, hours, ledger, service_days
from volunteer.notices import Notice
from volunteer.service_days import Signup, absences


def states(db, day):
    db.session.expire_all()
    rows = select(Signup.volunteer_id, Signup.state).where(Signup.service_day_id == day.id)
    return dict(db.session.execute(rows).all())


@pytest.fixture
def misses(db, make_day, clock, lao_wang):
    """Somebody does not come on these dates: `misses(xiaoman, "2026-01-10", …)`; then it is 7 March again."""

    def miss(person, *dates):
        for on in dates:
            clock.move(f"{date.fromisoformat(on) - timedelta(days=3)} 09:00")
            day = make_day(on, capacity=3)
            service_days.sign_up(person, day)
            clock.move(f"{on} 12:40")
            service_days.close(day)
            absences.absent(day, [person.id], lao_wang)
        clock.move("2026-03-07 09:00")

    return miss


@pytest.mark.parametrize(
    ("missed", "until"),
    [
        ([], None),
        (["2026-01-01", "2026-01-02"], None),
        (["2026-01-01", "2026-02-01", "2026-03-01"], "2026-03-31"),
        (["2026-01-01", "2026-02-01", "2026-03-31"], "2026-04-30"),  # 89 days
        (["2026-01-01", "2026-02-01", "2026-04-01"], None),  # 90
        (["2026-01-01", "2026-01-02", "2026-01-03", "2026-03-01"], "2026-03-31"),  # the latest three
        (["2026-01-01", "2026-01-02", "2026-01-03", "2026-05-01"], "2026-02-02"),
    ],
)
def test_three_within_ninety_days_wait_first_for_thirty(missed, until):
    """O14."""
    days = [date.fromisoformat(on) for on in missed]
    got = absences.waits_until(days, limit=3, days=90, pause=30)
    assert got == (until and date.fromisoformat(until))


@given(st.lists(st.integers(0, 400), max_size=8).map(sorted))
def test_an_excuse_never_makes_it_longer(offsets):
    """O14: taking one away leaves nobody waiting longer than before."""
    missed = [date(2025, 1, 1) + timedelta(days=n) for n in offsets]
    before = absences.waits_until(missed, limit=3, days=90, pause=30)
    for n in range(len(missed)):
        after = absences.waits_until(missed[:n] + missed[n + 1 :], limit=3, days=90, pause=30)
        assert after is None or (before is not None and after <= before)


def test_warned_then_waiting_then_as_before(clock, db, misses, make_day, xiaoman):
    """SU-14: told at the first and the second, waits first from the third, and it ends by itself."""
    misses(xiaoman, "2026-02-20", "2026-02-25")
    assert service_days.standing(xiaoman).until is None and service_days.standing(xiaoman).left == 1
    assert service_days.sign_up(xiaoman, make_day("2026-03-14")).state == "accepted"
    misses(xiaoman, "2026-03-05")
    assert service_days.standing(xiaoman).until == date(2026, 4, 4)
    told = db.session.scalars(
        select(Notice.text).where(Notice.user_id == xiaoman.id).order_by(Notice.id)
    ).all()
    assert ["记了一次未到" in text for text in told] == [True, True, False] and "先排候补" in told[-1]

    day = make_day("2026-04-02")
    assert (service_days.sign_up(xiaoman, day).state, day.accepted) == ("waitlisted", 0)
    clock.move("2026-04-04 09:00")
    later = make_day("2026-04-19")
    assert service_days.sign_up(xiaoman, later).behind
    clock.move("2026-04-05 00:00")
    assert service_days.standing(xiaoman).until is None
    assert service_days.sign_up(xiaoman, make_day("2026-04-12")).state == "accepted"


def test_whoever_waits_first_stands_behind_those_who_came_later(
    db, misses, make_day, make_volunteers, xiaoman
):
    misses(xiaoman, "2026-02-20", "2026-02-25", "2026-03-05")
    day = make_day("2026-03-20", capacity=1)
    assert service_days.sign_up(xiaoman, day).state == "waitlisted"
    holder, other = make_volunteers(2)
    assert service_days.sign_up(holder, day).state == "accepted"
    signup = service_days.sign_up(other, day)
    assert (signup.state, service_days.place(signup)) == ("waitlisted", 1)
    service_days.leave(holder, day)
    assert states(db, day)[other.id] == "offered"


def test_an_excuse_with_a_reason_ends_it_at_once(clock, db, misses, make_day, xiaoman, lao_wang, daming):
    """O14: excusable by the organiser, and whoever waited behind stands where they asked."""
    misses(xiaoman, "2026-02-20", "2026-02-25", "2026-03-05")
    day = make_day("2026-03-20", capacity=1)
    service_days.sign_up(daming, day)
    signup = service_days.sign_up(xiaoman, day)
    missed = db.session.scalars(select(Signup).where(Signup.state == "no_show").order_by(Signup.id)).all()
    last = db.session.get_one(service_days.ServiceDay, missed[-1].service_day_id)
    with pytest.raises(absences.NeedsReason):
        absences.excuse(last, xiaoman.id, " ", lao_wang)
    absences.excuse(last, xiaoman.id, "当天送老人急诊", lao_wang)
    absences.excuse(last, xiaoman.id, "再写一次", lao_wang)
    db.session.expire_all()
    assert missed[-1].excuse == "当天送老人急诊" and not signup.behind
    assert service_days.standing(xiaoman).missed == (date(2026, 2, 20), date(2026, 2, 25))
    assert last.accepted == 1 and missed[-1].state == "no_show" and ledger.inspect() == []


def test_only_an_absence_can_be_excused_and_nobody_excuses_themselves(clock, day, xiaoman, lao_wang):
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(lao_wang, day)
    with pytest.raises(absences.NotMissing):
        absences.excuse(day, xiaoman.id, "事假", lao_wang)
    clock.move("2026-03-08 09:30")
    with pytest.raises(absences.OwnAbsence):
        absences.excuse(day, lao_wang.id, "事假", lao_wang)
    with pytest.raises(absences.OwnAbsence):
        absences.absent(day, [xiaoman.id, lao_wang.id], lao_wang)


def test_nobody_is_absent_before_the_day_begins(day, xiaoman, lao_wang):
    service_days.sign_up(xiaoman, day)
    with pytest.raises(absences.TooEarly):
        absences.absent(day, [xiaoman.id], lao_wang)


def test_saying_of_many_that_they_did_not_come_skips_those_who_did(
    clock, here, db, day, xiaoman, daming, grandma, lao_wang
):
    """SU-20, SU-18: whoever is there, or is down already, is skipped, and the answer counts."""
    for person in (xiaoman, daming, grandma):
        service_days.sign_up(person, day)
    clock.move("2026-03-08 09:02")
    checkin.manual(day, xiaoman, reason="手机没电", by=lao_wang)
    ids = [xiaoman.id, daming.id]
    assert absences.absent(day, ids, lao_wang) == 1
    assert absences.absent(day, ids, lao_wang) == 0
    assert states(db, day) == {xiaoman.id: "accepted", daming.id: "no_show", grandma.id: "accepted"}


def test_absent_earns_nothing_even_when_all_are_confirmed_at_once(
    clock, here, db, day, xiaoman, daming, lao_wang
):
    """SU-18, SU-17: the bulk confirmation pays who was there; hours of others, and of before, stay as they are."""
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in")
    absences.absent(day, [daming.id], lao_wang)
    clock.move("2026-03-08 12:31")
    checkin.roll.close_forgotten(clock.move("2026-03-08 12:31"))
    checkin.confirm(day, [xiaoman.id, daming.id], lao_wang)
    assert ledger.balance(xiaoman.id) > 0 and ledger.balance(daming.id) == 0
    theirs = select(func.count()).where(hours.ServiceRecord.volunteer_id == daming.id)
    assert db.session.scalar(theirs) == 0
    service_days.close(day)
    assert states(db, day) == {xiaoman.id: "attended", daming.id: "no_show"}


def test_a_confirmed_roll_lets_the_night_write_absences_down(clock, here, db, day, xiaoman, lao_wang):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 12:40")
    service_days.close(day)
    assert absences.days_owed(clock.move("2026-03-09 02:30")) == []
    assert absences.write_down(day) == 0
    checkin.confirm(day, [], lao_wang)
    assert absences.days_owed(clock.move("2026-03-09 02:30")) == [day.id]
    assert (absences.write_down(day), absences.write_down(day)) == (1, 0)


def test_leave_is_no_absence(clock, db, day, xiaoman):
    """V7: whoever said so in time, with a reason when it was late, is not missing."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 08:59")
    service_days.leave(xiaoman, day, "发烧")
    clock.move("2026-03-12 09:00")
    service_days.close(day)
    absences.write_down(day)
    assert states(db, day) == {xiaoman.id: "left"} and service_days.standing(xiaoman).missed == ()


def test_the_volunteer_reads_how_it_stands_and_how_it_ends(here, visitor, misses, make_day, xiaoman):
    """O14: plainly, on one's own days and before signing up."""
    assert "先排候补" not in visitor(xiaoman).get("/me/days").words
    misses(xiaoman, "2026-02-20", "2026-02-25")
    assert "有 2 次报了名没来" in visitor(xiaoman).get("/me/days").words
    misses(xiaoman, "2026-03-05")
    page = visitor(xiaoman).get("/me/days").words
    assert "到 4月4日(周六) 为止，报名先排候补" in page and "时长和积分不受影响" in page
    day = make_day("2026-03-20")
    assert "你报名先排候补" in visitor(xiaoman).get(f"/service-days/{day.id}").words
    answer = visitor(xiaoman).post(f"/service-days/{day.id}/signups", data={"risk_known": "y"}, follow=True)
    assert "候补第 1 位" in answer.words and "排在别人后面" in answer.words


def test_the_organiser_marks_and_excuses_on_the_desk(
    clock, here, db, visitor, day, xiaoman, daming, lao_wang
):
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    clock.move("2026-03-08 09:40")
    desk = visitor(lao_wang)
    assert "谁没来" in desk.get(f"/service-days/{day.id}/desk").words
    done = desk.post(f"/service-days/{day.id}/absences", data={"user_id": [str(daming.id)]}, follow=True)
    assert "1 人没来" in done.words and "没来的 1" in done.words
    there = f"/service-days/{day.id}/absences/{daming.id}/excuse"
    assert desk.post(there, data={"reason": ""}).status_code == 422
    assert "不算未到了" in desk.post(there, data={"reason": "送老人急诊"}, follow=True).words
    assert visitor(xiaoman).post(there, data={"reason": "我自己来"}).status_code == 403
