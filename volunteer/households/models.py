"""Who helps whom, how it was agreed, until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db

_LIVING = text("state <> 'ended'")


class Proxy(db.Model):
    """asked → agreed → ended. `how` says whether the other account agreed ('self') or staff registered it ('desk').

    `shown_on` is the last day the helper opened the person's pass.
    """

    __tablename__ = "proxy"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'ended')", "state"),
        CheckConstraint("how IS NULL OR how IN ('self', 'desk')", "how"),
        CheckConstraint("person_id <> helper_id", "two"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", "ended"),
        CheckConstraint("(agreed_at IS NULL) = (how IS NULL)", "agreed_how"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by IS NULL)", "agreed_by"),
        CheckConstraint("state <> 'agreed' OR agreed_at IS NOT NULL", "agreed"),
        # Nobody says yes to what they asked for themselves; staff register nobody's help but other people's.
        CheckConstraint("how IS NULL OR how <> 'self' OR agreed_by <> asked_by", "both"),
        CheckConstraint(
            "how IS NULL OR how <> 'desk'"
            " OR (agreed_by <> helper_id AND agreed_by <> person_id AND reason IS NOT NULL)",
            "desk",
        ),
        Index(
            "uq_proxy_living",
            "person_id",
            "helper_id",
            unique=True,
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        ),
        Index("ix_proxy_person_id", "person_id"),
        Index("ix_proxy_helper_id", "helper_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    helper_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(8))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    how: Mapped[str | None] = mapped_column(String(8))
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    agreed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    shown_on: Mapped[date | None]
