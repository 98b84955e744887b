"""Whoever is still checked in is reminded when the day ends, and half an hour later; V10."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from volunteer import checkin, notices, service_days
from volunteer.checkin import reminders
from volunteer.notices import Notice


@pytest.fixture
def tick(clock, command, here):
    def tick(at):
        clock.move(at)
        assert command("timetable", "run", "checkin.remind").exit_code == 0
        here.commit()

    return tick


@pytest.fixture
def there(clock, day, xiaoman, daming):
    """小满 and 大明 are checked in at nine."""
    clock.move("2026-03-07 10:00")
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    clock.move("2026-03-08 09:00")
    for n, person in enumerate((xiaoman, daming)):
        checkin.record(person, checkin.showing(day).code, f"in-{n}")
    return day


def told(db, person):
    rows = db.session.scalars(select(Notice).where(Notice.user_id == person.id).order_by(Notice.id))
    return [str(notices.shown(notice)) for notice in rows if "签退" in notice.text]


END = "“清洁家园”到点了，走之前记得扫码签退，谢谢你来。"


def test_at_the_end_and_half_an_hour_later(tick, clock, db, there, xiaoman, daming):
    """V10."""
    tick("2026-03-08 11:25")
    assert told(db, xiaoman) == []
    tick("2026-03-08 11:30")
    tick("2026-03-08 11:35")
    assert told(db, xiaoman) == told(db, daming) == [END]
    checkin.record(xiaoman, checkin.showing(there).code, "out-0")
    tick("2026-03-08 12:00")
    tick("2026-03-08 12:05")
    assert told(db, xiaoman) == [END]
    assert told(db, daming) == [END, "你还没有签退：“清洁家园”，12:30 前扫码还来得及。"]


def test_whoever_came_by_a_poster_is_reminded_too(tick, clock, db, day, xiaoman):
    """V10: the stay waits for the roll; the second scan is still worth having."""
    clock.move("2026-03-07 10:00")
    service_days.sign_up(xiaoman, day)
    poster = checkin.posters.make(day=day, by=None)
    clock.move("2026-03-08 09:00")
    assert checkin.record_poster(xiaoman, poster.code, "poster-in-1").state == "to_confirm"
    tick("2026-03-08 11:30")
    assert told(db, xiaoman) == [END]
    checkin.record_poster(xiaoman, poster.code, "poster-out-1")
    tick("2026-03-08 12:00")
    assert told(db, xiaoman) == [END]


def test_nobody_is_reminded_when_it_is_too_late(tick, db, there, xiaoman):
    tick("2026-03-08 12:30")
    tick("2026-03-09 11:30")
    assert told(db, xiaoman) == []


def test_a_step_that_comes_late_reminds_nobody(clock, db, there, xiaoman):
    """A day found to be due may be over when its turn comes."""
    for at in ("2026-03-08 11:29", "2026-03-08 12:30"):
        clock.move(at)
        assert reminders.remind(there) == 0
    assert told(db, xiaoman) == []
