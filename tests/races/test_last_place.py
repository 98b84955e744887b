"""Forty people and the last place; a place given back while people queue for it."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from volunteer import checkin, ledger, service_days
from volunteer.service_days import Signup

pytestmark = pytest.mark.races


def standing(db, day):
    rows = db.session.execute(
        select(Signup.state, func.count()).where(Signup.service_day_id == day.id).group_by(Signup.state)
    )
    return dict(rows.all())


def signing_up(phone, day_id):
    """Ask for a place; where all the doors are taken, come again as `Retry-After` says, and no more than five times."""

    def ask():
        for _ in range(5):
            answer = phone.post(f"/api/v1/service-days/{day_id}/signups", json={})
            if answer.status_code != 503:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        return answer

    return ask


def test_forty_people_and_the_last_place(db, together, device, make_day, make_volunteers):
    """SU-02: one gets it, the others wait in line, each at a place of their own."""
    day = make_day(capacity=1)
    phones = [device(person) for person in make_volunteers(40)]
    answers = together([signing_up(phone, day.id) for phone in phones])
    assert [one for one in answers if isinstance(one, BaseException)] == []
    assert Counter(one.json["state"] for one in answers) == {"accepted": 1, "waitlisted": 39}
    db.session.refresh(day)
    assert (day.accepted, standing(db, day)) == (1, {"accepted": 1, "waitlisted": 39})
    assert ledger.inspect() == []


def test_fifty_people_for_ten_places(db, together, device, make_day, make_volunteers):
    """SU-02."""
    day = make_day(capacity=10)
    answers = together([signing_up(device(person), day.id) for person in make_volunteers(50)])
    assert Counter(one.json["state"] for one in answers) == {"accepted": 10, "waitlisted": 40}
    assert standing(db, day) == {"accepted": 10, "waitlisted": 40} and ledger.inspect() == []


def test_the_last_place_at_the_door(clock, db, together, device, make_activity, make_day, make_volunteers):
    """SU-02, T08: walk-ins scan the wall at once; the hall holds three."""
    day = make_day(of=make_activity(walk_ins=True), capacity=3)
    phones = [device(person) for person in make_volunteers(16)]
    clock.move("2026-03-08 09:00")
    wall = checkin.showing(day).code
    answers = together(
        [
            lambda one=one, n=n: one.post("/api/v1/checkins", json={"code": wall, "scan": f"s-{n}"})
            for n, one in enumerate(phones)
        ]
    )
    assert Counter(one.status_code for one in answers) == {201: 3, 409: 13}
    assert {one.json["code"] for one in answers if one.status_code == 409} == {"signup.full"}
    db.session.refresh(day)
    assert day.accepted == 3 and ledger.inspect() == []


def test_places_given_back_move_the_queue_up_exactly_once(
    db, here, together, device, make_day, make_volunteers
):
    """SU-05, SU-07: three leave while six newcomers press; no place is given twice, none is lost."""
    day = make_day("2026-03-20", capacity=3)
    people = make_volunteers(12)
    for person in people[:6]:
        service_days.sign_up(person, day)
    leaving = [device(person) for person in people[:3]]
    coming = [device(person) for person in people[6:]]
    answers = together(
        [
            *(
                lambda one=one: one.delete(f"/api/v1/service-days/{day.id}/signups/me", json={})
                for one in leaving
            ),
            *(signing_up(one, day.id) for one in coming),
        ]
    )
    assert Counter(one.status_code for one in answers) == {200: 3, 201: 6}
    db.session.refresh(day)
    assert day.accepted == 3
    assert standing(db, day) == {"left": 3, "offered": 3, "waitlisted": 6} and ledger.inspect() == []
