"""JSON for a basket on both sides of the counter: filled, shown and given up; quoted, redeemed and refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask_login import current_user
from pydantic import BaseModel, Field

from rewards.mart import baskets, queries
from rewards.mart.models import Basket
from rewards.vouchers import Voucher, guard
from volunteer import access, ledger
from volunteer.bodies import Code, Reason, ScanName
from volunteer.errors import NotFound
from volunteer.web import Api

api = Api("baskets_api", __name__)


class WantedIn(BaseModel):
    offer_id: int
    quantity: Annotated[int, Field(ge=1, le=baskets.ITEMS_MAX)]


class BasketIn(BaseModel):
    partner_id: int
    items: Annotated[list[WantedIn], Field(min_length=1, max_length=baskets.ITEMS_MAX)]


class ItemOut(BaseModel):
    voucher_id: int
    title: str
    points: int
    state: str


class BasketOut(BaseModel):
    id: int
    partner: str
    points: int
    items: list[ItemOut]
    redeemed_at: datetime | None
    balance: int


class BasketShownOut(BaseModel):
    code: str
    url: str
    typed: str
    valid_until: datetime


class BasketGivenUpOut(BaseModel):
    count: int
    balance: int


class BasketCodeIn(BaseModel):
    code: Code


class QuoteOut(BaseModel):
    basket_id: int
    partner: str
    holder: str
    points: int
    items: list[ItemOut]


class BasketRedemptionIn(BasketCodeIn):
    scan: ScanName


class BasketRedemptionOut(QuoteOut):
    at: datetime


class BasketRefusalIn(BasketRedemptionIn):
    reason: Reason
    voucher_id: int | None = None


@api.post("/baskets", allow="self", takes=BasketIn, gives=BasketOut, status=201, idempotency="required")
def fill(body: BasketIn) -> Any:
    """Claim several items of one mart, all of them or none; the same item named twice is added up."""
    partner = queries.mart(body.partner_id)
    if partner is None:
        raise NotFound
    wanted: dict[int, int] = {}
    for one in body.items:
        wanted[one.offer_id] = wanted.get(one.offer_id, 0) + one.quantity
    return _out(baskets.fill(current_user, partner, wanted))


@api.get("/baskets/<int:basket_id>", allow="self", gives=BasketOut)
def show(basket_id: int) -> Any:
    """One of my baskets, each item as it is now."""
    return _out(access.find(Basket, basket_id, right="self"))


@api.post("/baskets/<int:basket_id>/presentation", allow="self", gives=BasketShownOut, status=201)
def present(basket_id: int) -> Any:
    """Show it at the counter: one code for all of it, armed for five minutes."""
    shown = baskets.present(access.find(Basket, basket_id, right="self", lock=True))
    return BasketShownOut(code=shown.code, url=shown.url, typed=shown.typed, valid_until=shown.valid_until)


@api.post("/baskets/<int:basket_id>/cancellation", allow="self", gives=BasketGivenUpOut, status=201)
def cancel(basket_id: int) -> Any:
    """Give up what is still open in it; the points are back at once."""
    count = baskets.cancel(access.find(Basket, basket_id, right="self", lock=True))
    return BasketGivenUpOut(count=count, balance=ledger.balance(current_user.id))


@api.post("/baskets/quotations", allow="voucher.redeem", takes=BasketCodeIn, gives=QuoteOut)
def quote(body: BasketCodeIn) -> Any:
    """What would be redeemed at my counter, item by item, and the total; changes nothing."""
    with guard.typed(body.code):
        return QuoteOut(**_at_counter(baskets.look(body.code, current_user, device=guard.till())))


@api.post(
    "/baskets/redemptions",
    allow="voucher.redeem",
    takes=BasketRedemptionIn,
    gives=BasketRedemptionOut,
    status=201,
)
def redeem(body: BasketRedemptionIn) -> Any:
    """Redeem all of the basket that is being shown, or nothing; the same scan gets the same answer with 200."""
    with guard.typed(body.code):
        done = baskets.redeem(body.code, body.scan, current_user, device=guard.till())
    return _done(done)


@api.post(
    "/baskets/refusals", allow="voucher.redeem", takes=BasketRefusalIn, gives=BasketRedemptionOut, status=201
)
def refuse(body: BasketRefusalIn) -> Any:
    """Say why one item, or without `voucher_id` all that is open, cannot be honoured; those points are back at once."""
    with guard.typed(body.code):
        done = baskets.refuse(
            body.code, body.scan, body.reason, current_user, voucher_id=body.voucher_id, device=guard.till()
        )
    return _done(done)


def _done(done: baskets.AtCounter) -> tuple[BasketRedemptionOut, int]:
    out = BasketRedemptionOut.model_validate({**_at_counter(done), "at": done.at})
    return out, 200 if done.repeated else 201


def _at_counter(found: baskets.AtCounter) -> dict[str, Any]:
    return {
        "basket_id": found.basket.id,
        "partner": found.partner,
        "holder": found.holder,
        "points": found.points,
        "items": [_item(one) for one in found.items],
    }


def _out(basket: Basket) -> BasketOut:
    held = baskets.contents(basket)
    partner = queries.partner_of(basket.partner_id)
    return BasketOut(
        id=basket.id,
        partner=partner.name,
        points=sum(one.points for one in held),
        items=[_item(one) for one in held],
        redeemed_at=basket.redeemed_at,
        balance=ledger.balance(current_user.id),
    )


def _item(one: Voucher) -> ItemOut:
    return ItemOut(voucher_id=one.id, title=one.title, points=one.points, state=one.state)
