"""Reads for the pages of offers: one query, shaped for the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select

from rewards import partners
from rewards.offers.models import Offer
from rewards.offers.shelf import open_on
from rewards.partners import Partner
from volunteer import access, clock
from volunteer.db import db
from volunteer.service_days import ServiceDay


def on_the_shelf(
    on: date,
    *,
    words: str = "",
    kind: str = "",
    partner_id: int | None = None,
    up_to: int | None = None,
    in_stock: bool = False,
) -> Select[Offer, str]:
    """Select (Offer, partner's name) of what can be claimed that day; `up_to` points when given."""
    found = (
        select(Offer, Partner.name.label("partner"))
        .join(Partner, Partner.id == Offer.partner_id)
        .where(open_on(on))
    )
    if words:
        found = found.where(or_(contains(Offer.title, words), contains(Partner.name, words)))
    if kind:
        found = found.where(Offer.kind == kind)
    if partner_id is not None:
        found = found.where(Offer.partner_id == partner_id)
    if up_to is not None:
        found = found.where(Offer.points <= up_to)
    return found.where(Offer.stock > 0) if in_stock else found


def managed(*, words: str = "", state: str = "", partner_id: int | None = None) -> Select[Offer, str]:
    """Select (Offer, partner's name) for those who look after them, whatever the state."""
    found = select(Offer, Partner.name.label("partner")).join(Partner, Partner.id == Offer.partner_id)
    if words:
        found = found.where(or_(contains(Offer.title, words), contains(Partner.name, words)))
    if state:
        found = found.where(Offer.state == state)
    return found.where(Offer.partner_id == partner_id) if partner_id is not None else found


def shown(offer_id: int) -> Row[Offer, Partner] | None:
    """Return (Offer, Partner) for its page; drafts and what was withdrawn are not shown."""
    return db.session.execute(
        select(Offer, Partner)
        .join(Partner, Partner.id == Offer.partner_id)
        .where(Offer.id == offer_id, Offer.state.in_(("published", "paused")))
    ).one_or_none()


def contains(column: Any, words: str) -> Any:
    """The condition that a column holds these words as they are, wildcards included."""
    return column.icontains(words.strip()[:40], autoescape=True)


def partners_within(right: str) -> list[tuple[int, str]]:
    """Return (id, name) of the partners in force that the reader has the right over."""
    found = select(Partner).where(partners.in_standing(clock.today())).order_by(Partner.name)
    return [
        (partner.id, partner.name) for partner in db.session.scalars(access.within(found, Partner, right))
    ]


def next_service_day(area_path: str, now: datetime) -> ServiceDay | None:
    """Return the next day in the reader's street on which points can be earned."""
    street = "/".join(area_path.split("/")[:2]) + "/"
    return db.session.scalar(
        select(ServiceDay)
        .where(
            ServiceDay.area_path.startswith(street),
            ServiceDay.state == "open",
            ServiceDay.on >= now.date(),
            ServiceDay.starts_at > now,
        )
        .order_by(ServiceDay.on, ServiceDay.id)
        .limit(1)
    )
