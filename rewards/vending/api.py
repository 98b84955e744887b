"""JSON for vending machines: what to drop, and what could not be dropped."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import request
from flask_login import current_user
from pydantic import BaseModel, StringConstraints

from rewards.vending import drops
from rewards.vouchers import guard
from volunteer import access, devices
from volunteer.bodies import Code, Reason, ScanName
from volunteer.web import Api

api = Api("vending_api", __name__)

Machine = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Slot = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\-]{1,20}$")]


class DropIn(BaseModel):
    code: Code
    scan: ScanName
    machine: Machine
    slot: Slot


class DropOut(BaseModel):
    voucher_id: int
    offer_id: int
    offer: str
    slot: str
    quantity: int
    at: datetime


class FailureIn(BaseModel):
    scan: ScanName
    reason: Reason


class FailureOut(BaseModel):
    voucher_id: int
    state: str
    at: datetime


@api.post("/vending/redemptions", allow="voucher.redeem", takes=DropIn, gives=DropOut, status=201)
def drop(body: DropIn) -> Any:
    """Redeem at my machine what is being shown, and say what it drops; the same scan gets the same answer with 200.

    The request is signed by the machine (`X-Device`), and `machine` is the name it was enrolled with.
    """
    with guard.typed(body.code):
        made, voucher, repeated = drops.drop(
            body.code, body.scan, body.machine, body.slot, device=devices.signer(request), by=current_user
        )
    out = DropOut(
        voucher_id=voucher.id,
        offer_id=voucher.offer_id,
        offer=voucher.title,
        slot=made.slot,
        quantity=1,
        at=made.at,
    )
    return out, 200 if repeated else 201


@api.post("/vending/failures", allow="voucher.redeem", takes=FailureIn, gives=FailureOut, status=201)
def fail(body: FailureIn) -> Any:
    """Say within two minutes that nothing came out: the points are back at once, and the volunteer is told.

    Signed by the machine that had the scan; the same scan gets the same answer with 200.
    """
    made, voucher, repeated = drops.fail(body.scan, body.reason, device=devices.signer(request))
    access.require("voucher.redeem", voucher)
    return FailureOut(
        voucher_id=voucher.id, state=voucher.state, at=made.failed_at or made.at
    ), 200 if repeated else 201
