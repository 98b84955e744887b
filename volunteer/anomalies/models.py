"""Anomalies: what was seen, about whom, and what somebody made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Anomaly(db.Model):
    """open → explained or wrong → open once more, where the auditor asks for another look.

    `key` says of what: the same sign of the same thing is one row, however often it is seen. `facts` are the figures
    that were seen, for its sentence. Whoever answers after another look is not who answered first, nor who asked for it.
    """

    __tablename__ = "anomaly"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint("state IN ('open', 'explained', 'wrong')", "state"),
        CheckConstraint("(state = 'open') = (answered_by IS NULL)", "answered"),
        CheckConstraint("(answered_by IS NULL) = (note IS NULL)", "note"),
        CheckConstraint(
            "answered_by IS NULL OR answered_before IS NULL OR answered_by <> answered_before", "other_eyes"
        ),
        CheckConstraint("answered_by IS NULL OR reopened_by IS NULL OR answered_by <> reopened_by", "own"),
        Index("ix_anomaly_state_id", "state", "id"),
        Index("ix_anomaly_team_id", "team_id"),
        Index("ix_anomaly_service_day_id", "service_day_id"),
    )
    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(60))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    service_day_id: Mapped[int | None] = mapped_column(ForeignKey("service_day.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    found_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
    answered_before: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reopened_at: Mapped[datetime | None]
    reopening: Mapped[str | None] = mapped_column(String(200))


class AnomalyPerson(db.Model):
    """Somebody a sign is about; what they earn on that day and has not been paid waits."""

    __tablename__ = "anomaly_person"

    anomaly_id: Mapped[int] = mapped_column(ForeignKey("anomaly.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
