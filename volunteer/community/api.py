"""JSON: the areas."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import select

from volunteer import paging
from volunteer.community.models import Area
from volunteer.web import Api

api = Api("community_api", __name__)


class AreaOut(BaseModel):
    id: int
    kind: Literal["street", "community", "grid"]
    name: str
    parent_id: int | None


class AreasOut(BaseModel):
    items: list[AreaOut]
    next: str | None


@api.get("/areas", allow="self", gives=AreasOut)
def areas() -> dict[str, Any]:
    page = paging.page(select(Area), key=Area.id, size=200, descending=False)
    return {
        "items": [
            {"id": area.id, "kind": area.kind, "name": area.name, "parent_id": area.parent_id}
            for area in page
        ],
        "next": page.next,
    }
