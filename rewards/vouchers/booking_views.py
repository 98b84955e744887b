"""Who has booked a time, for those who will be there: masked names, and how their voucher stands."""

from __future__ import annotations

from flask import render_template

from rewards.offers import Offer, OfferSlot
from rewards.vouchers import queries
from rewards.vouchers.wording import STATES
from volunteer import access
from volunteer.db import db
from volunteer.web import Pages

pages = Pages("bookings", __name__)


@pages.get("/office/offer-slots/<int:slot_id>", allow="offer.edit")
def show(slot_id: int) -> str:
    slot = access.find(OfferSlot, slot_id, right="offer.edit")
    return render_template(
        "rewards/vouchers/bookings.html",
        slot=slot,
        offer=db.session.get_one(Offer, slot.offer_id),
        booked=queries.booked(slot.id),
        STATES=STATES,
    )
