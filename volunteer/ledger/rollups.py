"""Sums of postings kept by the night: what is new since the last time is added, nothing is ever taken away."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g, has_request_context
from sqlalchemy import ColumnElement, String, and_, cast, delete, func, select
from sqlalchemy.orm import aliased

from volunteer.community import Area
from volunteer.db import db
from volunteer.ledger.figures import DayMoved, MonthMoved, Rolled
from volunteer.ledger.models import Posting, Seal


def rolled_to() -> int:
    """Return the number of the last posting the sums cover."""
    return db.session.scalar(select(Rolled.last_id)) or 0


def roll() -> int:
    """Add the postings of the days sealed since the last time, and return how many those were."""
    before = rolled_to()
    last = db.session.scalar(select(func.max(Seal.last_id))) or 0
    if last <= before:
        return 0
    # Up to a seal: below it no posting can appear any more.
    new = and_(Posting.id > before, Posting.id <= last, Posting.area_path.is_not(None))
    _add_days(new)
    _add_months(new)
    mark = db.insert(Rolled).values(id=1, last_id=last)
    db.session.execute(
        mark.on_conflict_do_update(index_elements=["id"], set_={"last_id": mark.excluded.last_id})
    )
    return last - before


def rebuild() -> None:
    """Forget the sums and add every sealed posting up anew."""
    for table in (DayMoved, MonthMoved, Rolled):
        db.session.execute(delete(table).execution_options(synchronize_session=False))
    roll()


def month_of(on: Any) -> ColumnElement[str]:
    """Return the month of a date column as text, on both engines."""
    return func.substr(cast(on, String), 1, 7)


def _add_days(new: ColumnElement[bool]) -> None:
    sums = (
        select(Posting.move, Posting.on, Posting.area_path, func.sum(Posting.amount))
        .where(new)
        .group_by(Posting.move, Posting.on, Posting.area_path)
    )
    _upsert(DayMoved, ["move", "on", "area_path"], sums)


def _add_months(new: ColumnElement[bool]) -> None:
    above = aliased(Area)
    month = month_of(Posting.on)
    inner = (
        select(
            Posting.area_path, month.label("month"), Posting.move, func.sum(Posting.amount).label("amount")
        )
        .where(new)
        .group_by(Posting.area_path, month, Posting.move)
        .subquery()
    )
    sums = (
        select(above.path, inner.c.month, inner.c.move, func.sum(inner.c.amount))
        .where(inner.c.area_path.startswith(above.path))
        .group_by(above.path, inner.c.month, inner.c.move)
    )
    _upsert(MonthMoved, ["area_path", "month", "move"], sums)


def _upsert(table: Any, key: list[str], sums: Any) -> None:
    statement = db.insert(table).from_select([*key, "amount"], sums)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=key, set_={"amount": table.amount + statement.excluded.amount}
        )
    )


def moved(area_path: str, months: tuple[str, str]) -> dict[tuple[str, str], int]:
    """Return {(month, move): points} in an area, from a month to a month, the newest postings included."""
    if not has_request_context():
        return _moved(area_path, months)
    # More than one box of the dashboard is about the same months.
    known: dict[Any, dict[tuple[str, str], int]] = g.setdefault("ledger_moved", {})
    if (area_path, months) not in known:
        known[area_path, months] = _moved(area_path, months)
    return known[area_path, months]


def _moved(area_path: str, months: tuple[str, str]) -> dict[tuple[str, str], int]:
    first, last = months
    kept = db.session.execute(
        select(MonthMoved.month, MonthMoved.move, MonthMoved.amount).where(
            MonthMoved.area_path == area_path, MonthMoved.month.between(first, last)
        )
    ).all()
    month = month_of(Posting.on)
    live = db.session.execute(
        select(month, Posting.move, func.sum(Posting.amount))
        .where(*_live(area_path), month.between(first, last))
        .group_by(month, Posting.move)
    ).all()
    found: dict[tuple[str, str], int] = {}
    for at, move, points in [*kept, *live]:
        found[at, move] = found.get((at, move), 0) + int(points)
    return found


def moved_between(area_path: str, move: str, first: date, last: date) -> int:
    """Return the points of a move in an area from a day to a day."""
    kept = select(func.coalesce(func.sum(DayMoved.amount), 0)).where(
        DayMoved.move == move, DayMoved.on.between(first, last), DayMoved.area_path.startswith(area_path)
    )
    live = select(func.coalesce(func.sum(Posting.amount), 0)).where(
        *_live(area_path), Posting.move == move, Posting.on.between(first, last)
    )
    return int(db.session.scalar(select(kept.scalar_subquery() + live.scalar_subquery())) or 0)


def _live(area_path: str) -> tuple[ColumnElement[bool], ...]:
    if not has_request_context():
        covered = rolled_to()
    elif "ledger_rolled" in g:  # looked up once a request
        covered = g.ledger_rolled
    else:
        covered = g.ledger_rolled = rolled_to()
    return Posting.id > covered, Posting.area_path.startswith(area_path)
