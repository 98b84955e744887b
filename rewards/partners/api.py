"""JSON: who the partners are."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from rewards.partners import queries
from rewards.partners.models import Partner
from volunteer import clock, paging
from volunteer.web import Api

api = Api("partners_api", __name__)


class PartnerItem(BaseModel):
    id: int
    name: str
    kind: str
    address: str
    area_id: int
    state: str
    plaque: str | None
    since: date | None


class PartnersOut(BaseModel):
    items: list[PartnerItem]
    next: str | None


@api.get("/partners", allow="self", gives=PartnersOut)
def index() -> Any:
    """Partners whose agreement is in force, newest first."""
    page = paging.page(queries.in_good_standing(clock.today()), key=Partner.id)
    return {"items": [_item(partner) for partner in page], "next": page.next}


def _item(partner: Partner) -> dict[str, Any]:
    return PartnerItem(
        id=partner.id,
        name=partner.name,
        kind=partner.kind,
        address=partner.address,
        area_id=partner.area_id,
        state=partner.state,
        plaque=partner.plaque_no,
        since=partner.plaque_on,
    ).model_dump(mode="json")
