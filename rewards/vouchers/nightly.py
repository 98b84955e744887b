"""At night, vouchers past their last day give their points back, before any purse runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from rewards.vouchers import returns
from volunteer import timetable


@timetable.daily("vouchers.lapse", at="00:05")
def lapse(on: date) -> list[Callable[[], object]]:
    """End what was not used, each voucher by itself."""
    return [partial(returns.lapse_one, voucher_id, on) for voucher_id in returns.past(on)]


@timetable.daily("vouchers.remind", at="09:00")
def remind(on: date) -> int:
    """Tell holders a week before."""
    return returns.remind(on)
