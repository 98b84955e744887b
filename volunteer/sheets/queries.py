"""Reads for the pages of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from volunteer import access
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.checkin import queries as checkin_queries
from volunteer.db import db
from volunteer.service_days import ServiceDay, Signup
from volunteer.sheets.models import PaperRow, PaperSheet

SHOWN_MAX = 100


def of_day(day: ServiceDay) -> Sequence[Any]:
    """Return the sheets of a day, newest first: sheet, who typed it, who checked it, how many rows say something."""
    typist, checker = aliased(User), aliased(User)
    filled = (
        select(func.count(PaperRow.id))
        .where(
            PaperRow.sheet_id == PaperSheet.id,
            (PaperRow.came != "") | (PaperRow.left != "") | PaperRow.absent | (PaperRow.volunteer_no != ""),
        )
        .scalar_subquery()
    )
    return db.session.execute(
        select(PaperSheet, typist.name.label("typist"), checker.name.label("checker"), filled.label("filled"))
        .outerjoin(typist, typist.id == PaperSheet.typed_by)
        .outerjoin(checker, checker.id == PaperSheet.checked_by)
        .where(PaperSheet.service_day_id == day.id)
        .order_by(PaperSheet.number.desc())
    ).all()


def by_code(code: str) -> PaperSheet | None:
    """Return the sheet that a code names."""
    return db.session.scalar(select(PaperSheet).filter_by(code=code))


def by_number(day: ServiceDay, number: int) -> PaperSheet | None:
    """Return the so-manieth sheet of a day."""
    return db.session.scalar(select(PaperSheet).filter_by(service_day_id=day.id, number=number))


def printed_with(sheet: PaperSheet) -> Sequence[PaperSheet]:
    """Return all the pages of one printing that are in use."""
    first = sheet.number - sheet.page + 1
    return db.session.scalars(
        select(PaperSheet)
        .where(
            PaperSheet.service_day_id == sheet.service_day_id,
            PaperSheet.number.between(first, first + sheet.pages - 1),
            (PaperSheet.state != "spoilt") | (PaperSheet.id == sheet.id),
        )
        .order_by(PaperSheet.number)
    ).all()


def waiting(right: str) -> Sequence[Any]:
    """Return the typed sheets within reach that wait for a second person, oldest first: sheet, title, date."""
    found = (
        select(PaperSheet, Activity.title, ServiceDay.on)
        .join(ServiceDay, ServiceDay.id == PaperSheet.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(waits(right))
        .order_by(PaperSheet.typed_at, PaperSheet.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(found).all()


def waits(right: str) -> ColumnElement[bool]:
    """The condition on a sheet and its day: it is typed, and waits for a second person within reach."""
    typed = and_(PaperSheet.state == "typed", PaperSheet.service_day_id == ServiceDay.id)
    return and_(typed, access.covered(ServiceDay, right))


@dataclass
class Slip:
    """What a slip says of somebody: minutes and points once they are recorded, None before."""

    name: str
    volunteer_no: str
    minutes: int | None = None
    points: int | None = None


def slips(day: ServiceDay) -> list[Slip]:
    """Return everybody who signed up for a day or came, by number, with what is recorded of them."""
    found: dict[int, Slip] = {}
    for row in checkin_queries.roll(day):
        slip = found.setdefault(row.user_id, Slip(row.name, row.volunteer_no))
        if row.state in ("closed", "confirmed"):
            slip.minutes = (slip.minutes or 0) + (row.minutes or 0)
            slip.points = (slip.points or 0) + (row.points or 0) + (row.flat_points or 0)
    return sorted(found.values(), key=lambda slip: slip.volunteer_no[-4:])


def mine(user_id: int) -> Sequence[Any]:
    """Return somebody's own rows on paper: row, sheet, day."""
    return db.session.execute(
        select(PaperRow, PaperSheet, ServiceDay.on)
        .join(PaperSheet, PaperSheet.id == PaperRow.sheet_id)
        .join(ServiceDay, ServiceDay.id == PaperSheet.service_day_id)
        .where(PaperRow.volunteer_id == user_id)
        .order_by(PaperRow.id)
    ).all()


def expected(day: ServiceDay, people: Sequence[int | None]) -> set[int]:
    """Return which of these people have a place on a day."""
    found = select(Signup.volunteer_id).where(
        Signup.service_day_id == day.id,
        Signup.volunteer_id.in_([one for one in people if one]),
        Signup.state.in_(("accepted", "attended", "no_show", "offered")),
    )
    return set(db.session.scalars(found))


def elsewhere(sheet: PaperSheet) -> dict[int, int]:
    """Return who of a sheet has a filled row on another sheet of the day: person → that sheet's number."""
    here, other = aliased(PaperRow), aliased(PaperRow)
    found = (
        select(other.volunteer_id, func.min(PaperSheet.number))
        .join(PaperSheet, PaperSheet.id == other.sheet_id)
        .join(here, here.volunteer_id == other.volunteer_id)
        .where(
            here.sheet_id == sheet.id,
            PaperSheet.service_day_id == sheet.service_day_id,
            PaperSheet.id != sheet.id,
            PaperSheet.state != "spoilt",
            (other.came != "") | (other.left != ""),
        )
        .group_by(other.volunteer_id)
    )
    return {row[0] or 0: row[1] for row in db.session.execute(found)}
