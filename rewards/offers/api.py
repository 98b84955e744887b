"""JSON: what is on the shelf, and putting something there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from flask import request
from flask_login import current_user
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rewards import offers
from rewards.offers import queries
from rewards.offers.models import Offer
from rewards.partners import Partner
from volunteer import access, clock, ledger, paging, web
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


class OffersOut(BaseModel):
    items: list[OfferOut]
    next: str | None


@api.get("/offers", allow="self", gives=OffersOut)
def index() -> Any:
    """What can be claimed today, newest first; `q`, `kind`, `partner_id` and `affordable=1` narrow it."""
    asked = request.args
    page = paging.page(
        queries.on_the_shelf(
            clock.today(),
            words=asked.get("q", ""),
            kind=asked.get("kind", ""),
            partner_id=asked.get("partner_id", type=web.small),
            up_to=ledger.balance(current_user.id) if asked.get("affordable") == "1" else None,
        ),
        key=Offer.id,
        scalars=False,
    )
    return {"items": [_out(offer, partner) for offer, partner, *_ in page], "next": page.next}


@api.post("/offers", allow="offer.edit", takes=OfferIn, gives=OfferOut, status=201)
def create(body: OfferIn) -> Any:
    """Publish an offer of a partner within reach."""
    partner = access.find(Partner, body.partner_id, right="offer.edit")
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
    ).model_dump(mode="json", by_alias=True)
