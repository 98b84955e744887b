"""T09: codes that are read out cannot be guessed: the person waits, then the partner, then somebody hears of it."""

from datetime import date

import pytest
from flask import current_app
from sqlalchemy import select

from rewards import partners, vouchers
from rewards.vouchers import codes, guard, presentation
from volunteer import events
from volunteer.db import db
from volunteer.events import Happened


def guesses():
    """Well-formed codes that open nothing, without end."""
    keyring, n = current_app.extensions["keyring"], 0
    while True:
        yield codes.typed_for(keyring, n.to_bytes(8, "big"), n.to_bytes(6, "big"))
        n += 1


@pytest.fixture
def guess(here):
    drawn = guesses()
    return lambda till, times=1: [
        till.post("/redemptions", {"code": next(drawn), "scan": f"guess-{n}"}).status_code
        for n in range(times)
    ]


@pytest.fixture
def alarms(here):
    def found():
        return db.session.scalars(select(Happened).filter_by(kind="vouchers.Guessed")).all()

    return found


def test_five_misses_and_the_person_waits_a_quarter_of_an_hour(visitor, guess, azhen, voucher, clock):
    """T09."""
    till = visitor(azhen)
    assert guess(till, 7) == [404] * 5 + [429] * 2
    shown = vouchers.present(voucher)
    assert till.post("/redemptions", {"code": shown.typed, "scan": "s"}).status_code == 429
    clock.pass_(minutes=15, seconds=1)
    shown = vouchers.present(voucher)
    assert till.post("/redemptions", {"code": shown.typed, "scan": "s"}).status_code == 201


def test_twenty_misses_stop_every_counter_of_the_partner_and_no_other(
    visitor, guess, tea_house, azhen, xiaoman, bakery, baker, make_offer, give_points, alarms
):
    """T09: five people of one shop guess; the honest shop next door goes on."""
    staff = [partners.invite(tea_house, name="店员", phone=f"135{n:08d}") for n in range(1, 6)]
    tills = [visitor(person) for person in staff]
    assert [guess(till, 5) for till in tills[:4]] == [[404] * 5] * 4
    assert guess(tills[4]) == [429] and guess(visitor(azhen)) == [429]
    give_points(xiaoman, 100)
    bread = vouchers.claim(xiaoman, make_offer(bakery).id)
    shown = vouchers.present(bread)
    assert visitor(baker).post("/redemptions", {"code": shown.typed, "scan": "bread"}).status_code == 201
    assert alarms() == []


def test_at_the_fiftieth_miss_of_an_hour_somebody_hears_of_it(
    visitor, guess, tea_house, bakery, nankeng, daming, street_office, alarms, clock, here
):
    """T09: wherever they come from; once an hour, in the trail, and told to the street."""
    third = partners.apply(
        daming, nankeng, name="理发店", kind="caring_enterprise", licence_no="91440300MA5EXAMPLE3",
        address="南坑路 30 号", contact_name="陈大明", contact_phone="13800000002", pledged=True,
    )  # fmt: skip
    partners.sign(partners.review(third), date(2026, 3, 1), date(2027, 2, 28))
    misses = 0
    for place, shop in enumerate((tea_house, bakery, third)):
        for n in range(4):
            till = visitor(partners.invite(shop, name="店员", phone=f"135{place}{n:07d}"))
            count = min(5, 50 - misses)
            misses += guess(till, count).count(404)
            assert len(alarms()) == (1 if misses >= 50 else 0), misses
            if misses >= 50:
                break
    assert misses == 50
    assert guess(visitor(partners.invite(third, name="店员", phone="13599999999"))) == [404]
    assert [one.facts["misses"] for one in alarms()] == [50]
    with here.outside():
        events.deliver()
    assert "可能有人在猜码" in visitor(street_office).get("/me/notices").words


def test_guessing_at_full_rate_for_a_day_comes_to_less_than_one_in_a_million():
    """T09: a hundred partners, every one at its limit all day, with fifty codes being shown at any moment."""
    tries = 100 * guard.PARTNER_MISSES * 24
    drawn = 5 * (codes.TYPED_CHARS - 1)
    assert presentation.LASTS.total_seconds() <= 300 and drawn == 45
    assert tries * 50 / 2**drawn <= 1e-6
    assert guard.OFTEN == "5 per 15 minutes" and guard.OFTEN_PARTNER == "20 per hour"
