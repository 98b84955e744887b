"""Volunteer teams and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Team(db.Model):
    """draft → pending → active → suspended → closed; the community's administrator approves."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("area_id", "name"),
        CheckConstraint(
            "state IN ('draft', 'pending', 'active', 'rejected', 'suspended', 'closed')", "state"
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", team="id", owner="leader_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(default="")
    leader_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    members: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))


class Membership(db.Model):
    """applied → member → left / refused; at most five teams a person."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("team_id", "volunteer_id"),
        CheckConstraint("state IN ('applied', 'member', 'left', 'refused')", "state"),
        Index("ix_membership_volunteer_id_state", "volunteer_id", "state"),
    )
    reach: ClassVar = access.Reach(team="team_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    main: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
