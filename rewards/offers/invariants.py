"""What must always be true of the shelf."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, and_, or_, select

from rewards.offers.catalogue import FREE
from rewards.offers.models import Offer
from volunteer import ledger
from volunteer.i18n import _


@ledger.invariant("offers.stock", _("库存等于放入减去兑走加上退回，不低于零"))
def stock(_on: date) -> Executable:
    """Stock is what was given in, less what was claimed, plus what came back, and never below zero."""
    return select(Offer.id, Offer.stock, Offer.given_in, Offer.claimed, Offer.returned).where(
        or_(Offer.stock != Offer.given_in - Offer.claimed + Offer.returned, Offer.stock < 0)
    )


@ledger.invariant("offers.free", _("星级优惠和便民微服务不收积分"))
def free(_on: date) -> Executable:
    """What is given to stars asks for one at least, and neither that nor a micro-service takes points."""
    return select(Offer.id, Offer.kind, Offer.points, Offer.least_star).where(
        Offer.kind.in_(FREE), or_(Offer.points != 0, and_(Offer.kind == "star", Offer.least_star < 1))
    )
