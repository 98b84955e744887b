"""Reads for the pages of offers: one query, shaped for the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, case, func, or_, select, type_coerce

from rewards import partners
from rewards.offers.catalogue import NEAR_STEPS
from rewards.offers.models import Favourite, Offer
from rewards.offers.shelf import open_on
from rewards.partners import Partner
from volunteer import access, clock, community
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
    category: str = "",
    within: str = "",
    kept_by: int | None = None,
) -> Select[Offer, str]:
    """Select (Offer, partner's name) of what can be claimed that day; `up_to` points when given.

    `within` is the path of an area where the partner is, `kept_by` somebody who keeps an eye on it.
    """
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
    if category:
        found = found.where(Offer.category == category)
    if within:
        found = found.where(Offer.area_path.startswith(within))
    if kept_by is not None:
        found = found.where(Offer.id.in_(select(Favourite.offer_id).where(Favourite.volunteer_id == kept_by)))
    return found.where(Offer.stock > 0) if in_stock else found


def funded(on: date) -> dict[str, int]:
    """Return where an offer counts → the points that what stands on the shelf that day can take."""
    found = (
        select(Offer.area_path, func.sum(Offer.stock * Offer.points))
        .join(Partner, Partner.id == Offer.partner_id)
        .where(open_on(on), Offer.stock > 0, Offer.points > 0)
        .group_by(Offer.area_path)
    )
    return {path: int(points) for path, points in db.session.execute(found)}


def order(sort: str, home: str | None) -> Any:
    """Return what a page of the shelf is kept in order by: (key, newest or largest first).

    Near means the reader's own grid first, then their community, their street, and what lies elsewhere.
    """
    if sort == "points":
        return (Offer.points, Offer.id), False
    if sort == "near" and home is not None:
        steps = home.strip("/").split("/")
        paths = ["/" + "/".join(steps[:n]) + "/" for n in range(len(steps), 0, -1)]
        far = case(*((Offer.area_path.startswith(path), n) for n, path in enumerate(paths)), else_=len(paths))
        return (type_coerce(far, Integer), Offer.id), False
    return (Offer.id,), True


def around(home: str | None, near: str) -> str:
    """Return the path of the reader's own grid, community or street; "" for none, or where theirs is not so small."""
    steps = (home or "").strip("/").split("/")
    n = NEAR_STEPS.get(near, 0)
    return "/" + "/".join(steps[:n]) + "/" if home and 0 < n <= len(steps) else ""


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


def areas_around(area_path: str) -> list[community.Area]:
    """Return the street a path lies in, its communities and its grids, in the order of the tree."""
    street = community.get(int(area_path.split("/")[1]))
    return community.below(street)
