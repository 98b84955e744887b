"""Offers that are given by lot: people enter until a moment, and have their points until they are drawn.

The lots and their order are those of the service days' draws (`service_days.lottery`); the draw itself is in
vouchers, where what is won is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from rewards.offers.hindrances import hindrance, hindrances
from rewards.offers.models import Offer, OfferDraw, OfferEntry
from volunteer import accounts, clock, events, service_days, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

EARLIEST = timedelta(hours=1)  # from now on people must be able to enter
LATELY = timedelta(days=90)  # what somebody has won in these days takes lots
#: What is asked only once somebody is drawn: they may earn points until then.
ASKED_LATER = frozenset({"offer.by_draw", "offer.sold_out", "offer.daily_limit", "ledger.insufficient"})


@events.kind
class DrawPlanned(events.Event):
    offer_id: int
    draws_at: str
    fingerprint: str


@events.kind
class DrawDropped(events.Event):
    offer_id: int


@events.kind
class Entered(events.Event):
    offer_id: int
    number: int


@events.kind
class EntryWithdrawn(events.Event):
    offer_id: int
    number: int


class ByDraw(Refusal):
    code = "offer.by_draw"
    says = _("这份礼遇要抽签，{at|moment} 抽。先报名，抽中了券会自己放进你的券里。")
    action = (_("去报名"), "offers.show", {"offer_id": "offer_id"})


class AdultsOnly(Refusal):
    """Something given by lot is nothing for minors, whatever it is."""

    code = "offer.draw_adults"
    status = 403
    says = _("抽签的礼遇年满 18 岁才能参加。别的礼遇都为你开着，积分一分不少。")
    who = _("成年的话，请在“我的”里填上出生日期。")
    action = (_("看别的礼遇"), "offers.index")


class BadMoment(Refusal):
    code = "offer.draw_moment"
    status = 422
    says = _("抽签要在一小时以后、礼遇结束以前，大家好报名。")


class NotDrawable(Refusal):
    code = "offer.draw_kind"
    says = _("要约时段的礼遇、有每天限额的礼遇不能抽签。")


class DrawFixed(Refusal):
    code = "offer.draw_fixed"
    says = _("已经有 {n} 个人报名抽签，时间不能再改。")
    who = _("到时候会自己抽，不想给了可以下架，报名的人都会收到消息。")


class DrawOver(Refusal):
    code = "offer.draw_over"
    says = _("这份礼遇的抽签报名已经结束了。")
    action = (_("看别的礼遇"), "offers.index")


@hindrance
def by_draw(_volunteer: accounts.User, offer: Offer) -> Refusal | None:
    return ByDraw(at=offer.draws_at, offer_id=offer.id) if offer.drawing else None


@hindrance
def too_young(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    return AdultsOnly() if offer.drawing and not accounts.is_grown(volunteer.birth_on) else None


def plan(offer: Offer, draws_at: datetime) -> Offer:
    """Have an offer given by lot at that moment; the fingerprint of the seed is public from now on.

    Another moment keeps the seed. Planning the same again changes nothing.

    :raises DrawFixed: somebody has entered
    :raises BadMoment: nobody could enter, or nobody could claim any more
    """
    _lock(offer)
    if offer.draws_at == draws_at:
        return offer
    _changeable(offer)
    if offer.by_slot or offer.daily_limit is not None:
        raise NotDrawable
    if draws_at < clock.now() + EARLIEST or draws_at.astimezone(clock.ZONE).date() > offer.until_on:
        raise BadMoment(field="draws_at")

    offer.draws_at = draws_at
    there = of(offer)
    if there is None:
        seed = signing.token_bytes(32).hex()
        there = OfferDraw(offer_id=offer.id, seed=seed, fingerprint=service_days.lottery.fingerprint(seed))
        db.session.add(there)
    db.session.flush()

    _tell(offer, DrawPlanned(offer_id=offer.id, draws_at=draws_at.isoformat(), fingerprint=there.fingerprint))
    return offer


def drop(offer: Offer) -> Offer:
    """Give it to whoever comes first again. Dropping what is not planned changes nothing.

    :raises DrawFixed: somebody has entered
    """
    _lock(offer)
    if not offer.drawing:
        return offer
    _changeable(offer)

    offer.draws_at = None
    db.session.execute(delete(OfferDraw).where(OfferDraw.offer_id == offer.id))
    db.session.flush()

    _tell(offer, DrawDropped(offer_id=offer.id))
    return offer


def enter(volunteer: accounts.User, offer_id: int) -> OfferEntry:
    """Put somebody's name into the draw. Entering again changes nothing.

    :raises DrawOver: it is not drawn, or has been
    :raises AdultsOnly: they are not eighteen, or nobody knows
    :raises Refusal: what stands in the way of them, points and stock aside
    """
    offer = db.session.get(Offer, offer_id, with_for_update=True, populate_existing=True)
    if offer is None or offer.state in ("draft", "withdrawn"):
        raise NotFound
    if (there := entry_of(offer, volunteer.id)) is not None:
        return there
    if not offer.drawing or offer.draws_at is None or offer.draws_at <= clock.now():
        raise DrawOver
    for found in before_entering(volunteer, offer):
        raise found

    last = db.session.scalar(select(func.max(OfferEntry.number)).where(OfferEntry.offer_id == offer.id))
    entry = OfferEntry(
        offer_id=offer.id, volunteer_id=volunteer.id, number=(last or 0) + 1, entered_at=clock.now()
    )
    db.session.add(entry)
    db.session.flush()

    events.record(
        Entered(offer_id=offer.id, number=entry.number), about=f"offer:{offer.id}", whom=volunteer.id
    )
    return entry


def leave(volunteer: accounts.User, offer_id: int) -> None:
    """Take somebody's name out again, until it is drawn. Leaving what one has not entered changes nothing.

    :raises DrawOver: it has been drawn
    """
    offer = db.session.get(Offer, offer_id, with_for_update=True, populate_existing=True)
    if offer is None:
        raise NotFound
    entry = entry_of(offer, volunteer.id)
    if entry is None:
        return
    if not offer.drawing:
        raise DrawOver

    db.session.delete(entry)
    db.session.flush()

    events.record(
        EntryWithdrawn(offer_id=offer.id, number=entry.number), about=f"offer:{offer.id}", whom=volunteer.id
    )


def before_entering(volunteer: accounts.User, offer: Offer) -> list[Refusal]:
    """Return what stands in the way of entering: all that would of a claim, but for what is asked once one is drawn."""
    return [found for found in hindrances(volunteer, offer) if found.code not in ASKED_LATER]


def of(offer: Offer) -> OfferDraw | None:
    """The draw of an offer, planned or done."""
    return db.session.get(OfferDraw, offer.id)


def entry_of(offer: Offer, volunteer_id: int) -> OfferEntry | None:
    """Somebody's entry in the draw of an offer."""
    return db.session.scalar(select(OfferEntry).filter_by(offer_id=offer.id, volunteer_id=volunteer_id))


