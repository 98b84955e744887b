"""Attendance: one stay at one day, from the scan in to the scan out; and scans kept while offline."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

HOW = "('wall', 'pass', 'card', 'number', 'manual', 'kept', 'roll', 'auto', 'poster', 'sheet')"


class Attendance(db.Model):
    """open (in) → closed (in and out) → confirmed · stale (no way out seen) · to_confirm (arrived late) · void.

    `in_scan` and `out_scan` are named by the device that scanned: the same scan gets the same answer. `device` is
    the fingerprint of the browser that scanned the wall: one browser checks in one volunteer a day.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("in_scan"),
        UniqueConstraint("out_scan"),
        CheckConstraint("state IN ('open', 'closed', 'confirmed', 'stale', 'to_confirm', 'void')", "state"),
        CheckConstraint(f"in_how IN {HOW}", "in_how"),
        CheckConstraint(f"out_how IS NULL OR out_how IN {HOW}", "out_how"),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", "out_after_in"),
        Index(
            "uq_attendance_open_volunteer_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_attendance_service_day_id_volunteer_id", "service_day_id", "volunteer_id"),
        Index(
            "ix_attendance_service_day_id_device",
            "service_day_id",
            "device",
            sqlite_where=text("device IS NOT NULL"),
            postgresql_where=text("device IS NOT NULL"),
        ),
        Index("ix_attendance_volunteer_id_in_at", "volunteer_id", "in_at"),
        Index("ix_attendance_state_service_day_id", "state", "service_day_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    in_at: Mapped[datetime]
    in_how: Mapped[str] = mapped_column(String(8))
    in_scan: Mapped[str] = mapped_column(String(64))
    in_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    out_at: Mapped[datetime | None]
    out_how: Mapped[str | None] = mapped_column(String(8))
    out_scan: Mapped[str | None] = mapped_column(String(64))
    out_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    minutes: Mapped[int | None]
    points: Mapped[int] = mapped_column(default=0)
    grade: Mapped[str | None] = mapped_column(String(1))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(200))
    device: Mapped[str | None] = mapped_column(String(32))


class HeadCount(db.Model):
    """How many people the organiser saw, and how many had scanned in by then; counting again replaces it."""

    __tablename__ = "head_count"
    __table_args__ = (CheckConstraint("people >= 0", "people"),)

    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"), primary_key=True)
    people: Mapped[int]
    came: Mapped[int]
    counted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    counted_at: Mapped[datetime]


class SharedPhone(db.Model):
    """Somebody who may use a relative's phone on a day, because the organiser knows them; listed for the office."""

    __tablename__ = "shared_phone"
    __table_args__ = (UniqueConstraint("service_day_id", "volunteer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    granted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))


class RollCall(db.Model):
    """A roll-call (点名) in the middle of a day: a drawn sample to be looked for, or three digits to be typed in.

    `among` are all who were there, sorted, so that the seed draws the same sample again. Open until `closed_at`, or
    until `ends_at` has passed; the digits hold until `code_until`.
    """

    __tablename__ = "roll_call"
    __table_args__ = (
        UniqueConstraint("service_day_id", "number"),  # two who begin at once, and the seventh
        CheckConstraint("number BETWEEN 1 AND 6", "number"),
        CheckConstraint("kind IN ('sample', 'digits')", "kind"),
        CheckConstraint("(kind = 'sample') = (seed IS NOT NULL)", "seed"),
        CheckConstraint("(kind = 'digits') = (code IS NOT NULL)", "code"),
        CheckConstraint("(kind = 'digits') = (code_until IS NOT NULL)", "code_until"),
        Index(
            "uq_roll_call_open_service_day_id",
            "service_day_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # The few that are open; the timetable asks for those whose time is over.
        Index(
            "ix_roll_call_open_ends_at",
            "ends_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    seed: Mapped[str | None] = mapped_column(String(32))
    code: Mapped[str | None] = mapped_column(String(3))
    code_until: Mapped[datetime | None]
    among: Mapped[list[Any]] = mapped_column(default=list)
    opened_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Called(db.Model):
    """Somebody a roll-call asks for: present or missing once marked; until then nobody has looked, or no answer came.

    `by_phone` says that an answer by phone may be expected of them: not of a printed card or a shared phone.
    """

    __tablename__ = "roll_call_person"
    __table_args__ = (
        UniqueConstraint("roll_call_id", "volunteer_id"),
        CheckConstraint("state IN ('called', 'present', 'missing')", "state"),
        CheckConstraint("(state = 'called') = (marked_at IS NULL)", "marked"),
        CheckConstraint("state <> 'missing' OR marked_by IS NOT NULL", "missing"),
        CheckConstraint("marked_by <> volunteer_id", "own"),
        CheckConstraint("tries BETWEEN 0 AND 3", "tries"),
        Index("ix_roll_call_person_volunteer_id_id", "volunteer_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[int] = mapped_column(ForeignKey("roll_call.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
    by_phone: Mapped[bool]
    state: Mapped[str] = mapped_column(String(8), default="called")
    tries: Mapped[int] = mapped_column(default=0)
    marked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    marked_at: Mapped[datetime | None]


class KeptScan(db.Model):
    """A scan uploaded late by an organiser's device, and what became of it; nothing uploaded is lost.

    A parked one waits for the office: `volunteer_id` is whose code it is, where we can tell; whoever decides is
    never who uploaded it.
    """

    __tablename__ = "kept_scan"
    __table_args__ = (
        UniqueConstraint("scan"),
        CheckConstraint("decided_by IS NULL OR decided_by <> uploaded_by", "four_eyes"),
        CheckConstraint("decided_by IS NULL OR settled_at IS NOT NULL", "decided"),
        CheckConstraint("how IN ('kept', 'sheet')", "how"),
        Index("ix_kept_scan_service_day_id_outcome", "service_day_id", "outcome"),
        Index("ix_kept_scan_volunteer_id", "volunteer_id"),
        Index("ix_kept_scan_outcome_area_path", "outcome", "area_path"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[str] = mapped_column(String(64))
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code: Mapped[str] = mapped_column(String(200))
    direction: Mapped[str | None] = mapped_column(String(3))
    seen_at: Mapped[datetime]
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(12))
    refusal: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Kept by a device, or typed from a signed sheet of paper.
    how: Mapped[str] = mapped_column(String(8), default="kept", server_default="kept")
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    settled_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str | None] = mapped_column(String(200))
    #: The enrolled device that signed the upload.
    device_id: Mapped[int | None]
