"""Offers under pressure: one place is kept for one person, and at the last second one of two things happens."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from volunteer import ledger, service_days
from volunteer.db import transaction
from volunteer.service_days import ServiceDay, Signup

pytestmark = pytest.mark.races


def states(db, day):
    db.session.expire_all()
    return Counter(db.session.scalars(select(Signup.state).where(Signup.service_day_id == day.id)))


@pytest.fixture
def act(app, db):
    """`act(service_days.lapse, day)`: a deed of its own thread and transaction, on its own copy of the rows."""

    def prepare(deed, *things):
        keys = [(type(one), one.id) for one in things]

        def do():
            with app.app_context(), transaction():
                return deed(*(db.session.get_one(model, key) for model, key in keys))

        return do

    return prepare


def test_many_workers_hand_out_no_place_twice(clock, db, here, together, act, make_day, make_volunteers):
    """SU-07: eight workers take back the same offers and offer on; each place goes to one, in the line's order."""
    day = make_day("2026-03-21", capacity=4)
    people = make_volunteers(16)
    for person in people:
        service_days.sign_up(person, day)
    for person in people[:4]:
        service_days.leave(person, day)
    clock.move("2026-03-08 09:05")
    lapsed = together([act(service_days.lapse, day)] * 8)
    assert sorted(lapsed) == [0] * 7 + [4]
    assert states(db, day) == {"left": 4, "lapsed": 4, "offered": 4, "waitlisted": 4}
    offered = db.session.scalars(
        select(Signup.volunteer_id).where(Signup.state == "offered").order_by(Signup.id)
    ).all()
    assert offered == [person.id for person in people[8:12]]
    assert db.session.get_one(ServiceDay, day.id).accepted == 4 and ledger.inspect() == []


def test_at_the_last_second_yes_and_running_out_are_never_both(
    clock, db, here, together, act, make_day, make_volunteers
):
    """SU-05: ten offers at their last moment; half the people say yes while the workers look for what ran out."""
    day = make_day("2026-03-21", capacity=10)
    people = make_volunteers(30)
    for person in people:
        service_days.sign_up(person, day)
    for person in people[:10]:
        service_days.leave(person, day)
    clock.move("2026-03-08 09:00")
    answers = together(
        [act(service_days.confirm, person, day) for person in people[10:20]]
        + [act(service_days.lapse, day)] * 3
    )
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert states(db, day) == {"left": 10, "accepted": 10, "waitlisted": 10}
    assert ledger.inspect() == []


def test_a_second_later_nobody_gets_it_and_all_goes_on(
    clock, db, here, together, act, make_day, make_volunteers
):
    """SU-05: the other side of the same second."""
    day = make_day("2026-03-21", capacity=10)
    people = make_volunteers(30)
    for person in people:
        service_days.sign_up(person, day)
    for person in people[:10]:
        service_days.leave(person, day)
    clock.move("2026-03-08 09:00:01")
    answers = together(
        [act(service_days.confirm, person, day) for person in people[10:20]]
        + [act(service_days.lapse, day)] * 3
    )
    refused = [type(one).__name__ for one in answers if isinstance(one, Exception)]
    assert len(refused) == 10 and set(refused) <= {"Lapsed", "NoOffer"}
    assert states(db, day) == {"left": 10, "lapsed": 10, "offered": 10} and ledger.inspect() == []


def test_the_draw_is_drawn_once_while_people_still_come(
    clock, db, here, together, act, make_day, make_volunteers
):
    """SU-02, SU-07: four workers draw while ten newcomers press; three places, everybody stands somewhere once."""
    day = make_day("2026-03-21", capacity=3)
    service_days.draws.plan(day, clock.move("2026-03-07 09:00").replace(day=10))
    people = make_volunteers(20)
    for person in people[:10]:
        service_days.sign_up(person, day)
    clock.move("2026-03-10 09:00")
    answers = together(
        [act(service_days.draws.draw, day)] * 4
        + [act(service_days.sign_up, person, day) for person in people[10:]]
    )
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert states(db, day) == {"accepted": 3, "waitlisted": 17}
    order = service_days.draws.of(db.session.get_one(ServiceDay, day.id)).order
    assert len(order) == 10 and sum(one["place"] for one in order) == 3 and ledger.inspect() == []


def test_two_people_and_the_last_time_to_arrive(db, here, together, act, make_day, make_volunteers):
    from datetime import time

    day = make_day("2026-03-21", capacity=9)
    (slot,) = service_days.layout.arrivals(day, [(time(9), 1)])
    people = make_volunteers(6)
    for person in people:
        service_days.sign_up(person, day)
    answers = together([act(service_days.choose_slot, person, day, slot) for person in people])
    assert sum(isinstance(one, Exception) for one in answers) == 5
    db.session.expire_all()
    assert slot.taken == 1
