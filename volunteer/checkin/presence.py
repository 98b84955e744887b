"""Tells service days who was seen, so that nobody who came is put down as missing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from volunteer import service_days
from volunteer.checkin.models import Attendance
from volunteer.db import db


@service_days.witness
def seen(day_id: int) -> Iterable[int]:
    """The volunteers with a stay on the day that was not voided."""
    return db.session.scalars(
        select(Attendance.volunteer_id).where(Attendance.service_day_id == day_id, Attendance.state != "void")
    )
