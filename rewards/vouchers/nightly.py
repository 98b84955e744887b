"""At night, vouchers past their last day give their points back; every minute, those whose partner has gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from rewards import offers, partners
from rewards.vouchers import drawing, honours, returns
from volunteer import timetable


@timetable.daily("vouchers.lapse", at="00:05")
def lapse(on: date) -> list[Callable[[], object]]:
    """End what was not used, each voucher by itself."""
    return [partial(returns.lapse_one, voucher_id, on) for voucher_id in returns.past(on)]


@timetable.every("vouchers.partner_away", minutes=1)
def refund(at: datetime) -> list[Callable[[], object]]:
    """Give back what is still open at partners that are away, a hundred vouchers a transaction."""
    return [
        partial(returns.refund_partner, partner_id)
        for partner_id, count in returns.left_behind()
        for _chunk in range(0, count, returns.AT_ONCE)
    ]


@timetable.daily("vouchers.honours", at="01:20")
def count_honours(on: date) -> list[Callable[[], object]]:
    """Count what each partner honoured and refused, each partner by itself."""
    return [partial(honours.count, partner_id, hung, on) for partner_id, hung in partners.honours.hung()]


@timetable.daily("vouchers.remind", at="09:00")
def remind(on: date) -> int:
    """Tell holders a week before, and those who booked a time the day before."""
    return returns.remind(on) + returns.remind_of_slots(on)


@timetable.every("vouchers.draw", minutes=5)
def draw(at: datetime) -> list[Callable[[], object]]:
    """Draw the offers whose time to enter is over, each on its own."""
    return [partial(drawing.draw, offer_id) for offer_id in offers.draws.owed(at)]
