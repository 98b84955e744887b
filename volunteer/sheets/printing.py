"""Sheets are printed: everybody who signed up, by name, then blank rows; twenty rows a page, each page a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from volunteer import accounts, clock, codes, events
from volunteer.checkin import Cancelled
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.service_days import queries as day_queries
from volunteer.sheets.models import ROWS, SHEETS_MAX, PaperRow, PaperSheet

BLANKS_MAX = 200
EXPECTED = ("accepted", "attended", "no_show")


@events.kind
class SheetsPrinted(events.Event):
    service_day_id: int
    sheets: int
    people: int


@events.kind
class SheetSpoilt(events.Event):
    sheet_id: int


class TooMany(Refusal):
    code = "sheet.too_many"
    says = _("这一场的签到表太多了，先把用不上的作废，别再打印。")


class Counted(Refusal):
    code = "sheet.counted"
    says = _("这张表已经核对过，算进名单了，不能作废。")
    who = _("哪一位记错了，在名单里撤销他的那一条。")


def draw_up(day: ServiceDay, *, blanks: int, by: accounts.User) -> list[PaperSheet]:
    """Make the sheets of one printing and return them, page by page; each printing is new paper with new codes.

    :raises Cancelled: nobody will come
    :raises TooMany: a day has room for 999
    """
    if day.state == "cancelled":
        raise Cancelled(on=day.on, reason=day.reason or "", day_id=day.id)
    db.session.get_one(
        ServiceDay, day.id, with_for_update=True
    )  # two who print at once number one after the other
    people = by_name(day)
    whole: list[int | None] = [person.id for person in people] + [None] * max(0, min(blanks, BLANKS_MAX))
    pages = max(1, -(-len(whole) // ROWS))
    whole += [None] * (pages * ROWS - len(whole))
    last = db.session.scalar(select(func.max(PaperSheet.number)).filter_by(service_day_id=day.id)) or 0
    if last + pages > SHEETS_MAX:
        raise TooMany

    made = [
        PaperSheet(
            service_day_id=day.id,
            number=last + page,
            page=page,
            pages=pages,
            code=codes.new_sheet(),
            printed_by=by.id,
            printed_at=clock.now(),
        )
        for page in range(1, pages + 1)
    ]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        PaperRow(
            sheet_id=made[n // ROWS].id, number=n % ROWS + 1, blank=volunteer_id is None, volunteer_id=volunteer_id
        )
        for n, volunteer_id in enumerate(whole)
    )  # fmt: skip
    db.session.flush()

    events.record(
        SheetsPrinted(service_day_id=day.id, sheets=pages, people=len(people)),
        about=f"service_day:{day.id}",
    )
    return made


def by_name(day: ServiceDay) -> Sequence[accounts.User]:
    """Return who is expected, in the order in which people look for a name on paper."""
    people = [row.User for row in day_queries.people(day) if row.Signup.state in EXPECTED]
    return sorted(people, key=lambda one: (_pinyin(one.name), one.id))


def _pinyin(name: str) -> bytes:
    # The national character set lists the everyday characters by their pinyin; rarer ones follow.
    return name.encode("gb18030", "replace")


def spoil(sheet: PaperSheet) -> PaperSheet:
    """Put a sheet out of use: lost, torn, or printed anew. Doing so again changes nothing.

    :raises Counted: its rows count already
    """
    if sheet.state == "spoilt":
        return sheet
    if sheet.state == "checked":
        raise Counted
    sheet.state = "spoilt"
    db.session.flush()
    tell(SheetSpoilt(sheet_id=sheet.id), sheet)
    return sheet


def tell(event: events.Event, sheet: PaperSheet) -> None:
    """Put what happened to a sheet into the trail."""
    events.record(event, about=name(sheet), within=f"service_day:{sheet.service_day_id}")


def name(sheet: PaperSheet) -> str:
    """What a sheet is called in the trail and with its photo: "sheet:5"."""
    return f"sheet:{sheet.id}"


def rows_of(sheet: PaperSheet) -> list[Any]:
    """Return (row, person or None) from top to bottom."""
    found = (
        select(PaperRow, accounts.User)
        .outerjoin(accounts.User, accounts.User.id == PaperRow.volunteer_id)
        .where(PaperRow.sheet_id == sheet.id)
        .order_by(PaperRow.number)
    )
    return list(db.session.execute(found))
