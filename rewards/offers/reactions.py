"""A partner that is gone for good takes its offers with it, and an offer its photos; a pause or a lapsed agreement only
hides them.
"""

from __future__ import annotations

from sqlalchemy import select

from rewards import partners
from rewards.offers import pictures, shelf
from rewards.offers.models import Offer
from rewards.partners import Partner
from volunteer import events
from volunteer.db import db


@events.on(partners.Terminated)
def clear_the_shelf(happened: partners.Terminated) -> None:
    left = select(Offer).where(Offer.partner_id == happened.partner_id, Offer.state != "withdrawn")
    # Told late, it may have come back meanwhile: what was put up since then stays.
    ended_at = db.session.scalar(select(Partner.terminated_at).where(Partner.id == happened.partner_id))
    if ended_at is not None:
        left = left.where(Offer.created_at <= ended_at)
    for offer in db.session.scalars(left.order_by(Offer.id)):
        shelf.withdraw(offer)


@events.on(shelf.Withdrawn)
def forget_the_photos(happened: shelf.Withdrawn) -> None:
    pictures.take_down(db.session.get_one(Offer, happened.offer_id))
