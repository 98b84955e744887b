"""Rows that come late to a month: once it is closed the database refuses them, by their moment and by their number
(`guards`); while it is being closed they are waited for and counted.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, event, func, select
from sqlalchemy.engine import ExceptionContext

from volunteer import clock
from volunteer.batches import LostRace
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger import chart, guards
from volunteer.ledger.models import Posting


class Booked(Refusal):
    """Said for the database, whichever way the row came."""

    code = guards.MONTH_CLOSED
    says = _("这个月的账已经结了，不能再往里记。补记的用今天的日子记，写明是哪天的事就行。")


def booked_after(month: str, last_id: int) -> int:
    """Return how many rows were booked in a month by their moment, and after its end by their number."""
    ends = datetime.combine(chart.last_day(month) + timedelta(days=1), time(), clock.ZONE)
    late = select(func.count()).select_from(Posting).where(Posting.id > last_id, Posting.at < ends)
    return db.session.scalar(late) or 0


def written(after: int, last: int) -> int:
    """Return how many rows there are after a number, up to another; after 0, all up to it.

    Ours begin at 1, but whoever slips a row in before the first close may number it 0 or less.
    """
    rows = select(func.count()).select_from(Posting).where(Posting.id <= last)
    return db.session.scalar(rows.where(Posting.id > after) if after else rows) or 0


def alone_with(month: str, books: dict[str, Any]) -> int:
    """Wait for whoever is writing in the books; return how many rows came for the month after its last seal.

    :raises LostRace: a row has come into the month since it was proved; looking again tells
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(guards.CLOSING_LOCK)))
    if written(books["after_id"], books["last_id"]) != books["postings"]:
        raise LostRace
    return booked_after(month, books["last_id"])


@event.listens_for(Engine, "handle_error")
def _say_it_kindly(context: ExceptionContext) -> None:
    """What the guard of closed months says, as a refusal: on every way a row is written."""
    if guards.MONTH_CLOSED in str(context.original_exception):
        raise Booked from context.original_exception
