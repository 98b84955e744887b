"""One offer promised to one volunteer."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Voucher(db.Model):
    """claimed → redeemed · refused · cancelled · lapsed. Shown (armed) for five minutes at a time.

    Title, points and value are what was promised on the day; the offer may change afterwards. `scan` is the counter's
    scan that ended it, `asked_with` names the tap that claimed it, so that a second tap finds it again.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        UniqueConstraint("scan"),
        UniqueConstraint("volunteer_id", "asked_with"),
        CheckConstraint("state IN ('claimed', 'redeemed', 'refused', 'cancelled', 'lapsed')", "state"),
        CheckConstraint("(state = 'redeemed') = (redeemed_at IS NOT NULL)", "redeemed_at"),
        Index("ix_voucher_volunteer_id_id", "volunteer_id", "id"),
        Index("ix_voucher_partner_id_state_redeemed_at", "partner_id", "state", "redeemed_at"),
        Index("ix_voucher_offer_id_volunteer_id", "offer_id", "volunteer_id"),
        Index("ix_voucher_state_expires_on", "state", "expires_on"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(String(16), unique=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    area_path: Mapped[str] = mapped_column(Path)
    title: Mapped[str] = mapped_column(String(60))
    points: Mapped[int]
    value_cents: Mapped[int] = mapped_column(default=0)
    asked_with: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    claimed_at: Mapped[datetime]
    expires_on: Mapped[date]
    armed_until: Mapped[datetime | None]
    nonce: Mapped[bytes | None]
    typed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    redeemed_at: Mapped[datetime | None]
    redeemed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    scan: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
