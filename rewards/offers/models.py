"""What a partner gives, for how many points, while stock lasts."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Offer(db.Model):
    """draft → published → paused → withdrawn. Stock is what was given in, less claimed, plus returned."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("stock >= 0", "stock"),
        CheckConstraint("stock = given_in - claimed + returned", "stock_adds_up"),
        CheckConstraint("points >= 0", "points"),
        CheckConstraint("per_person > 0", "per_person"),
        CheckConstraint("state IN ('draft', 'published', 'paused', 'withdrawn')", "state"),
        CheckConstraint("kind IN ('goods', 'discount', 'service', 'venue', 'course')", "kind"),
        CheckConstraint("until_on >= from_on", "dates"),
        Index("ix_offer_state_until_on", "state", "until_on"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(default="")
    picture: Mapped[str] = mapped_column(String(20), default="gift")
    points: Mapped[int]
    value_cents: Mapped[int] = mapped_column(default=0)
    given_in: Mapped[int]
    claimed: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    stock: Mapped[int]
    per_person: Mapped[int] = mapped_column(default=2)
    from_on: Mapped[date]
    until_on: Mapped[date]
    adults_only: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
