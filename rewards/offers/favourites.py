"""Offers that somebody keeps an eye on: kept and let go with one tap; told once when they are back, or about to end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete, select

from rewards.offers.models import Favourite, Offer
from volunteer import accounts, clock, notices
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _

ENDING_DAYS = 7


def keep(volunteer: accounts.User, offer_id: int) -> None:
    """Keep an eye on an offer. Keeping it again changes nothing.

    :raises NotFound: there is no such offer on any shelf
    """
    offer = db.session.get(Offer, offer_id)
    if offer is None or offer.state in ("draft", "withdrawn"):
        raise NotFound
    row = db.insert(Favourite).values(volunteer_id=volunteer.id, offer_id=offer.id, since=clock.now())
    db.session.execute(row.on_conflict_do_nothing())


def let_go(volunteer: accounts.User, offer_id: int) -> None:
    """Keep an eye on it no more. Letting go of what is not kept changes nothing."""
    db.session.execute(
        delete(Favourite).where(Favourite.volunteer_id == volunteer.id, Favourite.offer_id == offer_id)
    )


def kept(volunteer_id: int) -> set[int]:
    """Return the offers somebody keeps an eye on."""
    found = select(Favourite.offer_id).where(Favourite.volunteer_id == volunteer_id)
    return set(db.session.scalars(found))


def tell_of_more(offer: Offer) -> int:
    """Tell those who keep an eye on an offer that was gone and is back, and return how many; once a restocking."""
    people = _watching(offer.id)
    notices.send_many(
        people,
        _("你收藏的“{title}”补货了，现在有 {n} 份。", title=offer.title, n=offer.stock),
        key=f"favourite-back:{offer.id}:{offer.given_in}",
        link=f"/offers/{offer.id}",
    )
    return len(people)


def tell_of_the_end(on: date) -> int:
    """Tell those who keep an eye on what ends in a week and can still be had, once, and return how many."""
    last = on + timedelta(days=ENDING_DAYS)
    ending = select(Offer).where(Offer.state == "published", Offer.until_on == last, Offer.stock > 0)
    told = 0
    for offer in db.session.scalars(ending.order_by(Offer.id)).all():
        people = _watching(offer.id)
        notices.send_many(
            people,
            _("你收藏的“{title}”领到 {until|date} 为止，还有 {days} 天。",
              title=offer.title, until=offer.until_on, days=ENDING_DAYS),
            key=f"favourite-ending:{offer.id}:{offer.until_on}",
            link=f"/offers/{offer.id}",
        )  # fmt: skip
        told += len(people)
    return told


def _watching(offer_id: int) -> Sequence[int]:
    found = select(Favourite.volunteer_id).where(Favourite.offer_id == offer_id)
    return db.session.scalars(found.order_by(Favourite.volunteer_id)).all()
