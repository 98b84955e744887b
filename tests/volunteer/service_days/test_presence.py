"""Who came is told by the gate; who was never seen is missing once the roll stands (V7, SU-10, SU-18)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from volunteer import checkin, service_days
from volunteer.accounts import User
from volunteer.service_days import Signup, changes, signups


def states(db, day):
    db.session.expire_all()
    named = select(User.name, Signup.state).join(User, User.id == Signup.volunteer_id)
    return dict(db.session.execute(named.where(Signup.service_day_id == day.id)).all())


@pytest.fixture
def signed_up(day, xiaoman, daming):
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    return day


def test_whoever_was_seen_has_come_and_the_other_is_missing(clock, here, db, signed_up, xiaoman, lao_wang):
    clock.move("2026-03-08 09:02")
    checkin.manual(signed_up, xiaoman, reason="手机没电", by=lao_wang)
    clock.move("2026-03-08 12:31")
    service_days.close(signed_up)
    assert states(db, signed_up) == {"小满": "attended", "陈大明": "accepted"}
    clock.move("2026-03-11 11:31")
    assert service_days.absences.write_down(signed_up) == 1
    assert states(db, signed_up) == {"小满": "attended", "陈大明": "no_show"}


def test_evidence_that_comes_later_counts(clock, here, db, command, signed_up, daming, lao_wang):
    clock.move("2026-03-08 12:31")
    service_days.close(signed_up)
    clock.move("2026-03-12 02:30")
    assert service_days.absences.write_down(signed_up) == 2
    assert states(db, signed_up) == {"小满": "no_show", "陈大明": "no_show"}
    checkin.manual(signed_up, daming, reason="当时没有信号", by=lao_wang)
    assert changes.days_with_missing(clock.move("2026-03-13 02:00")) == [signed_up.id]
    assert command("timetable", "run", "service_days.close").exit_code == 0
    assert states(db, signed_up) == {"小满": "no_show", "陈大明": "attended"}


def test_whoever_is_there_cannot_give_the_place_back(clock, here, signed_up, xiaoman, lao_wang):
    clock.move("2026-03-08 08:45")
    checkin.manual(signed_up, xiaoman, reason="手机没电", by=lao_wang)
    with pytest.raises(signups.Here):
        service_days.leave(xiaoman, signed_up, "走了")
