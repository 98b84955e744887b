"""Many fill baskets at once with the last items: each gets all of it or nothing, and nothing is left half."""

# ruff: noqa: F811 (a fixture is asked for by its name)
from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from rewards import offers
from rewards.mart import Basket, baskets
from rewards.vouchers import Voucher
from tests.races.test_giving import inside, person
from tests.rewards.mart.conftest import keeper, love_mart, oil, rice  # noqa: F401
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Refusal

pytestmark = pytest.mark.races


def told(deed):
    """A deed whose refusal is its answer."""

    def do():
        try:
            return deed()
        except Refusal as refusal:
            return refusal

    return do


def outcomes(answers):
    return Counter(one.code if isinstance(one, Refusal) else "filled" for one in answers)


def test_sixteen_baskets_for_the_last_three_bottles(
    app,
    here,
    together,
    make_volunteers,
    love_mart,
    rice,
    oil,
    give_points,
):
    """S0-36: three baskets of both items are filled, thirteen are told which one is gone, and no bag leaves alone."""
    people = make_volunteers(16)
    for one in people:
        give_points(one, 100)
    here.commit()
    ids = [one.id for one in people]
    shop, bag, bottle = love_mart.id, rice.id, oil.id

    def fill(volunteer_id, wanted):
        def deed():
            partner = db.session.get_one(type(love_mart), shop)
            return baskets.fill(person(volunteer_id), partner, wanted)

        return told(inside(app, deed))

    # Half of them ask in the other order: they wait for each other, and never each for the other.
    orders = ({bag: 1, bottle: 1}, {bottle: 1, bag: 1})
    answers = together([fill(one, orders[n % 2]) for n, one in enumerate(ids)])
    assert outcomes(answers) == {"filled": 3, "basket.item": 13}
    db.session.expire_all()
    left = {one.title: one.stock for one in db.session.scalars(select(offers.Offer))}
    assert left == {"大米一袋": 7, "花生油一瓶": 0}
    assert db.session.scalar(select(func.count()).select_from(Voucher)) == 6
    assert db.session.scalar(select(func.count()).select_from(Basket)) == 3
    assert {finding.name for finding in ledger.inspect()} <= {"hours.award_has_record"}


def test_two_tills_press_for_one_basket(
    app, here, together, xiaoman, keeper, love_mart, rice, oil, give_points
):
    """LG-21: eight scans of one basket at once: one redeems all of it, the others hear when."""
    give_points(xiaoman, 100)
    basket = baskets.fill(xiaoman, love_mart, {rice.id: 2, oil.id: 1})
    shown, by = baskets.present(basket), keeper.id
    here.commit()

    def press(n):
        return told(inside(app, lambda: baskets.redeem(shown.code, f"scan-{n}", person(by))))

    answers = together([press(n) for n in range(8)])
    assert outcomes(answers) == {"filled": 1, "voucher.already_redeemed": 7}
    db.session.expire_all()
    assert db.session.get_one(ledger.Balance, ledger.chart.owed(love_mart.id)).amount == 70
    assert {finding.name for finding in ledger.inspect()} <= {"hours.award_has_record"}
