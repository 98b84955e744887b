"""Reads for pages and for statements of other features: what somebody can spend, and the entries of a statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select

from volunteer import clock
from volunteer.ledger.models import Balance
from volunteer.ledger.purses import spendable


def balance_of(volunteer_id: int) -> ScalarSelect[Any]:
    """Return what a volunteer can spend today as a subquery, for a statement that looks at more than that."""
    whole = func.coalesce(func.sum(Balance.amount), 0)
    return select(whole).where(spendable(volunteer_id, clock.today())).scalar_subquery()
