"""Putting something on the shelf, changing it, taking it off."""

from datetime import date

import pytest

from rewards import offers, partners
from volunteer.errors import Invalid


def test_a_partner_in_force_publishes(tea, tea_house):
    assert (tea.state, tea.stock, tea.per_person, tea.area_path) == ("published", 5, 2, tea_house.area_path)


@pytest.mark.parametrize("ending", [partners.pause, partners.terminate])
def test_without_an_agreement_in_force_nothing_is_published(ending, tea_house, make_offer):
    ending(tea_house, "停业")
    with pytest.raises(offers.NotStanding):
        make_offer()


def test_a_second_tap_publishes_nothing_new(make_offer, clock):
    first = make_offer()
    assert make_offer().id == first.id
    clock.pass_(minutes=2)
    assert make_offer().id != first.id


@pytest.mark.races
def test_eight_taps_at_once_publish_one(boss_lin, tea_house, visitor, together, db):
    form = {"partner_id": str(tea_house.id), "title": "凉茶一壶", "kind": "goods", "picture": "tea", "points": "30", "stock": "5",
            "per_person": "2", "from_on": "2026-03-07", "until_on": "2026-06-30", "least_star": "0", "for_area": "0"}  # fmt: skip
    hands = [visitor(boss_lin) for _n in range(8)]
    for one in hands:
        one.get("/office/offers/new")
    answers = together([lambda one=one: one.post("/office/offers/new", form).status_code for one in hands])
    assert answers == [302] * 8
    assert len(db.session.scalars(db.select(offers.Offer)).all()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "cash"), ("points", -1), ("points", 100_001), ("stock", -1), ("per_person", 0),
        ("until_on", date(2026, 1, 1)), ("picture", "money"), ("value_cents", -1),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_kept_are_named(make_offer, field, value):
    with pytest.raises(Invalid) as refused:
        make_offer(**{field: value})
    assert field in refused.value.facts["errors"]


def test_what_was_promised_stays_when_the_offer_changes(voucher, tea):
    offers.edit(tea, points=50, title="凉茶两壶")
    assert (voucher.points, voucher.title) == (30, "凉茶一壶")


def test_restocking_adds_up(tea, voucher):
    offers.restock(tea, 10)
    offers.restock(tea, -2)
    assert (tea.given_in, tea.stock, tea.claimed) == (13, 12, 1)
    with pytest.raises(Exception) as refused:
        offers.restock(tea, -13)
    assert refused.value.code == "offer.stock"


def test_the_last_one_is_decided_by_the_row_itself(make_offer, db):
    """T08: behind everything that was asked before: from an empty shelf nothing is taken, and that is said."""
    last = make_offer(stock=1)
    offers.take(last.id)
    with pytest.raises(offers.SoldOut):
        offers.take(last.id)
    db.session.refresh(last)
    assert (last.stock, last.claimed) == (0, 1)


def test_withdrawn_is_for_good(tea):
    offers.pause(tea)
    offers.pause(tea)
    offers.resume(tea)
    offers.withdraw(tea)
    with pytest.raises(Exception) as refused:
        offers.resume(tea)
    assert refused.value.code == "offer.withdrawn"


def test_when_the_partnership_ends_the_shelf_is_cleared(here, tea, tea_house):
    partners.terminate(tea_house, "停业")
    here.commit()
    assert tea.state == "withdrawn"
