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
    scan that ended it, `asked_with` names the tap that claimed it, so that a second tap finds it again. A counter
    that pressed by mistake takes it back once (`undone_at`); then the voucher is open again.
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
        Index("ix_voucher_slot_id", "slot_id"),
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
    #: The time that was booked with it, where the offer is booked by time.
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("offer_slot.id"))
    state: Mapped[str] = mapped_column(String(12))
    claimed_at: Mapped[datetime]
    expires_on: Mapped[date]
    armed_until: Mapped[datetime | None]
    nonce: Mapped[bytes | None]
    typed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    redeemed_at: Mapped[datetime | None]
    redeemed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    scan: Mapped[str | None] = mapped_column(String(64))
    #: The enrolled device it was redeemed with; none where the phone was anybody's.
    device_id: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    undone_at: Mapped[datetime | None]

    @property
    def redemption(self) -> str:
        """The name of its redemption in the books: what was taken back once has a second one."""
        return f"{self.id}:2" if self.undone_at is not None else str(self.id)


class Dispute(db.Model):
    """A holder says "that was not me": open → upheld (points back) · dismissed; asked while a second person is awaited.

    It keeps what the voucher said when it was disputed; once a voucher.
    """

    __tablename__ = "voucher_dispute"
    __table_args__ = (
        UniqueConstraint("voucher_id"),
        CheckConstraint("state IN ('open', 'asked', 'upheld', 'dismissed')", "state"),
        CheckConstraint("(state IN ('upheld', 'dismissed')) = (decided_at IS NOT NULL)", "decided_at"),
        CheckConstraint("asked_by IS NULL OR decided_by IS NULL OR asked_by <> decided_by", "four_eyes"),
        Index("ix_voucher_dispute_state_id", "state", "id"),
    )
    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    area_path: Mapped[str] = mapped_column(Path)
    redeemed_at: Mapped[datetime]
    redeemed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    said: Mapped[str] = mapped_column(String(200))
    said_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
