"""Moving a day, keeping it, calling it off, closing it (O4, O12; SU-15, SU-16)."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from volunteer import activities, clock, service_days
from volunteer.notices import Notice
from volunteer.service_days import Signup, changes


def inbox(db, person):
    return db.session.scalars(select(Notice).where(Notice.user_id == person.id).order_by(Notice.id)).all()


def test_moving_a_day_tells_those_who_signed_up_and_those_who_wait(db, make_day, xiaoman, daming, grandma):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    service_days.move(day, date(2026, 3, 15))
    assert (day.on, day.planned_on) == (date(2026, 3, 15), date(2026, 3, 8))
    assert day.starts_at.isoformat() == "2026-03-15T09:00:00+08:00"
    assert len(inbox(db, xiaoman)) == len(inbox(db, daming)) == 1 and not inbox(db, grandma)


def test_moving_it_to_where_it_is_tells_nobody(db, day, xiaoman):
    """SU-16: only what changes is told, and only while it can be changed."""
    service_days.sign_up(xiaoman, day)
    service_days.move(day, date(2026, 3, 8))
    assert not inbox(db, xiaoman)


def test_the_hours_of_a_day_can_change(day):
    service_days.move(day, starts_at=at("2026-03-08 14:00"), ends_at=at("2026-03-08 17:00"))
    assert (day.starts_at.hour, day.ends_at.hour) == (14, 17)
    service_days.move(day, starts_at=at("2026-03-08 15:00"))
    assert (day.starts_at.hour, day.ends_at.hour) == (15, 18)


def test_a_day_that_moves_takes_its_times_along_and_is_still_drawn_in_time(make_day):
    day = make_day("2026-03-21")
    service_days.layout.arrivals(day, [(time(9), 2), (time(9, 30), 2), (time(10), 2)])
    service_days.draws.plan(day, at("2026-03-20 20:00"))
    service_days.move(day, starts_at=at("2026-03-14 09:30"), ends_at=at("2026-03-14 12:00"))
    assert [f"{one.at:%d %H:%M}" for one in service_days.layout.slots(day)] == [
        "14 09:30",
        "14 10:00",
        "14 10:30",
    ]
    assert day.draws_at == at("2026-03-13 21:30")
    service_days.move(day, starts_at=at("2026-03-14 10:00"), ends_at=at("2026-03-14 12:00"))
    assert [f"{one.at:%H:%M}" for one in service_days.layout.slots(day)] == ["10:00", "10:30", "11:00"]


def test_two_days_of_one_activity_cannot_lie_on_each_other(make_day):
    make_day("2026-03-15")
    with pytest.raises(changes.DateTaken):
        service_days.move(make_day(), date(2026, 3, 15))


def test_a_day_that_has_begun_stays_where_it_is(clock, day):
    """SU-15, SU-16: a session that began is never taken away, so no hours have to be saved from it."""
    clock.move("2026-03-08 09:00")
    for change in (
        lambda: service_days.move(day, date(2026, 3, 15)),
        lambda: service_days.call_off(day, "下雨"),
        lambda: service_days.keep(day),
    ):
        with pytest.raises(changes.Begun):
            change()


def test_calling_off_frees_everybody_and_says_why(db, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    service_days.call_off(day, "台风预警")
    service_days.call_off(day, "别的原因")
    assert (day.state, day.reason, day.accepted) == ("cancelled", "台风预警", 0)
    assert set(db.session.scalars(select(Signup.state))) == {"cancelled"}
    for person in (xiaoman, daming):
        (told,) = inbox(db, person)
        assert told.facts["reason"] == "台风预警" and told.link == f"/service-days/{day.id}"


def test_whoever_was_freed_may_sign_up_elsewhere_at_that_time(make_day, make_activity, xiaoman):
    day = make_day()
    service_days.sign_up(xiaoman, day)
    service_days.call_off(day, "台风预警")
    other = make_day("2026-03-08", "10:00", "11:00", of=make_activity(title="便民剪发"))
    assert service_days.sign_up(xiaoman, other).state == "accepted"


def test_more_places_let_the_queue_move_up(db, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    service_days.resize(day, 2)
    assert (day.capacity, day.accepted) == (2, 2)
    with pytest.raises(changes.TooSmall):
        service_days.resize(day, 1)


def test_a_day_closes_when_its_last_scan_is_past(clock, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 12:30")
    assert service_days.close(day).state == "open"
    clock.move("2026-03-08 12:31")
    assert service_days.close(day).state == "closed"
    assert service_days.close(day).state == "closed"


def test_an_activity_nobody_joined_is_taken_back(db, activity, make_day):
    day = make_day()
    changes.end_activity(activity, "换地方")
    assert (activity.state, day.state) == ("withdrawn", "cancelled")
    activities.edit(activity, **(plain(activity) | {"title": "清洁家园二期"}))
    assert activity.state == "draft"


def test_an_activity_somebody_joined_is_called_off_with_all_its_days(db, activity, make_day, xiaoman, daming):
    first, second = make_day(), make_day("2026-03-15")
    service_days.sign_up(xiaoman, first)
    service_days.sign_up(daming, second)
    series = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), *nine(), 5).series
    changes.end_activity(activity, "场地收回")
    assert activity.state == "cancelled" and series.state == "ended"
    assert inbox(db, xiaoman)[0].facts["reason"] == "场地收回"
    assert inbox(db, daming)
    assert not service_days.extend(series)


def nine():
    from datetime import time

    return time(9), time(10)


def plain(activity):
    names = ("title", "category", "content", "place_name", "place_address", "risk", "guarantees")
    return {name: getattr(activity, name) for name in names}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)
