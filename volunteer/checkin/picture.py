"""Whose code it is, and everything a scan needs to know of the day and the person, in one statement."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer import accounts, codes, ledger
from volunteer.activities import Activity
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.hours import ServiceRecord
from volunteer.service_days import ServiceDay, Signup


def holder(code: str) -> tuple[accounts.User, str, passes.PassCode | None]:
    """Whose pass, card or 12-digit volunteer number this is, and how it was shown.

    :raises signing.Forged: not ours, or nobody's
    """
    plain = "".join(code.split())
    if plain.isascii() and plain.isdigit() and len(plain) == 12:
        volunteer = accounts.by_number(plain)
        if volunteer is None:
            raise NotFound
        return volunteer, "number", None
    seen: dict[bytes, accounts.User] = {}

    def revision_of(public: bytes) -> int | None:
        user = accounts.by_public(codes.encode(public))
        if user is not None:
            seen[public] = user
        return user.pass_revision if user else None

    read = passes.read_pass(
        current_app.extensions["keyring"], code, revision_of, base_url=current_app.config["BASE_URL"]
    )
    return seen[read.volunteer], read.kind, read


def look(
    volunteer_id: int, scan: str, *, public: str | None = None, day_id: int | None = None
) -> Row[Any] | None:
    """Everything a scan needs to know, in one statement; None when there is no such day."""
    last, scanned = aliased(Attendance, name="last"), aliased(Attendance, name="scanned")
    other = aliased(Attendance, name="other")
    newest = (
        select(func.max(Attendance.id))
        .where(
            Attendance.service_day_id == ServiceDay.id,
            Attendance.volunteer_id == volunteer_id,
            Attendance.state != "void",
        )
        .scalar_subquery()
    )
    sessions = (
        select(func.count())
        .select_from(Attendance)
        .where(
            Attendance.service_day_id == ServiceDay.id,
            Attendance.volunteer_id == volunteer_id,
            Attendance.state != "void",
        )
        .scalar_subquery()
    )
    credited = (
        select(func.coalesce(func.sum(ServiceRecord.minutes), 0))
        .where(
            ServiceRecord.volunteer_id == volunteer_id,
            ServiceRecord.on == ServiceDay.on,
            ServiceRecord.state != "reversed",
        )
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            ServiceDay,
            Activity,
            Signup.state.label("signup"),
            last,
            scanned,
            other.service_day_id.label("elsewhere"),
            sessions.label("sessions"),
            credited.label("credited"),
            ledger.queries.balance_of(volunteer_id).label("balance"),
        )
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(Signup, and_(Signup.service_day_id == ServiceDay.id, Signup.volunteer_id == volunteer_id))
        .outerjoin(last, last.id == newest)
        .outerjoin(scanned, or_(scanned.in_scan == scan, scanned.out_scan == scan))
        .outerjoin(
            other,
            and_(
                other.volunteer_id == volunteer_id,
                other.state == "open",
                other.service_day_id != ServiceDay.id,
            ),
        )
        .where(ServiceDay.public == public if public else ServiceDay.id == day_id)
    ).first()
