"""Taking one, putting one back, adding more: each one statement, so the last item goes to one person only."""

from __future__ import annotations

from sqlalchemy import update

from rewards.offers import favourites
from rewards.offers.models import Offer
from volunteer import events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Restocked(events.Event):
    offer_id: int
    added: int


class SoldOut(Refusal):
    code = "offer.sold_out"
    says = _("这份礼遇刚刚领完了。")
    who = _("商家补货后会再上架，也可以看看别的。")
    action = (_("看别的礼遇"), "offers.index")


class TooFew(Refusal):
    code = "offer.stock"
    says = _("架上只有 {stock} 份，减不了这么多。")


class TooMuch(Refusal):
    code = "offer.stock_range"
    status = 422
    says = _("一次请填 1 到 {most} 份。")


RESTOCK_MAX = 10_000


def take(offer_id: int) -> None:
    """Take one off the stock.

    :raises SoldOut: if there is none left; the database decides who was first
    """
    one = update(Offer).where(Offer.id == offer_id, Offer.stock > 0)
    taken = one.values(stock=Offer.stock - 1, claimed=Offer.claimed + 1).returning(Offer.id)
    if db.session.scalar(taken) is None:
        raise SoldOut


def put_back(offer_id: int) -> None:
    """Put one back that was claimed and not used."""
    one = update(Offer).where(Offer.id == offer_id)
    db.session.execute(one.values(stock=Offer.stock + 1, returned=Offer.returned + 1))


def restock(offer: Offer, n: int) -> Offer:
    """Add so many, or take away what is broken when `n` is below zero.

    :raises TooFew: if more would be taken away than stands there
    """
    if n == 0 or abs(n) > RESTOCK_MAX:
        raise TooMuch(most=RESTOCK_MAX)

    more = update(Offer).where(Offer.id == offer.id, Offer.stock + n >= 0)
    added = more.values(stock=Offer.stock + n, given_in=Offer.given_in + n).returning(Offer.id)
    if db.session.scalar(added) is None:
        raise TooFew(stock=offer.stock)
    db.session.refresh(offer)

    events.record(
        Restocked(offer_id=offer.id, added=n), about=f"offer:{offer.id}", within=f"partner:{offer.partner_id}"
    )
    if offer.stock == n:  # there was none left before
        favourites.tell_of_more(offer)
    return offer
