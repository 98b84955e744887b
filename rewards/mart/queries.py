"""Reads for the pages of a mart."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, Select, func, select

from rewards import offers
from rewards.mart.models import Basket, BasketVoucher, Count, Delivery
from rewards.offers import Offer
from rewards.partners import Partner
from rewards.vouchers import Voucher
from volunteer import access, clock
from volunteer.accounts import User
from volunteer.db import db

KIND = "charity_mart"
LATELY = 20


def standing() -> Sequence[Row[Partner, int]]:
    """Return (mart, how many items it has now) of those everybody may visit."""
    today = clock.today()
    return db.session.execute(
        select(Partner, func.count(Offer.id))
        .join(Offer, Offer.partner_id == Partner.id)
        .where(Partner.kind == KIND, offers.open_on(today), Offer.stock > 0)
        .group_by(Partner.id)
        .order_by(Partner.name, Partner.id)
    ).all()


def mart(partner_id: int) -> Partner | None:
    """Return a mart with an agreement behind it."""
    found = select(Partner).where(
        Partner.id == partner_id, Partner.kind == KIND, Partner.state.in_(("signed", "paused"))
    )
    return db.session.scalar(found)


def marts(right: str) -> Sequence[Partner]:
    """Return the marts somebody looks after."""
    found = select(Partner).where(Partner.kind == KIND, Partner.state.in_(("signed", "paused")))
    return db.session.scalars(access.within(found, Partner, right).order_by(Partner.name, Partner.id)).all()


def items(partner: Partner) -> Sequence[Offer]:
    """Return what can be put into a basket now, and what is only sold out."""
    found = (
        select(Offer)
        .join(Partner, Partner.id == Offer.partner_id)
        .where(Offer.partner_id == partner.id, offers.open_on(clock.today()))
        .where(~Offer.by_slot, (Offer.draws_at.is_(None)) | (Offer.drawn_at.is_not(None)))
        .order_by((Offer.stock == 0), Offer.title, Offer.id)
    )
    return db.session.scalars(found.limit(100)).all()


def on_shelf(partner: Partner) -> Sequence[Offer]:
    """Return everything that is not withdrawn, for deliveries and labels."""
    return db.session.scalars(
        select(Offer)
        .where(Offer.partner_id == partner.id, Offer.state.in_(("published", "paused")))
        .order_by(Offer.title, Offer.id)
        .limit(200)
    ).all()


def deliveries(partner: Partner, most: int = LATELY) -> Sequence[Row[Delivery, str]]:
    """Return (delivery, item) of what came in last."""
    return db.session.execute(
        select(Delivery, Offer.title)
        .join(Offer, Offer.id == Delivery.offer_id)
        .where(Delivery.partner_id == partner.id)
        .order_by(Delivery.on.desc(), Delivery.id.desc())
        .limit(most)
    ).all()


def counts(partner: Partner) -> Sequence[Row[Count, str]]:
    """Return (count, who counted), newest first."""
    return db.session.execute(
        select(Count, User.name)
        .join(User, User.id == Count.counted_by)
        .where(Count.partner_id == partner.id)
        .order_by(Count.id.desc())
        .limit(LATELY)
    ).all()


def partner_of(partner_id: int) -> Partner:
    return db.session.get_one(Partner, partner_id)


def baskets_of(volunteer_id: int, most: int = LATELY) -> Select[Basket, str, int]:
    """Select (basket, mart, how many can be fetched) of one volunteer's baskets that are still good for something."""
    return (
        select(Basket, Partner.name, func.count(Voucher.id))
        .join(Partner, Partner.id == Basket.partner_id)
        .join(BasketVoucher, BasketVoucher.basket_id == Basket.id)
        .join(Voucher, Voucher.id == BasketVoucher.voucher_id)
        .where(Basket.volunteer_id == volunteer_id, Basket.redeemed_at.is_(None), Voucher.state == "claimed")
        .group_by(Basket.id, Partner.name)
        .order_by(Basket.id.desc())
        .limit(most)
    )
