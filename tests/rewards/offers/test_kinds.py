"""All six kinds of rewards, and what each of them may cost."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from rewards import offers
from rewards.offers.catalogue import CATEGORIES
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Invalid


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "goods", "points": 30},
        {"kind": "discount", "points": 15},
        {"kind": "star", "points": 0, "least_star": 1},
        {"kind": "star_discount", "points": 0, "least_star": 5},
        {"kind": "micro", "points": 0, "category": "legal"},
        {"kind": "venue", "points": 20, "by_slot": True},
        {"kind": "course", "points": 0, "by_slot": True},
        {"kind": "course", "points": 20},
        {"kind": "vending", "points": 5},
    ],
)
def test_every_kind_can_be_published(make_offer, terms):
    """M3: goods, discount, star discount, micro-service, venue or course, vending slot."""
    offer = make_offer(**terms)
    assert offer.state == "published"
    assert offer.by_slot == (terms["kind"] == "micro" or terms.get("by_slot", False))


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"kind": "star", "points": 1, "least_star": 1}, "points"),
        ({"kind": "star", "points": 0}, "least_star"),
        ({"kind": "micro", "points": 1, "category": "legal"}, "points"),
        ({"kind": "micro", "points": 0}, "category"),
        ({"kind": "micro", "points": 0, "category": "money"}, "category"),
        ({"kind": "goods", "category": "legal"}, "category"),
        ({"kind": "goods", "by_slot": True}, "by_slot"),
        ({"least_star": 6}, "least_star"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"for_area_path": "/999/"}, "for_area_path"),
        ({"for_area_path": "nowhere"}, "for_area_path"),
    ],
)
def test_what_does_not_go_with_the_kind_is_named(make_offer, terms, field):
    """M3: what is given without points takes none, and gates are such that somebody can pass."""
    with pytest.raises(Invalid) as refused:
        make_offer(**terms)
    assert field in refused.value.facts["errors"]


def test_there_are_sixteen_micro_services():
    assert len(CATEGORIES) == 16


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": 5},
        {"least_star": 0},
        {"least_star": 6},
        {"kind": "micro"},
        {"kind": "cash"},
        {"daily_limit": 0},
    ],
)
def test_the_database_knows_what_a_star_benefit_is(here, make_offer, wrong):
    """M3: whatever path writes it, a star benefit costs nothing and asks for a star."""
    offer = make_offer(kind="star", points=0, least_star=2)
    with pytest.raises(IntegrityError):
        db.session.execute(update(offers.Offer).where(offers.Offer.id == offer.id).values(**wrong))


def test_the_inspection_looks_at_it_too(here, make_offer):
    make_offer(kind="star", points=0, least_star=2)
    assert ledger.inspect() == []


def test_another_street_cannot_be_chosen(make_offer, here):
    from volunteer import community

    elsewhere = community.add("community", "远方社区", community.add("street", "远方街道"))
    with pytest.raises(Invalid) as refused:
        make_offer(for_area_path=elsewhere.path)
    assert "for_area_path" in refused.value.facts["errors"]


def test_the_kind_may_be_changed_only_with_what_goes_with_it(make_offer):
    offer = make_offer(kind="service", points=0)
    with pytest.raises(Invalid):
        offers.edit(offer, kind="micro")
    db.session.rollback()


def test_a_micro_service_keeps_its_kind_through_the_form(visitor, boss_lin, tea_house, db):
    desk = visitor(boss_lin)
    form = {
        "partner_id": tea_house.id, "title": "法律咨询", "kind": "micro", "category": "legal", "picture": "heart",
        "points": "0", "stock": "100", "per_person": "4", "daily_limit": "6", "least_star": "0", "for_area": "0",
        "from_on": "2026-03-07", "until_on": "2026-12-31",
    }  # fmt: skip
    assert desk.post("/office/offers/new", form, follow=True).status_code == 200
    offer = db.session.scalar(db.select(offers.Offer).filter_by(title="法律咨询"))
    assert (offer.kind, offer.category, offer.by_slot, offer.daily_limit) == ("micro", "legal", True, 6)
    assert offer.until_on == date(2026, 12, 31)
    wrong = desk.post("/office/offers/new", {**form, "title": "理发", "category": "", "points": "5"})
    assert wrong.status_code == 422 and "不收积分" in wrong.words and "请选一个类目" in wrong.words
