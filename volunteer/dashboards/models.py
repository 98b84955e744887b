"""A long list that somebody wants to take away, and who else agreed to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class ExportRequest(db.Model):
    """open → approved or refused. `address` and `fields` say which file; `right_needed` is what both people need for it."""

    __tablename__ = "export_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'refused')", "state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", "decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", "decided_by"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", "four_eyes"),
        Index(
            "uq_export_request_open_asked_by_what",
            "asked_by",
            "what",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_export_request_state_area_path", "state", "area_path"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id", owner="asked_by")

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(100))
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    right_needed: Mapped[str] = mapped_column(String(40))
    row_count: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    area_path: Mapped[str] = mapped_column(Path)
    #: Whose month it is, where it is a partner's: their own people decide about it as well.
    partner_id: Mapped[int | None]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
