"""Screens without a person: a TV or a tablet on a stand that an organiser has lent one day's wall."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db


class Screen(db.Model):
    """asked (a code on the TV) → paired (shows one day's wall) → ended by hand, or with the day's check-out.

    Both the code and the screen's token are kept as fingerprints: whoever reads this table can show nothing.
    """

    __tablename__ = "wall_screen"
    __table_args__ = (
        UniqueConstraint("code_print"),
        UniqueConstraint("token_print"),
        CheckConstraint("(service_day_id IS NULL) = (paired_at IS NULL)", "paired"),
        CheckConstraint("(paired_at IS NULL) = (paired_by IS NULL)", "by"),
        Index("ix_wall_screen_service_day_id", "service_day_id"),
        Index("ix_wall_screen_code_until", "code_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code_print: Mapped[str] = mapped_column(String(64))
    token_print: Mapped[str] = mapped_column(String(64))
    code_until: Mapped[datetime]
    service_day_id: Mapped[int | None] = mapped_column(ForeignKey("service_day.id"))
    paired_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    paired_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
