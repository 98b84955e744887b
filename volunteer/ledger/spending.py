"""Spending: the purse that ends soonest pays first, and a purse whose month is past never pays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from volunteer import clock
from volunteer.db import db
from volunteer.ledger import chart
from volunteer.ledger.models import Balance
from volunteer.ledger.purses import spendable
from volunteer.ledger.transfers import (
    Insufficient,
    KeyReused,
    NotListed,
    NotPositive,
    Step,
    Transfer,
    find,
    write,
)


def spend(
    volunteer_id: int,
    points: int,
    *,
    to: str,
    key: str,
    why: dict[str, Any],
    area_path: str | None = None,
    move: str = "claim",
    fresh: bool = False,
) -> Transfer:
    """Take points from a volunteer's purses, soonest first; the same key again is the same spending.

    :raises Insufficient: with `balance`, what there is, and `missing`, what it lacks; nothing moves
    :raises KeyReused: the key has paid for something else before
    """
    if isinstance(points, bool) or not isinstance(points, int) or points <= 0:
        raise NotPositive(amount=str(points))
    start = chart.purse(volunteer_id, clock.today())
    if chart.parse(to) is None or not chart.may(move, start, to):
        raise NotListed(move=move, source=start, target=to)
    if not fresh and (done := find(key)) is not None:
        same = {line.target for line in done.postings} == {to} and done.points == points
        if not (same and done.move == move and done.volunteer_id == volunteer_id):
            raise KeyReused(key=key)
        return done

    # Locked in the order of their addresses, which is the order they end in: two phones wait, they do not deadlock.
    look = select(Balance.address, Balance.amount).where(
        spendable(volunteer_id, clock.today()), Balance.amount > 0
    )
    there = db.session.execute(look.order_by(Balance.address).with_for_update()).all()
    # The wait for the lock may have crossed midnight, so the month is read again after it.
    steps, missing = _take(
        [one for one in there if one[0] >= chart.purse(volunteer_id, clock.today())], points, to
    )
    if missing:
        raise Insufficient(balance=points - missing, missing=missing)
    return write(steps, move, key, volunteer_id, area_path, why)


def _take(purses: list[tuple[str, int]], points: int, to: str) -> tuple[list[Step], int]:
    steps: list[Step] = []
    for address, amount in purses:
        if not points:
            break
        part = min(amount, points)
        steps.append((address, to, part))
        points -= part
    return steps, points
