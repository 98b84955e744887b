"""What must always be true of attendance."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, Text, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from volunteer import ledger
from volunteer.checkin.models import Attendance
from volunteer.hours import ServiceRecord
from volunteer.i18n import _


@ledger.invariant("checkin.one_open", _("每个人最多有一次没签退的签到"))
def one_open(on: date) -> Executable:
    """One open attendance a person."""
    return (
        select(Attendance.volunteer_id, func.count())
        .where(Attendance.state == "open")
        .group_by(Attendance.volunteer_id)
        .having(func.count() > 1)
    )


@ledger.invariant("checkin.recorded", _("作数的签到都有服务记录，作废的没有"))
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


@ledger.invariant("checkin.flat_pay", _("签到即得的积分都对得上一次签到"))
def flat_pay(on: date) -> Executable:
    """Flat pay that stands belongs to a stay of that person on that day."""
    back = aliased(ledger.Posting)
    key = literal("flat:") + cast(Attendance.service_day_id, Text) + ":" + cast(Attendance.volunteer_id, Text)
    came = exists().where(
        Attendance.volunteer_id == ledger.Posting.volunteer_id,
        Attendance.state != "void",
        or_(ledger.Posting.key == key, ledger.Posting.key.like(key + ":%")),
    )
    return select(ledger.Posting.id, ledger.Posting.key).where(
        ledger.Posting.move == "award",
        ledger.Posting.key.startswith("flat:"),
        ~exists().where(back.reverses_id == ledger.Posting.id),
        ~came,
    )
