"""What a team offers to do."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Activity(db.Model):
    """draft → pending → published → closed · withdrawn (nobody signed up) · cancelled (somebody had).

    `coefficient` counts tenths, one of the levels the scheme had when it was written down; `flat_points` is set when the activity pays at check-in instead.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'pending', 'published', 'rejected', 'closed', 'withdrawn', 'cancelled')",
            "state",
        ),
        CheckConstraint(
            "(pay_kind = 'time' AND coefficient BETWEEN 1 AND 50 AND flat_points IS NULL)"
            " OR (pay_kind = 'flat' AND flat_points BETWEEN 1 AND 60)",
            "pay",
        ),
        CheckConstraint("risk_level IN ('low', 'medium', 'high')", "risk_level"),
        CheckConstraint("risk_level <> 'high' OR insurance IS NOT NULL", "high_risk_insured"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    title: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(20))
    content: Mapped[str]
    place_name: Mapped[str] = mapped_column(String(60))
    place_address: Mapped[str] = mapped_column(String(120))
    #: The station it happens at, whose poster then leads here.
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True)
    risk: Mapped[str]
    risk_level: Mapped[str] = mapped_column(String(8), default="low")
    insurance: Mapped[str | None] = mapped_column(String(80))
    guarantees: Mapped[str]
    plan: Mapped[str | None]
    pay_kind: Mapped[str] = mapped_column(String(4), default="time")
    coefficient: Mapped[int] = mapped_column(default=10)
    flat_points: Mapped[int | None]
    walk_ins: Mapped[bool] = mapped_column(default=False)
    min_age: Mapped[int] = mapped_column(default=0)
    leader_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
