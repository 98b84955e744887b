"""Spending: the purse that ends soonest pays first, and a purse whose month is past never pays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from volunteer import clock
from volunteer.db import db
from volunteer.ledger import chart
from volunteer.ledger.models import Balance
from volunteer.ledger.purses import givable, spendable
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

    steps, missing = _take(locked(spendable(volunteer_id, clock.today())), points, to)
    if missing:
        raise Insufficient(balance=points - missing, missing=missing)
    return write(steps, move, key, volunteer_id, area_path, why)


def give(
    volunteer_id: int,
    points: int,
    *,
    to: str,
    key: str,
    why: dict[str, Any],
    area_path: str | None = None,
    only: str | None = None,
) -> int:
    """Give points away, those that can only be given first, and return how many of them were such. What leaves the
    purses moves under `key`, the rest under `key:surplus`; neither can have been used.

    `only` takes nothing but what ends with that month.

    :raises Insufficient: with `balance`, what there is of both, and `missing`, what it lacks; nothing moves
    """
    if isinstance(points, bool) or not isinstance(points, int) or points <= 0:
        raise NotPositive(amount=str(points))
    today = clock.today()
    beyond, purses = (
        [one for one in locked(where(volunteer_id, today)) if only is None or one[0].endswith(f":{only}")]
        for where in (givable, spendable)
    )
    first, rest = _take(beyond, points, to)
    second, missing = _take(purses, rest, to) if rest else ([], 0)
    if missing:
        raise Insufficient(balance=points - missing, missing=missing)
    if first:
        write(first, "give_surplus", f"{key}:surplus", volunteer_id, area_path, why)
    if second:
        write(second, "give", key, volunteer_id, area_path, why)
    return points - rest


def locked(purses: ColumnElement[bool]) -> list[tuple[str, int]]:
    """Return the purses of a condition that hold points and are not past, soonest first, and hold on to them."""
    # Locked in the order of their addresses, which is the order they end in: two phones wait, they do not deadlock.
    look = select(Balance.address, Balance.amount).where(purses, Balance.amount > 0)
    there = db.session.execute(look.order_by(Balance.address).with_for_update()).all()
    # The wait for the lock may have crossed midnight, so the month is read again after it.
    month = chart.month_of(clock.today())
    return [(address, amount) for address, amount in there if address[-7:] >= month]


def _take(purses: list[tuple[str, int]], points: int, to: str) -> tuple[list[Step], int]:
    steps: list[Step] = []
    for address, amount in purses:
        if not points:
            break
        part = min(amount, points)
        steps.append((address, to, part))
        points -= part
    return steps, points
