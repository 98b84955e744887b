"""Reads for the gate's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from volunteer import accounts
from volunteer.accounts import User
from volunteer.checkin.models import Attendance
from volunteer.db import db
from volunteer.hours import ServiceRecord
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, Signup

#: How somebody was signed in or out, as people read it.
HOW = {
    "wall": _("扫大屏"), "pass": _("扫本人码"), "card": _("扫志愿者卡"), "number": _("输编号"),
    "manual": _("人工"), "kept": _("离线扫码"), "roll": _("名单核对"), "auto": _("自动"),
    "poster": _("扫海报"), "sheet": _("签名表"),
}  # fmt: skip


def roll(day: ServiceDay) -> Sequence[Any]:
    """Everyone who signed up or came, one row a stay: name, number, in, out, minutes, grade, state, points."""
    return db.session.execute(
        select(
            User.id.label("user_id"),
            User.name,
            User.volunteer_no,
            Signup.state.label("signup"),
            Attendance.id.label("attendance_id"),
            Attendance.in_at,
            Attendance.in_how,
            Attendance.out_at,
            Attendance.out_how,
            Attendance.minutes,
            Attendance.grade,
            Attendance.state,
            Attendance.reason,
            Attendance.points.label("flat_points"),
            ServiceRecord.points,
        )
        .select_from(User)
        .outerjoin(Signup, and_(Signup.volunteer_id == User.id, Signup.service_day_id == day.id))
        .outerjoin(Attendance, and_(Attendance.volunteer_id == User.id, Attendance.service_day_id == day.id))
        .outerjoin(ServiceRecord, and_(ServiceRecord.service_day_id == day.id, _source()))
        .where(
            accounts.listed(),
            or_(
                Attendance.id.is_not(None),
                Signup.state.in_(("accepted", "attended", "no_show")),
            ),
            User.id.in_(
                select(Signup.volunteer_id)
                .where(Signup.service_day_id == day.id)
                .union(select(Attendance.volunteer_id).where(Attendance.service_day_id == day.id))
            ),
        )
        .order_by(Attendance.in_at.is_(None), Attendance.in_at, User.id)
    ).all()


def _source() -> Any:
    from sqlalchemy import Text, cast, literal

    return ServiceRecord.source == literal("attendance:") + cast(Attendance.id, Text)


def mine(user_id: int, attendance_id: int) -> Any:
    """One stay of one's own with its day and record, for the page after a scan."""
    from volunteer.activities import Activity

    return db.session.execute(
        select(Attendance, ServiceDay, Activity, ServiceRecord)
        .join(ServiceDay, ServiceDay.id == Attendance.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(ServiceRecord, _source())
        .where(Attendance.id == attendance_id, Attendance.volunteer_id == user_id)
    ).first()
