"""A disputed voucher leaves a statement that is not agreed yet; its partner confirms what is left anew."""

from __future__ import annotations

from rewards import vouchers
from rewards.settlements import drawing
from volunteer import events


@events.on(vouchers.Disputed)
def take_off_statement(happened: vouchers.Disputed) -> None:
    drawing.take_off(happened.voucher_id, happened.partner_id)
