"""What was redeemed at a partner in a month, drawn up and agreed."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Statement(db.Model):
    """One partner, one month ("2026-11"): draft → confirmed by the partner → agreed by a second person."""

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("partner_id", "month"),
        CheckConstraint("state IN ('draft', 'confirmed', 'agreed')", "state"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> confirmed_by", "four_eyes"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    month: Mapped[str] = mapped_column(String(7))
    count: Mapped[int]
    points: Mapped[int]
    value_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    drawn_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class StatementLine(db.Model):
    """One redeemed voucher on one statement, once."""

    __tablename__ = "statement_line"
    __table_args__ = (UniqueConstraint("voucher_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"), index=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    redeemed_on: Mapped[date]
    points: Mapped[int]
    value_cents: Mapped[int]


class ClawBack(db.Model):
    """A voucher whose points went back after it was paid for: taken off the partner's next statement, once.

    Two people of the office stand behind it. `statement_id` stays empty until that statement is drawn up.
    """

    __tablename__ = "claw_back"
    __table_args__ = (
        UniqueConstraint("voucher_id"),
        CheckConstraint("approved_by <> asked_by", "four_eyes"),
        Index("ix_claw_back_partner_id_statement_id", "partner_id", "statement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"), index=True)
    points: Mapped[int]
    value_cents: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