def entries(offer: Offer) -> Sequence[OfferEntry]:
    """Everybody who has entered, by number."""
    return db.session.scalars(
        select(OfferEntry).where(OfferEntry.offer_id == offer.id).order_by(OfferEntry.number)
    ).all()


def entered(offer: Offer) -> int:
    """How many have entered."""
    return db.session.scalar(select(func.count()).where(OfferEntry.offer_id == offer.id)) or 0


def won_lately(people: Sequence[int], at: datetime) -> dict[int, int]:
    """How often each of these people was drawn in the ninety days before a moment."""
    rows = db.session.execute(
        select(OfferEntry.volunteer_id, func.count())
        .join(Offer, Offer.id == OfferEntry.offer_id)
        .where(
            OfferEntry.volunteer_id.in_(people),
            OfferEntry.outcome == "won",
            Offer.drawn_at >= at - LATELY,
        )
        .group_by(OfferEntry.volunteer_id)
    ).all()
    return dict(rows)


def owed(at: datetime) -> list[int]:
    """Offers whose moment has come and that are not drawn yet; a paused one waits until it is back."""
    due = select(Offer.id).where(
        Offer.draws_at <= at, Offer.drawn_at.is_(None), Offer.state.in_(("published", "withdrawn"))
    )
    return list(db.session.scalars(due.order_by(Offer.draws_at, Offer.id)))


def _lock(offer: Offer) -> None:
    db.session.refresh(offer, with_for_update=True)


def _changeable(offer: Offer) -> None:
    if offer.drawn_at is not None:
        raise DrawOver
    people = entered(offer)
    if people:
        raise DrawFixed(n=people)


def _tell(offer: Offer, event: events.Event) -> None:
    events.record(event, about=f"offer:{offer.id}", within=f"partner:{offer.partner_id}")
