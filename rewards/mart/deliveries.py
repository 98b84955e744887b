"""What people and companies donate to a mart: onto the shelf and into the list of thanks, in one go."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from rewards import offers
from rewards.mart.models import Delivery
from rewards.offers import Offer
from volunteer import accounts, clock, events, identity, privacy
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import Sentence, _

QUANTITY_MAX = 10_000
BACK_DAYS = 31

#: How a donor wants to be read on the mart's page; what is not to be read is not kept.
NAMED: dict[str, Sentence] = {
    "full": _("写全名"),
    "masked": _("写一部分，例如“陈*珍”"),
    "nameless": _("不写名字，写“爱心人士”"),
}


@events.kind
class Donated(events.Event):
    delivery_id: int
    offer_id: int
    added: int


class BadDay(Refusal):
    code = "mart.delivery_day"
    status = 422
    says = _("收到的日期请填最近 {days} 天里的一天。")


def take_in(
    offer: Offer,
    donor: str,
    quantity: int,
    on: date,
    *,
    by: accounts.User,
    named: str = "full",
    note: str = "",
    once: str | None = None,
) -> Delivery:
    """Put what was donated on the shelf, and thank the donor as they want to be named.

    `once` names the form that was sent: the same form finds the same delivery.

    :raises BadDay: it came later than today, or longer ago than can be remembered
    :raises Invalid: no name where one is to be written, or an impossible number
    """
    today = clock.today()
    if not today - timedelta(days=BACK_DAYS) <= on <= today:
        raise BadDay(days=BACK_DAYS)
    donor = identity.free_text(donor, 60) if donor else ""
    if named not in NAMED or (named != "nameless" and not donor):
        raise Invalid(errors={"donor": [str(_("请写下是谁捐的，或者选“不写名字”。"))]})
    if not 1 <= quantity <= QUANTITY_MAX:
        raise Invalid(errors={"quantity": [str(offers.stock.TooMuch(most=QUANTITY_MAX).detail)]})
    db.session.refresh(offer, with_for_update=True)
    if once and (known := _asked_with(offer.partner_id, once)) is not None:
        return known

    offers.restock(offer, quantity)
    delivery = Delivery(
        partner_id=offer.partner_id,
        area_path=offer.area_path,
        offer_id=offer.id,
        donor={"full": donor, "masked": privacy.mask_name(donor), "nameless": None}[named],
        quantity=quantity,
        on=on,
        note=identity.free_text(note, 200) if note else "",
        taken_in_by=by.id,
        taken_in_at=clock.now(),
        asked_with=once[:64] if once else None,
    )
    db.session.add(delivery)
    db.session.flush()

    events.record(
        Donated(delivery_id=delivery.id, offer_id=offer.id, added=quantity),
        about=f"offer:{offer.id}",
        within=f"partner:{offer.partner_id}",
    )
    return delivery


def _asked_with(partner_id: int, once: str) -> Delivery | None:
    return db.session.scalar(select(Delivery).filter_by(partner_id=partner_id, asked_with=once[:64]))
