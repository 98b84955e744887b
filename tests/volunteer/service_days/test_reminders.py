"""Those who have a place are reminded: the evening before, two hours before; once, and never of what is over (V27)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from volunteer import notices, service_days
from volunteer.notices import Notice


@pytest.fixture
def tick(clock, command, here):
    """`tick("2026-03-07 19:00")`: the timetable's five minutes come round at that moment."""

    def tick(at):
        clock.move(at)
        assert command("timetable", "run", "service_days.remind").exit_code == 0
        here.commit()

    return tick


def told(db, person):
    rows = db.session.scalars(select(Notice).where(Notice.user_id == person.id).order_by(Notice.id))
    return [str(notices.shown(notice)) for notice in rows]


EVENING = "明天 09:00 “清洁家园”，在南坑社区党群服务中心。来不了的话请尽早退出，让给别人。"
SOON = "“清洁家园”09:00 开始，还有不到两小时，在南坑社区党群服务中心，到了扫码签到。"


def test_the_evening_before_and_two_hours_before(tick, db, day, xiaoman, daming):
    service_days.sign_up(xiaoman, day)
    for at in (
        "2026-03-07 18:55",
        "2026-03-07 19:00",
        "2026-03-07 19:05",
        "2026-03-07 21:55",
        "2026-03-08 06:55",
    ):
        tick(at)
    assert told(db, xiaoman) == [EVENING] and told(db, daming) == []
    for at in (
        "2026-03-08 07:00",
        "2026-03-08 07:05",
        "2026-03-08 08:55",
        "2026-03-08 09:00",
        "2026-03-08 12:00",
    ):
        tick(at)
    assert told(db, xiaoman) == [EVENING, SOON]


def test_who_signs_up_late_knows_already(tick, clock, db, day, xiaoman):
    clock.move("2026-03-07 20:00")
    service_days.sign_up(xiaoman, day)
    tick("2026-03-07 20:05")
    assert told(db, xiaoman) == []
    tick("2026-03-08 07:00")
    assert told(db, xiaoman) == [SOON]


def test_who_waits_or_has_left_is_not_reminded(tick, db, make_day, xiaoman, daming, grandma):
    day = make_day(capacity=1)
    service_days.sign_up(grandma, day)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    service_days.leave(daming, day)
    tick("2026-03-07 19:00")
    assert (told(db, xiaoman), told(db, daming), told(db, grandma)) == ([], [], [EVENING])


def test_after_a_night_away_nobody_is_told_of_last_evening(tick, db, day, xiaoman):
    """No storm after downtime: each reminder has its time."""
    service_days.sign_up(xiaoman, day)
    tick("2026-03-08 06:00")
    assert told(db, xiaoman) == []
    tick("2026-03-08 08:40")
    assert told(db, xiaoman) == [SOON]
    tick("2026-03-09 19:00")
    assert told(db, xiaoman) == [SOON]


def test_a_day_called_off_or_moved_is_not_reminded_of(tick, clock, db, make_day, xiaoman):
    """SU-16: one notice that it changed, and a reminder of when it is now."""
    off, moved = make_day(starts="09:00", ends="11:00"), make_day(starts="14:00", ends="16:00")
    for day in (off, moved):
        service_days.sign_up(xiaoman, day)
    clock.move("2026-03-07 18:00")
    service_days.call_off(off, "下雨")
    service_days.move(moved, date(2026, 3, 10))
    tick("2026-03-07 19:00")
    assert not [words for words in told(db, xiaoman) if words.startswith("明天")]
    tick("2026-03-09 19:00")
    assert [words for words in told(db, xiaoman) if words.startswith("明天")] == [
        EVENING.replace("09:00", "14:00")
    ]


def test_a_day_moved_in_the_evening_was_just_told_of(tick, clock, db, make_day, xiaoman):
    day = make_day("2026-03-15")
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-07 20:00")
    service_days.move(day, date(2026, 3, 8))
    tick("2026-03-07 20:05")
    assert len(told(db, xiaoman)) == 1 and "改时间了" in told(db, xiaoman)[0]


def test_moving_a_day_to_where_it_is_tells_nobody(db, day, xiaoman):
    """SU-16: only what matters is told, and only before it begins."""
    service_days.sign_up(xiaoman, day)
    service_days.move(day, starts_at=day.starts_at)
    service_days.resize(day, 20)
    assert told(db, xiaoman) == [] and day.revision == 0


def test_what_is_over_cannot_be_changed_and_tells_nobody(clock, db, day, xiaoman):
    """SU-16."""
    from volunteer.service_days.changes import Begun

    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 12:00")
    for act in (
        lambda: service_days.move(day, date(2026, 3, 15)),
        lambda: service_days.call_off(day, "下雨"),
    ):
        with pytest.raises(Begun):
            act()
    assert told(db, xiaoman) == []


def test_a_night_patrol_after_midnight_is_reminded_of_the_evening_before(tick, db, make_day, xiaoman):
    day = make_day("2026-03-09", "00:30", "02:00")
    service_days.sign_up(xiaoman, day)
    tick("2026-03-08 19:00")
    tick("2026-03-08 22:30")
    assert told(db, xiaoman) == [
        "明天 00:30 “清洁家园”，在南坑社区党群服务中心。来不了的话请尽早退出，让给别人。",
        "“清洁家园”00:30 开始，还有不到两小时，在南坑社区党群服务中心，到了扫码签到。",
    ]
