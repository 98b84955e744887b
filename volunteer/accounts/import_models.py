"""A table of people that somebody wants to bring in, who else agreed to it, and whose accounts came of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class ImportRequest(db.Model):
    """tried → open → done, refused or dropped; done → undone. The rows are kept sealed, and only until it is decided."""

    __tablename__ = "import_request"
    __table_args__ = (
        CheckConstraint("state IN ('tried', 'open', 'refused', 'done', 'undone', 'dropped')", "state"),
        CheckConstraint("(state IN ('tried', 'open')) = (rows_sealed IS NOT NULL)", "wiped"),
        CheckConstraint("state IN ('tried', 'dropped') OR reason IS NOT NULL", "reason"),
        CheckConstraint("(state IN ('refused', 'done', 'undone')) = (decided_by IS NOT NULL)", "decided_by"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", "decided_at"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", "four_eyes"),
        CheckConstraint("(state = 'undone') = (undone_by IS NOT NULL)", "undone_by"),
        CheckConstraint("(undone_by IS NULL) = (undone_at IS NULL)", "undone_at"),
        CheckConstraint("(undone_by IS NULL) = (undo_reason IS NULL)", "undo_reason"),
        Index("ix_import_request_state_area_path", "state", "area_path"),
    )
    reach: ClassVar = access.Reach(area="area_path", owner="asked_by")

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What the sealed rows are bound to.
    key: Mapped[str] = mapped_column(String(36), unique=True)
    #: The smallest area with everybody's home in it: who decides looks after all of it.
    area_path: Mapped[str] = mapped_column(Path)
    row_count: Mapped[int]
    new_count: Mapped[int]
    known_count: Mapped[int]
    rows_sealed: Mapped[bytes | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
    undo_reason: Mapped[str | None] = mapped_column(String(200))


class ImportedAccount(db.Model):
    """Whose account came of which table."""

    __tablename__ = "imported_account"

    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_request.id"), index=True)
