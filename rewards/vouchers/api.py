"""JSON for both sides of the counter: claiming, showing and cancelling; redeeming and refusing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_login import current_user
from pydantic import BaseModel

from rewards import vouchers
from rewards.vouchers import codes, counter, guard, queries
from rewards.vouchers.models import Voucher
from volunteer import access, lanes, ledger, paging
from volunteer.bodies import Code, Reason, ScanName
from volunteer.web import Api

api = Api("vouchers_api", __name__)


class ClaimIn(BaseModel):
    offer_id: int
    slot_id: int | None = None


class ClaimOut(BaseModel):
    id: int
    state: str
    points: int
    expires_on: date
    balance: int


class OfferName(BaseModel):
    id: int
    title: str


class PartnerName(BaseModel):
    id: int
    name: str


class VoucherOut(BaseModel):
    id: int
    state: str
    points: int
    expires_on: date
    offer: OfferName
    partner: PartnerName
    claimed_at: datetime
    shown_until: datetime | None
    ended_at: datetime | None
    reason: str | None
    slot_id: int | None


class VouchersOut(BaseModel):
    items: list[VoucherOut]
    next: str | None


class ShownOut(BaseModel):
    code: str
    url: str
    typed: str
    valid_until: datetime


class CancelledOut(BaseModel):
    state: str
    balance: int


class RedemptionIn(BaseModel):
    code: Code
    scan: ScanName


class RedemptionOut(BaseModel):
    voucher_id: int
    state: str
    at: datetime
    offer: str
    partner: str
    holder: str


class RefusalIn(RedemptionIn):
    reason: Reason


class RefusalOut(BaseModel):
    voucher_id: int
    state: str
    at: datetime
    offer: str
    holder: str


@api.post("/vouchers", allow="self", takes=ClaimIn, gives=ClaimOut, status=201, idempotency="required")
def create(body: ClaimIn) -> Any:
    """Claim an offer: points held, stock one less; `slot_id` is the time to book, where the offer is booked by time."""
    voucher = vouchers.claim(current_user, body.offer_id, slot_id=body.slot_id)
    return {
        "id": voucher.id,
        "state": voucher.state,
        "points": voucher.points,
        "expires_on": voucher.expires_on.isoformat(),
        "balance": ledger.balance(current_user.id),
    }


@api.get("/vouchers", allow="self", gives=VouchersOut)
def index() -> Any:
    """My vouchers, newest first."""
    page = paging.page(queries.of(current_user.id), key=Voucher.id, scalars=False)
    return {"items": [_out(voucher, partner) for voucher, partner, *_ in page], "next": page.next}


@api.get("/vouchers/<int:voucher_id>", allow="self", gives=VoucherOut)
def show(voucher_id: int) -> Any:
    """One of my vouchers."""
    voucher = access.find(Voucher, voucher_id, right="self")
    return _out(voucher, queries.partner_name(voucher.partner_id))


@api.post("/vouchers/<int:voucher_id>/presentation", allow="self", gives=ShownOut, status=201)
def present(voucher_id: int) -> Any:
    """Show it at the counter: armed for five minutes."""
    shown = vouchers.present(access.find(Voucher, voucher_id, right="self"))
    return ShownOut(code=shown.code, url=shown.url, typed=shown.typed, valid_until=shown.valid_until)


@api.post("/vouchers/<int:voucher_id>/cancellation", allow="self", gives=CancelledOut, status=201)
def cancel(voucher_id: int) -> Any:
    """Give it up unused; the points are back at once."""
    voucher = vouchers.cancel(access.find(Voucher, voucher_id, right="self", lock=True))
    return {"state": voucher.state, "balance": ledger.balance(current_user.id)}


@api.post(
    "/redemptions",
    allow="voucher.redeem",
    takes=RedemptionIn,
    gives=RedemptionOut,
    status=201,
)
def redeem(body: RedemptionIn) -> Any:
    """Redeem at my counter what is being shown; the same scan gets the same answer with 200."""
    with guard.typed(body.code):
        done = vouchers.redeem(body.code, body.scan, current_user, device=guard.till())
    return RedemptionOut.model_validate(done, from_attributes=True), 200 if done.repeated else 201


def _asks(body: RedemptionIn, who: lanes.Asked) -> counter.Shown:
    if codes.is_typed(body.code):
        raise guard.Guessable  # misses are counted where the framework is
    return counter.Shown(body.code, body.scan, token=who.token, request_id=who.request_id)


#: The same without the framework, for counters on a busy day.
LANES = (
    lanes.Lane(
        "/api/v1/redemptions",
        allow=counter.RIGHT,
        takes=RedemptionIn,
        gives=RedemptionOut,
        asks=_asks,
        many=vouchers.redeem_many,
    ),
)


@api.post(
    "/redemptions/refusals",
    allow="voucher.redeem",
    takes=RefusalIn,
    gives=RefusalOut,
    status=201,
)
def refuse(body: RefusalIn) -> Any:
    """Say why it cannot be honoured; the volunteer has the points back at once."""
    with guard.typed(body.code):
        found = vouchers.refuse(body.code, body.scan, body.reason, current_user, device=guard.till())
    voucher = found.voucher
    out = RefusalOut(
        voucher_id=voucher.id,
        state=voucher.state,
        at=voucher.ended_at or voucher.claimed_at,
        offer=voucher.title,
        holder=found.holder,
    )
    return out, 200 if found.repeated else 201


def _out(voucher: Voucher, partner: str) -> dict[str, Any]:
    return VoucherOut(
        id=voucher.id,
        state=voucher.state,
        points=voucher.points,
        expires_on=voucher.expires_on,
        offer=OfferName(id=voucher.offer_id, title=voucher.title),
        partner=PartnerName(id=voucher.partner_id, name=partner),
        claimed_at=voucher.claimed_at,
        shown_until=voucher.armed_until if voucher.state == "claimed" else None,
        ended_at=voucher.redeemed_at or voucher.ended_at,
        reason=str(vouchers.REASONS.get(voucher.reason, voucher.reason)) if voucher.reason else None,
        slot_id=voucher.slot_id,
    ).model_dump(mode="json")
