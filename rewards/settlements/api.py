"""JSON: a month's statements."""

from __future__ import annotations

from typing import Any

from flask import request
from pydantic import BaseModel

from rewards.settlements import months, queries
from rewards.settlements.models import Statement
from rewards.vouchers import Voucher
from volunteer import access, clock, paging
from volunteer.db import db
from volunteer.web import Api

api = Api("settlements_api", __name__)


class PartnerName(BaseModel):
    id: int
    name: str


class StatementItem(BaseModel):
    id: int | None
    partner: PartnerName
    month: str
    state: str
    count: int
    points: int
    value_cents: int


class StatementsOut(BaseModel):
    items: list[StatementItem]
    next: str | None


@api.get("/settlements", allow="statement.read", gives=StatementsOut)
def index() -> Any:
    """Statements of one month within reach (`month=2026-11`, this month without it); the open month is live."""
    month = months.read(request.args.get("month") or months.of(clock.today()))
    if months.is_open(month):
        live = db.session.execute(access.within(queries.live_of_month(month), Voucher, "statement.read"))
        return {
            "items": [
                _item(None, id_, name, month, "open", count, int(points), int(cents))
                for id_, name, count, points, cents in live
            ],
            "next": None,
        }
    page = paging.page(
        access.within(queries.of_month(month), Statement, "statement.read"), key=Statement.id, scalars=False
    )
    return {
        "items": [
            _item(one.id, one.partner_id, name, one.month, one.state, one.count, one.points, one.value_cents)
            for one, name, *_ in page
        ],
        "next": page.next,
    }


def _item(
    id_: int | None, partner_id: int, name: str, month: str, state: str, count: int, points: int, cents: int
) -> dict[str, Any]:
    return StatementItem(
        id=id_,
        partner=PartnerName(id=partner_id, name=name),
        month=month,
        state=state,
        count=count,
        points=points,
        value_cents=cents,
    ).model_dump()
