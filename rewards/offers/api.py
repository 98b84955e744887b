"""JSON: what is on the shelf, and putting something there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from flask import request
from flask_login import current_user
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rewards import offers
from rewards.offers import queries
from rewards.offers.models import Offer
from rewards.partners import Partner
from volunteer import access, clock, community, ledger, paging, web
from volunteer.errors import NotFound
from volunteer.web import Api

api = Api("offers_api", __name__)

Title = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Detail = Annotated[str, StringConstraints(max_length=2000)]


class PartnerName(BaseModel):
    id: int
    name: str


class OfferIn(BaseModel):
    partner_id: int
    title: Title
    kind: str
    points: Annotated[int, Field(ge=0, le=100_000)]
    stock: Annotated[int, Field(ge=0, le=100_000)]
    per_person: Annotated[int, Field(ge=1, le=1000)] | None = None
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date
    detail: Detail = ""
    value_cents: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    adults_only: bool = False
    category: str | None = None
    by_slot: bool = False
    daily_limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    least_star: Annotated[int, Field(ge=0, le=5)] = 0
    area_id: int | None = None


class OfferOut(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    id: int
    title: str
    partner: PartnerName
    kind: str
    points: int
    stock: int
    per_person: int
    from_: Annotated[date, Field(alias="from")]
    until: date
    state: str
    category: str | None
    by_slot: bool
    daily_limit: int | None
    least_star: int
    area_id: int | None
    draws_at: datetime | None
    drawn_at: datetime | None


class SlotOut(BaseModel):
    id: int
    starts_at: datetime
    ends_at: datetime
    left: int


class SlotsOut(BaseModel):
    items: list[SlotOut]


class OffersOut(BaseModel):
    items: list[OfferOut]
    next: str | None


@api.get("/offers", allow="self", gives=OffersOut)
def index() -> Any:
    """What can be claimed today, newest first.

    `q`, `kind`, `category`, `partner_id` and `affordable=1` narrow it, `kept=1` to the favourites, `near=grid`,
    `community` or `street` to the reader's own; `sort=points` has the cheapest first, `sort=near` the nearest.
    """
    asked = request.args
    home = current_user.area_path
    key, descending = queries.order(asked.get("sort", ""), home)
    page = paging.page(
        queries.on_the_shelf(
            clock.today(),
            words=asked.get("q", ""),
            kind=asked.get("kind", ""),
            category=asked.get("category", ""),
            partner_id=asked.get("partner_id", type=web.small),
            within=queries.around(home, asked.get("near", "")),
            kept_by=current_user.id if asked.get("kept") == "1" else None,
            up_to=ledger.balance(current_user.id) if asked.get("affordable") == "1" else None,
        ),
        key=key,
        descending=descending,
        scalars=False,
    )
    return {"items": [_out(offer, partner) for offer, partner, *_ in page], "next": page.next}


@api.post("/offers", allow="offer.edit", takes=OfferIn, gives=OfferOut, status=201)
def create(body: OfferIn) -> Any:
    """Publish an offer of a partner within reach."""
    partner = access.find(Partner, body.partner_id, right="offer.edit", lock=True)
    offer = offers.publish(
        partner,
        title=body.title,
        kind=body.kind,
        points=body.points,
        stock=body.stock,
        per_person=body.per_person,
        from_on=body.from_,
        until_on=body.until,
        detail=body.detail,
        value_cents=body.value_cents,
        adults_only=body.adults_only,
        category=body.category,
        by_slot=body.by_slot,
        daily_limit=body.daily_limit,
        least_star=body.least_star,
        for_area_path=community.get(body.area_id).path if body.area_id is not None else None,
    )
    return _out(offer, partner.name)


@api.get("/offers/<int:offer_id>", allow="self", gives=OfferOut)
def show(offer_id: int) -> Any:
    """One offer that is on a shelf."""
    found = queries.shown(offer_id)
    if found is None:
        raise NotFound
    offer, partner = found
    return _out(offer, partner.name)


@api.get("/offers/<int:offer_id>/slots", allow="self", gives=SlotsOut)
def slots(offer_id: int) -> Any:
    """The times of an offer that have not begun, soonest first, with the places left in each."""
    found = queries.shown(offer_id)
    if found is None:
        raise NotFound
    return {
        "items": [
            SlotOut(id=one.id, starts_at=one.starts_at, ends_at=one.ends_at, left=one.left).model_dump(
                mode="json"
            )
            for one in offers.slots.coming(found[0])
        ]
    }


def _out(offer: Offer, partner: str) -> dict[str, Any]:
    return OfferOut(
        id=offer.id,
        title=offer.title,
        partner=PartnerName(id=offer.partner_id, name=partner),
        kind=offer.kind,
        points=offer.points,
        stock=offer.stock,
        per_person=offer.per_person,
        from_=offer.from_on,
        until=offer.until_on,
        state=offer.state,
        category=offer.category,
        by_slot=offer.by_slot,
        daily_limit=offer.daily_limit,
        least_star=offer.least_star,
        area_id=int(offer.for_area_path.strip("/").split("/")[-1]) if offer.for_area_path else None,
        draws_at=offer.draws_at,
        drawn_at=offer.drawn_at,
    ).model_dump(mode="json", by_alias=True)
