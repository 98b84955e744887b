"""Service records: hours with the evidence they rest on. Hours are never spent, never expire, never debited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class ServiceRecord(db.Model):
    """provisional → confirmed → reversed; the grade (A two scans, B one and the roll, C added late) is fixed.

    `source` names what it was made from ("attendance:12"); once per source. `points` are what the record itself pays
    once it is confirmed, `formula` says how they came; a flat day pays at check-in instead, so its record pays 0.
    """

    __tablename__ = "service_record"
    __table_args__ = (
        UniqueConstraint("source"),
        CheckConstraint("minutes >= 0", "minutes"),
        CheckConstraint("points >= 0", "points"),
        CheckConstraint("grade IN ('A', 'B', 'C')", "grade"),
        CheckConstraint("state IN ('provisional', 'confirmed', 'reversed')", "state"),
        # With what a person's sums are made of, so that ten years of somebody are added up without their rows.
        Index(
            "ix_service_record_volunteer_id_on",
            "volunteer_id",
            "on",
            postgresql_include=["state", "grade", "minutes", "points"],
        ),
        Index("ix_service_record_area_path_on", "area_path", "on"),
        Index("ix_service_record_service_day_id", "service_day_id"),
        Index("ix_service_record_state_on", "state", "on"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_day_id: Mapped[int | None] = mapped_column(ForeignKey("service_day.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    on: Mapped[date]
    minutes: Mapped[int]
    grade: Mapped[str] = mapped_column(String(1))
    state: Mapped[str] = mapped_column(String(12))
    points: Mapped[int]
    formula: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))


class PersonHold(db.Model):
    """Somebody whose hours of one day wait for the office, though the day itself does not; until it is cleared.

    Whoever clears it is neither that person nor who had it held; `held_by` is nobody where the platform saw a sign.
    """

    __tablename__ = "person_hold"
    __table_args__ = (
        CheckConstraint("held_by <> volunteer_id", "own"),
        CheckConstraint("(cleared_at IS NULL) = (cleared_by IS NULL)", "cleared"),
        CheckConstraint("cleared_by <> held_by AND cleared_by <> volunteer_id", "four_eyes"),
    )

    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    why: Mapped[str] = mapped_column(String(12))
    held_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    held_at: Mapped[datetime]
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    cleared_at: Mapped[datetime | None]
