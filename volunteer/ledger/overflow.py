"""What somebody earned above what may be spent: it is theirs to give, until the month it ends in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select

from volunteer import clock
from volunteer.batches import Batch
from volunteer.db import db, when_committed
from volunteer.ledger import chart
from volunteer.ledger.models import Balance
from volunteer.ledger.purses import Purse
from volunteer.ledger.rules import tariff
from volunteer.ledger.transfers import count, find, key_of_surplus, lay_out, reverse, transfer


def surplus_in(formula: Mapping[str, Any]) -> int:
    """The points of an award that did not fit under the limits, as its formula says."""
    return int(formula.get("surplus", 0))


def lay_out_surplus(
    batch: Batch, volunteer_id: int, *, key: str, why: dict[str, Any], on: date, area_path: str
) -> None:
    """Lay what an award brought above the limits into a batch, beside the award `key`; nothing where all fitted."""
    points = surplus_in(why["formula"])
    if not points:
        return
    step = (chart.ISSUED, chart.surplus(volunteer_id, tariff(on, area_path).purse_month(on)), points)
    when_committed(partial(count, "surplus", points))
    lay_out(
        batch, step, move="surplus", key=key_of_surplus(key), volunteer_id=volunteer_id, area_path=area_path, why=why, on=on
    )  # fmt: skip


def award_surplus(volunteer_id: int, *, key: str, why: dict[str, Any], on: date, area_path: str) -> int:
    """Give what an award brought above the limits and return how many points; the same key gives it once."""
    points = surplus_in(why["formula"])
    if not points:
        return 0
    step = (chart.ISSUED, chart.surplus(volunteer_id, tariff(on, area_path).purse_month(on)), points)
    made = transfer(
        step,
        move="surplus",
        key=key_of_surplus(key),
        volunteer_id=volunteer_id,
        area_path=area_path,
        why=why,
        on=on,
    )
    return 0 if made.repeated else points


def take_back(key: str, why: dict[str, Any]) -> int:
    """Send back what an award brought above the limits, once, and return how many points; 0 where there was none.

    :raises volunteer.ledger.Spent: it has been given away
    """
    made = find(key_of_surplus(key))
    if made is None:
        return 0
    reverse(key_of_surplus(key), move="surplus_back", new_key=f"{key_of_surplus(key)}:reversal", why=why)
    return made.points


def surplus(volunteer_id: int, on: date | None = None) -> list[Purse]:
    """Return what somebody may only give, by the month it ends in, soonest first; past months do not count."""
    first = chart.surplus(volunteer_id, on or clock.today())
    rows = db.session.execute(
        select(Balance.address, Balance.amount)
        .where(Balance.address.between(first, chart.surplus(volunteer_id, "9999-12")), Balance.amount > 0)
        .order_by(Balance.address)
    )
    return [Purse(address[-7:], amount) for address, amount in rows]
