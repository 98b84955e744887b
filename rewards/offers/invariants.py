"""What must always be true of the shelf."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, or_, select

from rewards.offers.models import Offer
from volunteer import ledger
from volunteer.i18n import _


@ledger.invariant("offers.stock", _("库存等于放入减去兑走加上退回，不低于零"))
def stock(_on: date) -> Executable:
    """Stock is what was given in, less what was claimed, plus what came back, and never below zero."""
    return select(Offer.id, Offer.stock, Offer.given_in, Offer.claimed, Offer.returned).where(
        or_(Offer.stock != Offer.given_in - Offer.claimed + Offer.returned, Offer.stock < 0)
    )
