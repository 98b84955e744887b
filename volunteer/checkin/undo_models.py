"""Which device took a scan, so that it can take it back; and undoings that wait for a second person."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class GateScan(db.Model):
    """A pass that an organiser's browser read: `device` is its fingerprint. Undone, the row stays, with why."""

    __tablename__ = "gate_scan"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", "direction"),
        CheckConstraint("(undone_at IS NULL) = (reason IS NULL)", "undone"),
        Index("ix_gate_scan_service_day_id_device_at", "service_day_id", "device", "at"),
        Index("ix_gate_scan_attendance_id", "attendance_id"),
    )

    scan: Mapped[str] = mapped_column(String(64), primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    direction: Mapped[str] = mapped_column(String(3))
    device: Mapped[str] = mapped_column(String(32))
    scanned_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))


class ReversalRequest(db.Model):
    """A stay of more than a day ago that one wants undone, and another of the office agrees: open → done or refused."""

    __tablename__ = "reversal_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'refused')", "state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", "decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", "decided_by"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", "four_eyes"),
        CheckConstraint("decided_by IS NULL OR decided_by <> volunteer_id", "not_ones_own"),
        Index(
            "uq_reversal_request_open_attendance_id",
            "attendance_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_reversal_request_state_area_path", "state", "area_path"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
