"""What a charity mart keeps: what was donated, what was counted, and baskets that are shown with one code."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Delivery(db.Model):
    """Something donated that came onto the shelf. The donor stands here only as they want to be read by everybody."""

    __tablename__ = "mart_delivery"
    __table_args__ = (
        UniqueConstraint("partner_id", "asked_with"),
        CheckConstraint("quantity > 0", "quantity"),
        Index("ix_mart_delivery_partner_id_on", "partner_id", "on"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    #: None is somebody who does not want to be named.
    donor: Mapped[str | None] = mapped_column(String(60))
    quantity: Mapped[int]
    on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    taken_in_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_in_at: Mapped[datetime]
    asked_with: Mapped[str | None] = mapped_column(String(64))


class Count(db.Model):
    """One stock-taking: draft (differences are looked at) → asked (a second person) → booked; or dropped."""

    __tablename__ = "mart_count"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'asked', 'booked', 'dropped')", "state"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> counted_by", "four_eyes"),
        CheckConstraint("state <> 'booked' OR NOT large OR confirmed_by IS NOT NULL", "large"),
        Index(
            "uq_mart_count_open", "partner_id", unique=True,
            sqlite_where=text("state IN ('draft', 'asked')"), postgresql_where=text("state IN ('draft', 'asked')"),
        ),
        Index("ix_mart_count_partner_id_id", "partner_id", "id"),
    )  # fmt: skip
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    state: Mapped[str] = mapped_column(String(8))
    #: So much differs that a second person has to look.
    large: Mapped[bool] = mapped_column(default=False, server_default=false())
    counted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    counted_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    booked_at: Mapped[datetime | None]


class CountLine(db.Model):
    """One item as it was counted: what should have stood there at that moment, and what did."""

    __tablename__ = "mart_count_line"
    __table_args__ = (
        UniqueConstraint("count_id", "offer_id"),
        CheckConstraint("counted >= 0 AND expected >= 0", "counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    count_id: Mapped[int] = mapped_column(ForeignKey("mart_count.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    #: On the shelf and to be claimed, and claimed already but not fetched yet: both stand there.
    expected: Mapped[int]
    counted: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(12))

    @property
    def difference(self) -> int:
        return self.counted - self.expected


class Basket(db.Model):
    """Vouchers of one mart that were claimed together, and are shown with one code for five minutes at a time."""

    __tablename__ = "basket"
    __table_args__ = (
        UniqueConstraint("scan"),
        UniqueConstraint("volunteer_id", "asked_with"),
        CheckConstraint("(redeemed_at IS NULL) = (scan IS NULL)", "redeemed_at"),
        Index("ix_basket_volunteer_id_id", "volunteer_id", "id"),
        Index("ix_basket_partner_id", "partner_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(String(16), unique=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    area_path: Mapped[str] = mapped_column(Path)
    asked_with: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime]
    armed_until: Mapped[datetime | None]
    nonce: Mapped[bytes | None]
    typed_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    redeemed_at: Mapped[datetime | None]
    scan: Mapped[str | None] = mapped_column(String(64))


class BasketVoucher(db.Model):
    """Which vouchers lie in which basket."""

    __tablename__ = "basket_voucher"

    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"), primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id"), index=True)
