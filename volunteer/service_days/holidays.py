"""The table of public holidays and make-up workdays: read for a stretch of years, filled from a file or a library."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select

from volunteer import clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days.calendar import Holidays, Row, library_rows, library_years
from volunteer.service_days.models import Holiday


@events.kind
class CalendarChanged(events.Event):
    rows: int
    first: str
    last: str


class NotBundled(Refusal):
    code = "calendar.not_bundled"
    says = _("程序里还没有 {year} 年的放假安排。国务院办公厅公布以后，可以用表格放进来。")


def table(years: Iterable[int]) -> Holidays:
    """What is announced for these years; a year without rows is not announced yet."""
    wanted = sorted(set(years))
    if not wanted:
        return Holidays()
    rows: Iterable[Any] = db.session.execute(
        select(Holiday.on, Holiday.kind, Holiday.name).where(
            Holiday.on.between(date(wanted[0], 1, 1), date(wanted[-1], 12, 31))
        )
    )
    return Holidays.of((on, kind, name) for on, kind, name in rows)


def announced() -> list[int]:
    """The years whose arrangement is in the table, latest first."""
    rows = db.session.scalars(select(Holiday.on).where(Holiday.kind == "holiday")).all()
    return sorted({on.year for on in rows if (on.month, on.day) == (10, 1)}, reverse=True)


def unannounced(dates: Iterable[date]) -> set[int]:
    """Those years of these dates whose arrangement is not announced: what is planned in them may still move."""
    years = {on.year for on in dates}
    known = table(years) if years else Holidays()
    return {year for year in years if not known.known(year)}


def import_rows(rows: Iterable[Row], *, replace: bool = False) -> int:
    """Put rows into the table, each replacing what was there for its date; return how many.

    With `replace` the years they speak of are emptied first: the announcement was corrected, and a date is gone.
    """
    wanted = list(rows)
    if not wanted:
        return 0
    dates = [on for on, _kind, _name in wanted]
    for year in {on.year for on in dates} if replace else ():
        db.session.execute(delete(Holiday).where(Holiday.on.between(date(year, 1, 1), date(year, 12, 31))))
    insert = db.insert(Holiday).values([{"on": on, "kind": kind, "name": name} for on, kind, name in wanted])
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["on"], set_={"kind": insert.excluded.kind, "name": insert.excluded.name}
        )
    )
    events.record(
        CalendarChanged(rows=len(wanted), first=min(dates).isoformat(), last=max(dates).isoformat()),
        about="calendar",
    )
    return len(wanted)


def fill(year: int) -> int:
    """Put what comes with the program for a year into the table, in place of what is there; return how many rows.

    :raises NotBundled: it came out before the year was announced
    """
    rows = list(library_rows(year))
    if not rows:
        raise NotBundled(year=year)
    return import_rows(rows, replace=True)


def seed() -> int:
    """Fill in the years the library knows and the table does not, from last year on; return how many rows."""
    there = set(announced())
    years = [year for year in library_years() if year >= clock.today().year - 1 and year not in there]
    return import_rows(row for year in years for row in library_rows(year))


def working_day(after: date, count: int) -> date:
    """Return the date so many working days after another: holidays left out, make-up workdays counted."""
    known, on = table((after.year, after.year + 1)), after
    while count > 0:
        on += timedelta(days=1)
        kind = known.kind(on)
        count -= kind == "workday" or (kind is None and on.weekday() < 5)
    return on
