"""Sheets of paper and their rows. Who may see one follows from its service day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db

ROWS = 20
#: A row's mark has room for so many sheets of one day; see marks.py.
SHEETS_MAX = 999
OUTCOME = "('same', 'conflict', 'to_confirm', 'parked', 'refused')"


class PaperSheet(db.Model):
    """printed → typed → checked · spoilt. Page `page` of `pages` that were printed together, the day's `number`th.

    `code` is what its QR carries. `revision` counts what was typed, so that nobody confirms what he has not seen.
    """

    __tablename__ = "paper_sheet"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("service_day_id", "number"),
        CheckConstraint("state IN ('printed', 'typed', 'checked', 'spoilt')", "state"),
        CheckConstraint(f"number BETWEEN 1 AND {SHEETS_MAX}", "number"),
        CheckConstraint("page BETWEEN 1 AND pages AND page <= number", "page"),
        CheckConstraint("state NOT IN ('typed', 'checked') OR typed_by IS NOT NULL", "typed"),
        CheckConstraint("(state = 'checked') = (checked_by IS NOT NULL)", "checked"),
        CheckConstraint("checked_by IS NULL OR checked_by <> typed_by", "four_eyes"),
        Index("ix_paper_sheet_state_service_day_id", "state", "service_day_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    number: Mapped[int]
    page: Mapped[int]
    pages: Mapped[int]
    code: Mapped[str] = mapped_column(String(18))
    state: Mapped[str] = mapped_column(String(8), default="printed")
    revision: Mapped[int] = mapped_column(default=0)
    printed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    printed_at: Mapped[datetime]
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    typed_at: Mapped[datetime | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    checked_at: Mapped[datetime | None]
    #: What the checker said when it was given back to be typed again.
    note: Mapped[str | None] = mapped_column(String(200))


class PaperRow(db.Model):
    """One line: whose, what was typed as it was typed, and once the sheet is checked what became of it.

    A `blank` row was printed without a name; `volunteer_no` is what somebody wrote into its boxes.
    """

    __tablename__ = "paper_row"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        UniqueConstraint("sheet_id", "volunteer_id"),
        CheckConstraint(f"number BETWEEN 1 AND {ROWS}", "number"),
        CheckConstraint("blank OR volunteer_id IS NOT NULL", "whose"),
        CheckConstraint(f"came_outcome IS NULL OR came_outcome IN {OUTCOME}", "came_outcome"),
        CheckConstraint(f"left_outcome IS NULL OR left_outcome IN {OUTCOME}", "left_outcome"),
        Index("ix_paper_row_volunteer_id", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("paper_sheet.id", ondelete="CASCADE"))
    number: Mapped[int]
    blank: Mapped[bool]
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    volunteer_no: Mapped[str] = mapped_column(String(20), default="")
    came: Mapped[str] = mapped_column(String(12), default="")
    left: Mapped[str] = mapped_column(String(12), default="")
    absent: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(60), default="")
    #: Whoever changed it last.
    typed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    came_outcome: Mapped[str | None] = mapped_column(String(12))
    left_outcome: Mapped[str | None] = mapped_column(String(12))
    refusal: Mapped[str | None] = mapped_column(String(60))
