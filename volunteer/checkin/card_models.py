"""Printed cards for people without a phone: which one is good, until when, and why one ended."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db

_LIVING = text("ended_at IS NULL")


class Card(db.Model):
    """A volunteer's card of one revision of their codes; living until it is reported lost. Its code and its PIN are
    derived anew each time it is printed, and stand nowhere."""

    __tablename__ = "volunteer_card"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (reason IS NULL)", "ended"),
        Index(
            "uq_volunteer_card_living",
            "volunteer_id",
            unique=True,
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
        Index("ix_volunteer_card_volunteer_id", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    revision: Mapped[int]
    until: Mapped[date]
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
