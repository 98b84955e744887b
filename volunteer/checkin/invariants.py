"""What must always be true of attendance."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, Text, and_, cast, func, literal, select

from volunteer import ledger
from volunteer.checkin.models import Attendance
from volunteer.hours import ServiceRecord


@ledger.invariant("checkin.one_open")
def one_open(on: date) -> Executable:
    """One open attendance a person."""
    return (
        select(Attendance.volunteer_id, func.count())
        .where(Attendance.state == "open")
        .group_by(Attendance.volunteer_id)
        .having(func.count() > 1)
    )


@ledger.invariant("checkin.recorded")
def recorded(on: date) -> Executable:
    """A stay that counts has its service record, and a void one has none that stands."""
    record = and_(
        ServiceRecord.source == literal("attendance:") + cast(Attendance.id, Text),
        ServiceRecord.state != "reversed",
    )
    counts = select(Attendance.id).outerjoin(ServiceRecord, record)
    missing = counts.where(Attendance.state.in_(("closed", "confirmed")), ServiceRecord.id.is_(None))
    left_over = counts.where(Attendance.state.in_(("void", "open", "stale")), ServiceRecord.id.is_not(None))
    return missing.union_all(left_over)
