"""Flat pay: the same for everyone at check-in, once a person and day."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import select

from volunteer import ledger
from volunteer.activities import Activity
from volunteer.batches import Batch
from volunteer.db import db
from volunteer.ledger import Posting
from volunteer.ledger.tariff import Worth
from volunteer.service_days import ServiceDay


def pay_flat(
    day: ServiceDay,
    volunteer_id: int,
    points: int,
    *,
    balance: int = 0,
    title: str | None = None,
    into: Batch | None = None,
) -> int:
    """Pay a check-in and return the points that arrived: 0 when this person has had them for this day already, or
    holds as many as one may; `balance` says how many.

    Given a batch, the award goes with it: then the caller has seen that the day has never paid this person.
    """
    worth = flat_worth(day, points, balance)
    if not (worth.points or ledger.surplus_in(worth.formula)):
        return 0
    why = {
        "title": title or _title(day),
        "formula": worth.formula,
        "link": f"/service-days/{day.id}",
        "service_day": day.id,
    }
    of: dict[str, Any] = {"why": why, "on": day.on, "area_path": day.area_path}
    if into is not None:
        key = next(_keys(day.id, volunteer_id))
        if worth.points:
            ledger.lay_out_award(into, volunteer_id, worth.points, key=key, **of)
        ledger.lay_out_surplus(into, volunteer_id, key=key, **of)
        return worth.points
    for key in _keys(day.id, volunteer_id):
        try:
            paid = bool(worth.points) and not ledger.award(volunteer_id, worth.points, key=key, **of).repeated
            if paid or not (worth.points or _paid(key)):
                ledger.award_surplus(volunteer_id, key=key, **of)
                return worth.points
        except ledger.KeyReused:
            pass  # paid before the amount was changed; once a day all the same
        # Taken back meanwhile, so the person may have them again: the next key is free for that.
        if not _taken_back(key):
            return 0
    raise AssertionError("unreachable")


def flat_worth(day: ServiceDay, points: int, balance: int) -> Worth:
    """What a check-in pays to somebody who holds so much."""
    numbers = ledger.tariff(day.on, day.area_path)
    return numbers.capped(numbers.flat(points), balance)


def unpay_flat(service_day_id: int, volunteer_id: int, *, reason: str) -> int:
    """Take a day's flat pay back, once, and return the points that went: 0 when there are none to take.

    :raises volunteer.ledger.Spent: the points have been used
    """
    why = {"reason": reason.strip(), "link": f"/service-days/{service_day_id}"}
    for key in _keys(service_day_id, volunteer_id):
        if not _paid(key):
            return 0
        if not _taken_back(key):
            paid = ledger.find(key)
            if paid is not None:
                ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why=why)
            ledger.take_back(key, why)
            return paid.points if paid else 0
    raise AssertionError("unreachable")


def _keys(service_day_id: int, volunteer_id: int) -> Iterator[str]:
    yield f"flat:{service_day_id}:{volunteer_id}"
    for again in count(2):
        yield f"flat:{service_day_id}:{volunteer_id}:{again}"


def _paid(key: str) -> bool:
    return _moved(key, ledger.key_of_surplus(key))


def _taken_back(key: str) -> bool:
    return _moved(f"{key}:reversal", f"{ledger.key_of_surplus(key)}:reversal")


def _moved(*keys: str) -> bool:
    return db.session.scalar(select(Posting.id).where(Posting.key.in_(keys)).limit(1)) is not None


def _title(day: ServiceDay) -> str:
    # In the session already on the scan's path, so this is no trip to the database.
    return db.session.get_one(Activity, day.activity_id).title
