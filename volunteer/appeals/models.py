"""What people say about their own records: that it was them, that it was not, and what is wrong or missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

WAITS = "state IN ('filed', 'escalated')"


class RecordAnswer(db.Model):
    """Whether somebody says of a record others entered that it is theirs."""

    __tablename__ = "record_answer"

    record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"), primary_key=True)
    mine: Mapped[bool]
    said_at: Mapped[datetime]


class Appeal(db.Model):
    """filed → answered → escalated → final · withdrawn. A "not me" begins as escalated: the auditor looks at once.

    `record_id` is the record it is about, `service_day_id` the day; neither where it is about something else. The
    first answer is the community's, the final one the auditor's; each by somebody without a hand in it.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("kind IN ('wrong', 'missing', 'not_me', 'complaint')", "kind"),
        CheckConstraint("state IN ('filed', 'answered', 'escalated', 'final', 'withdrawn')", "state"),
        CheckConstraint("outcome IS NULL OR outcome IN ('upheld', 'dismissed', 'redirected')", "outcome"),
        CheckConstraint(
            "final_outcome IS NULL OR final_outcome IN ('upheld', 'dismissed', 'redirected')", "final_outcome"
        ),
        CheckConstraint(
            "state <> 'answered' OR (answer IS NOT NULL AND answered_by IS NOT NULL)", "answered"
        ),
        CheckConstraint("(state = 'final') = (final_by IS NOT NULL)", "final"),
        CheckConstraint(
            "(answered_by IS NULL OR answered_by <> volunteer_id)"
            " AND (final_by IS NULL OR final_by <> volunteer_id)"
            " AND (final_by IS NULL OR answered_by IS NULL OR final_by <> answered_by)",
            "other_eyes",
        ),
        Index(
            "uq_appeal_waiting_record",
            "volunteer_id",
            "record_id",
            unique=True,
            sqlite_where=text(f"{WAITS} AND record_id IS NOT NULL"),
            postgresql_where=text(f"{WAITS} AND record_id IS NOT NULL"),
        ),
        Index("ix_appeal_state_area_path", "state", "area_path"),
        Index("ix_appeal_volunteer_id", "volunteer_id"),
        Index("ix_appeal_record_id", "record_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"))
    service_day_id: Mapped[int | None] = mapped_column(ForeignKey("service_day.id"))
    area_path: Mapped[str] = mapped_column(Path)
    words: Mapped[str] = mapped_column(String(500))
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(500))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    escalation: Mapped[str | None] = mapped_column(String(500))
    escalated_at: Mapped[datetime | None]
    final_outcome: Mapped[str | None] = mapped_column(String(10))
    final_answer: Mapped[str | None] = mapped_column(String(500))
    final_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    final_at: Mapped[datetime | None]
