"""Held points come home: back to the purses they left, or 30 days on where that month is past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from volunteer import clock
from volunteer.db import db
from volunteer.ledger import chart
from volunteer.ledger.models import Balance, Posting
from volunteer.ledger.rules import EVERYWHERE, tariff
from volunteer.ledger.transfers import KeyReused, Reversed, Spent, Step, Transfer, Unknown, find, rows, write


def release(
    claim_key: str, *, key: str, move: str = "release", why: dict[str, Any] | None = None, fresh: bool = False
) -> Transfer:
    """Give the points of a claim back, once; the same key again is the same release.

    :raises Unknown: nothing was claimed under `claim_key`
    :raises Reversed: they have been given back before, under another key
    :raises Spent: the voucher has been redeemed, so nothing is held any more
    """
    if not fresh and (done := find(key)) is not None:
        if done.move != move or {row.reverses_id for row in rows(key)} != {row.id for row in rows(claim_key)}:
            raise KeyReused(key=key)
        return done
    claim = rows(claim_key)
    if not claim or claim[0].move != "claim":
        raise Unknown(key=claim_key)
    if db.session.scalar(
        select(Posting.id).where(Posting.reverses_id.in_([row.id for row in claim])).limit(1)
    ):
        raise Reversed(key=claim_key)
    total = sum(row.amount for row in claim)
    held = (
        db.session.scalar(select(Balance.amount).where(Balance.address == claim[0].target).with_for_update())
        or 0
    )
    if held < total:
        raise Spent(balance=held, missing=total - held)

    steps: list[Step] = [
        (row.target, _home(row.source, row.area_path or EVERYWHERE), row.amount) for row in claim
    ]
    first = claim[0]
    return write(
        steps, move, key, first.volunteer_id, first.area_path, why, reverses=[row.id for row in claim]
    )


def _home(purse: str, area_path: str) -> str:
    where, today = chart.parse(purse), clock.today()
    assert where is not None and where.id is not None and where.month is not None
    if where.month >= chart.month_of(today):
        return purse
    return chart.purse(where.id, today + timedelta(days=tariff(today, area_path).release_min_days))
