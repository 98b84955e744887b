"""Sixteen people and the last place of a time; a time that is called off while people book it."""

from __future__ import annotations

from collections import Counter
from datetime import date, time

import pytest
from sqlalchemy import func, select

from rewards import offers, vouchers
from rewards.vouchers import Voucher
from volunteer import ledger
from volunteer.accounts import User
from volunteer.db import db, transaction

pytestmark = pytest.mark.races


def faults():
    return [one.name for one in ledger.inspect() if one.name != "hours.award_has_record"]


@pytest.fixture
def book(app):
    """`book(person, offer, slot)`: somebody's tap, a thread and transaction of its own."""

    def prepare(person, offer, slot):
        who, what, when = person.id, offer.id, slot.id

        def tap():
            with app.app_context(), transaction():
                return vouchers.claim(db.session.get_one(User, who), what, slot_id=when).id

        return tap

    return prepare


def test_sixteen_people_and_the_last_place(here, together, book, make_offer, make_volunteers):
    """M3: one has it, fifteen are told that it is full; nothing is left of their tries."""
    court = make_offer(title="球场", kind="venue", points=0, stock=50, by_slot=True)
    (slot,) = offers.slots.add(court, date(2026, 3, 10), time(10), time(11), 1)
    answers = together([book(person, court, slot) for person in make_volunteers(16)])
    assert Counter(type(one).__name__ for one in answers) == {"int": 1, "SlotFull": 15}
    db.session.expire_all()
    assert (slot.booked, court.stock) == (1, 49) and faults() == []


def test_two_times_at_one_moment_and_one_person(here, together, book, make_offer, xiaoman):
    """M3: two phones book two offers at the same hour; one of them is refused."""
    places = []
    for title in ("球场", "书法课"):
        offer = make_offer(title=title, kind="venue", points=0, stock=50, by_slot=True)
        places.append((offer, offers.slots.add(offer, date(2026, 3, 10), time(10), time(11), 9)[0]))
    answers = together([book(xiaoman, *place) for place in places * 4])
    assert Counter(type(one).__name__ for one in answers) == {"int": 1, "BookedAlready": 7}


def test_a_time_that_is_called_off_keeps_nobody(
    app, here, together, book, make_offer, make_volunteers, give_points
):
    """M3: whoever booked in the same second has everything back, and nobody is in it afterwards."""
    court = make_offer(title="球场", kind="venue", points=10, stock=50, by_slot=True)
    (slot,) = offers.slots.add(court, date(2026, 3, 10), time(10), time(11), 20)
    people = make_volunteers(12)
    for person in people:
        give_points(person, 10)
    number = slot.id

    def call_off():
        with app.app_context(), transaction():
            offers.slots.cancel(db.session.get_one(offers.OfferSlot, number), "停电")

    taps = [book(person, court, slot) for person in people]
    answers = together([*taps[:6], call_off, *taps[6:]])
    assert {type(one).__name__ for one in answers} <= {"int", "NoneType", "SlotFull", "NoSuchSlot"}
    here.commit()
    db.session.expire_all()
    live = select(func.count()).where(Voucher.slot_id == number, Voucher.state == "claimed")
    assert db.session.scalar(live) == 0 and slot.booked == 0 and faults() == []
    assert all(ledger.balance(person.id) == 10 for person in people)


def test_the_days_last_one_goes_to_one(app, here, together, make_offer, make_volunteers):
    """M4: sixteen people and a limit of three a day."""
    offer = make_offer(points=0, stock=50, daily_limit=3).id
    ids = [person.id for person in make_volunteers(16)]

    def tap(who):
        def act():
            with app.app_context(), transaction():
                return vouchers.claim(db.session.get_one(User, who), offer).id

        return act

    answers = together([tap(who) for who in ids])
    assert Counter(type(one).__name__ for one in answers) == {"int": 3, "DailyLimit": 13}


def test_the_draw_is_drawn_once_while_people_still_enter(
    app, here, clock, together, make_offer, make_volunteers
):
    """Idea 16: four workers draw while ten people enter or leave; three items, three vouchers, each person once."""
    from datetime import datetime

    from rewards.offers import draws
    from rewards.vouchers import drawing
    from volunteer import clock as time_of

    at = datetime(2026, 3, 10, 12, 0, tzinfo=time_of.ZONE)
    offer = draws.plan(make_offer(title="电影票", points=0, stock=3, per_person=1), at)
    people = make_volunteers(16)
    for person in people[:8]:
        draws.enter(person, offer.id)
    number = offer.id
    clock.move("2026-03-10 12:00")

    def within(deed):
        def act():
            with app.app_context(), transaction():
                return deed()

        return act

    late = [
        within(lambda who=one.id: draws.enter(db.session.get_one(User, who), number)) for one in people[8:12]
    ]
    grab = [
        within(lambda who=one.id: vouchers.claim(db.session.get_one(User, who), number))
        for one in people[12:]
    ]
    answers = together([*[within(lambda: drawing.draw(number))] * 4, *late, *grab])
    assert sorted(one for one in answers[:4]) == [0, 0, 0, 3]
    assert {type(one).__name__ for one in answers[4:]} <= {"DrawOver", "ByDraw", "SoldOut"}
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).where(Voucher.offer_id == number)) == 3
    assert faults() == [] and offer.stock == 0
