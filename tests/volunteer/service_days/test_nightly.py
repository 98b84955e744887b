"""What the night does with service days, and what the inspection sees."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import func, select, update

from volunteer import ledger, service_days
from volunteer.service_days import Holiday, ServiceDay, Signup, queries


def test_the_night_keeps_six_ahead_and_once(clock, command, db, activity):
    service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    clock.move("2026-03-10 03:00")
    for _again in range(2):
        assert command("timetable", "run", "service_days.extend", "--on", "2026-03-10").exit_code == 0
    db.session.expire_all()
    coming = queries.of_activity(activity.id)
    assert [day.on.isoformat() for day in coming][-1] == "2026-04-20" and len(coming) == 6


def test_a_series_that_cannot_go_on_does_not_stop_the_others(clock, command, db, activity, make_activity):
    broken = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    service_days.schedule(
        make_activity(title="义剪进小区"), "FREQ=WEEKLY;BYDAY=TU", date(2026, 3, 7), time(9), time(10), 5
    )
    broken.series.rrule = "rubbish"
    clock.move("2026-03-11 03:00")
    command("timetable", "run", "service_days.extend", "--on", "2026-03-11")
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).where(ServiceDay.series_id != broken.series.id)) == 7


def test_the_day_closes_by_itself(clock, command, db, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 13:05")
    assert command("timetable", "run", "service_days.close").exit_code == 0
    db.session.expire_all()
    assert (day.state, db.session.scalar(select(Signup.state))) == ("closed", "accepted")
    assert day.accepted == 1 and ledger.inspect() == []


def test_the_night_writes_down_who_did_not_come_once_the_roll_stands(clock, command, db, day, xiaoman):
    """SU-18, O14: not yet, until 72 hours are over or the organiser has confirmed."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 13:05")
    command("timetable", "run", "service_days.close")
    seen = []
    for night in ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-12"):
        assert command("timetable", "run", "service_days.absences", "--on", night).exit_code == 0
        db.session.expire_all()
        seen.append(db.session.scalar(select(Signup.state)))
    assert seen == ["accepted", "accepted", "no_show", "no_show"]
    assert day.accepted == 1 and ledger.inspect() == []


def test_offers_run_out_by_themselves_and_go_on(clock, command, db, make_day, xiaoman, daming, grandma):
    day = make_day("2026-03-20", capacity=1)
    for person in (xiaoman, daming, grandma):
        service_days.sign_up(person, day)
    service_days.leave(xiaoman, day)
    clock.move("2026-03-08 09:05")
    assert command("timetable", "run", "service_days.offers").exit_code == 0
    db.session.expire_all()
    found = db.session.scalars(select(Signup.state).order_by(Signup.id)).all()
    assert found == ["left", "lapsed", "offered"] and ledger.inspect() == []


def test_the_draw_runs_by_itself_and_once(clock, command, db, make_day, make_volunteers):
    day = make_day("2026-03-20", capacity=2)
    service_days.draws.plan(day, clock.move("2026-03-07 09:00").replace(day=10))
    for person in make_volunteers(5):
        service_days.sign_up(person, day)
    for moment in ("2026-03-10 08:55", "2026-03-10 09:05", "2026-03-10 09:10"):
        clock.move(moment)
        assert command("timetable", "run", "service_days.draw").exit_code == 0
        db.session.expire_all()
        if moment.endswith("08:55"):
            assert day.drawn_at is None
    order = service_days.draws.of(day).order
    assert (len(order), day.accepted, day.drawn_at.hour) == (5, 2, 9) and ledger.inspect() == []


def test_the_holidays_of_known_years_fill_in(command, db):
    command("timetable", "run", "service_days.calendar", "--on", "2026-03-07")
    assert db.session.scalar(select(Holiday.kind).where(Holiday.on == date(2026, 10, 1))) == "holiday"


def test_the_inspection_sees_a_count_that_is_not_the_rows(db, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    db.session.execute(update(ServiceDay).values(accepted=3))
    assert [(one.name, one.count) for one in ledger.inspect()] == [("service_days.accepted", 1)]


def test_the_inspection_is_content_with_every_state(clock, db, make_day, xiaoman, daming, grandma):
    day = make_day(capacity=2)
    for person in (xiaoman, daming, grandma):
        service_days.sign_up(person, day)
    off = make_day("2026-03-15")
    service_days.sign_up(grandma, off)
    service_days.call_off(off, "下雨")
    service_days.leave(daming, day, "有事")
    service_days.mark_attended(day.id, [xiaoman.id])
    clock.move("2026-03-08 13:00")
    service_days.close(day)
    assert ledger.inspect() == []
