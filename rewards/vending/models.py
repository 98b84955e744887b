"""What a vending machine gave out, or could not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db


class Drop(db.Model):
    """One scan at one machine: what it was told to drop, and whether it said that it could not."""

    __tablename__ = "vending_drop"
    __table_args__ = (
        UniqueConstraint("scan"),
        CheckConstraint("(failed_at IS NULL) = (reason IS NULL)", "failed"),
        Index("ix_vending_drop_voucher_id", "voucher_id"),
        Index("ix_vending_drop_device_id_id", "device_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[str] = mapped_column(String(64))
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    slot: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    failed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
