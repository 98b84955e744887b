"""Purses past their month are emptied: a transfer like any other. Held points do not expire."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from volunteer.accounts import User
from volunteer.db import db
from volunteer.ledger import chart
from volunteer.ledger.models import Balance
from volunteer.ledger.transfers import write

BATCH = 500


def expire(on: date) -> int:
    """Empty every purse whose month is past on that day and return how many points went; again, and nothing goes."""
    gone, after = 0, "volunteer:"
    while batch := _past(on, after):
        homes = _homes([address for address, _amount in batch])
        for address, amount in batch:
            # The date is part of the key: a purse that is filled again can be emptied again.
            key, holder = f"expire:{address}:{on}", _holder(address)
            write(
                [(address, chart.EXPIRED, amount)],
                "expire",
                key,
                holder,
                homes[holder],
                {"month": address[-7:]},
                on,
            )
            gone += amount
        after = batch[-1][0]
    return gone


def _past(on: date, after: str) -> list[tuple[str, int]]:
    month = func.substr(Balance.address, func.length(Balance.address) - 6)
    look = select(Balance.address, Balance.amount).where(
        Balance.address > after,
        Balance.address < "volunteer;",
        month < chart.month_of(on),
        Balance.amount > 0,
    )
    return list(db.session.execute(look.order_by(Balance.address).limit(BATCH).with_for_update()).all())


def _holder(address: str) -> int:
    return int(address.split(":")[1])


def _homes(addresses: list[str]) -> dict[int, str]:
    whose = select(User.id, User.area_path).where(User.id.in_({_holder(address) for address in addresses}))
    return dict(db.session.execute(whose).all())
