"""The figures of registrations, made and mended: roll() after midnight, redo() within a minute of a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import aliased

from volunteer import clock
from volunteer.accounts.figures import MonthRegistered, Redo, Rolled
from volunteer.accounts.models import User
from volunteer.community import Area
from volunteer.db import db

#: Earlier than anybody.
BEGINNING = date(2000, 1, 1)
_quiet = {"synchronize_session": False}


def registered(area_path: str, months: Sequence[str]) -> tuple[int, dict[str, int]]:
    """Return how many active people are at home in an area, and month → how many of them registered in it."""
    # One statement says how far the figures go and what they are; where there are none, everybody is read live.
    kept = db.session.execute(
        select(Rolled.until, MonthRegistered.month, MonthRegistered.people).outerjoin(
            MonthRegistered, MonthRegistered.area_path == area_path
        )
    ).all()
    until, month_at = kept[0].until if kept else BEGINNING, _month()
    live = db.session.execute(
        select(month_at, func.count())
        .where(User.registered_at >= _after(until), User.area_path.startswith(area_path), _counted())
        .group_by(month_at)
    )
    total, found = 0, dict.fromkeys(months, 0)
    for month, people in [*((month, people) for _until, month, people in kept if month), *live.all()]:
        total += people
        if month in found:
            found[month] += people
    return total, found


def rolled_until() -> date:
    """Return the last day the figures cover; long ago where the night has not been yet."""
    return db.session.scalar(select(Rolled.until)) or BEGINNING


def roll(today: date) -> int:
    """Cover every day before this one, and return how many figures were made."""
    until = max(today - timedelta(days=1), rolled_until())
    db.session.execute(delete(MonthRegistered).execution_options(**_quiet))
    columns = ["area_path", "month", "people"]
    db.session.execute(insert(MonthRegistered).from_select(columns, sums(until)))
    mark = db.insert(Rolled).values(id=1, until=until)
    db.session.execute(mark.on_conflict_do_update(index_elements=["id"], set_={"until": mark.excluded.until}))
    return db.session.scalar(select(func.count()).select_from(MonthRegistered)) or 0


def redo(today: date) -> int:
    """Make the figures anew if what they count has changed, and return how many changes that were."""
    notes = db.session.scalars(select(Redo.id)).all()
    if notes:
        roll(today)
        # By number: a note that came meanwhile belongs to a change we have not seen.
        db.session.execute(delete(Redo).where(Redo.id.in_(notes)).execution_options(**_quiet))
    return len(notes)


def rebuild(today: date) -> None:
    """Forget the figures and make all of them anew from the accounts."""
    for table in (MonthRegistered, Rolled, Redo):
        db.session.execute(delete(table).execution_options(**_quiet))
    roll(today)


def sums(until: date) -> Any:
    """Select area, month and people of everybody who registered by the end of a day: what `account_month` keeps."""
    above, month_at = aliased(Area), _month()
    homes = (
        select(User.area_path, month_at.label("month"), func.count().label("people"))
        .where(User.registered_at < _after(until), _counted())
        .group_by(User.area_path, month_at)
        .subquery()
    )
    return (
        select(above.path.label("path"), homes.c.month, func.sum(homes.c.people).label("people"))
        .where(homes.c.area_path.startswith(above.path))
        .group_by(above.path, homes.c.month)
    )


def _counted() -> ColumnElement[bool]:
    return User.state == "active"


def _after(until: date) -> datetime:
    return datetime.combine(until + timedelta(days=1), time(), clock.ZONE)


def _month() -> ColumnElement[str]:
    """The month of a registration in Shanghai, as text."""
    if db.engine.dialect.name == "postgresql":
        return func.to_char(func.timezone(str(clock.ZONE), User.registered_at), "YYYY-MM")
    return func.strftime("%Y-%m", User.registered_at, "+8 hours")
