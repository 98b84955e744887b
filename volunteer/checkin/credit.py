"""What a stay's credit hangs on besides its minutes: how much of the day's task somebody did.

A feature above says it in SQL, so that a scan asks for it together with everything else and makes no second trip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, null, select

from volunteer.db import db
from volunteer.ledger.tariff import Share

#: From the columns of a day's id and a volunteer's to "3 6 0": done, of how many, doubtful; NULL without a task.
Told = Callable[[Any, Any], ColumnElement[str]]
_told: list[Told] = []


def credit_by(told: Told) -> Told:
    """Have the credit of a stay follow what a feature says of the day's task."""
    _told.append(told)
    return told


def column(day_id: Any, volunteer_id: Any) -> ColumnElement[Any]:
    """What the features say, for a statement about many."""
    said = [told(day_id, volunteer_id) for told in _told]
    return func.coalesce(*said, cast(null(), Text)) if said else cast(null(), Text)


def read(said: str | None) -> Share | None:
    """Return what the column said."""
    return Share(*map(int, said.split())) if said else None


def share(day_id: int, volunteer_id: int) -> Share | None:
    """Return how much of a day's task somebody did; None where the day has none."""
    return read(db.session.scalar(select(column(literal(day_id), literal(volunteer_id)))))
