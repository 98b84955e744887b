"""Merchants and units: application, agreement (签约), plaque (授牌), standing."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Partner(db.Model):
    """applied → reviewed → signed (agreement, plaque) → paused → terminated / lapsed; or rejected."""

    __tablename__ = "partner"
    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'reviewed', 'signed', 'paused', 'terminated', 'lapsed', 'rejected')",
            "state",
        ),
        CheckConstraint(
            "kind IN ('caring_enterprise', 'co_building_unit', 'public_body', 'union', 'foundation', 'charity_mart')",
            "kind",
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="id", owner="applicant_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    licence_no: Mapped[str] = mapped_column(String(40), unique=True)
    licence_until: Mapped[date | None]
    address: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(String(160))
    contact_phone_sealed: Mapped[bytes]
    contact_phone_masked: Mapped[str] = mapped_column(String(20))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(12))
    plaque_no: Mapped[str | None] = mapped_column(String(20), unique=True)
    plaque_on: Mapped[date | None]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    paused_until: Mapped[date | None]


class Agreement(db.Model):
    """An agreement of at most twelve months; a new one is a new version, never an edit."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("partner_id", "version"),
        CheckConstraint("ends_on > starts_on", "dates"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    version: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    signed_at: Mapped[datetime]
    signed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]


class Strike(db.Model):
    """A complaint about a partner that was upheld; enough of them within the scheme's months end the agreement."""

    __tablename__ = "partner_strike"
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path)
    on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    upheld_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
