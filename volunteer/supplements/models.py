"""Late hours: one row a request. The photo of the sheet is kept by volunteer/photos.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

#: What still blocks a second request for the same person and day.
LIVE = "state IN ('filed', 'first', 'notice', 'objected', 'effective')"


class Supplement(db.Model):
    """filed → first (one agreed) → notice (two agreed, in public) → effective · objected · rejected · withdrawn.

    `minutes` become a record of grade C, worth no points while the tariff says so. `sheet` says where the paper is
    when an organiser has no photo of it. `notice_until` is the last day of the public notice.
    """

    __tablename__ = "supplement"
    __table_args__ = (
        CheckConstraint("minutes > 0", "minutes"),
        CheckConstraint(
            "state IN ('filed', 'first', 'notice', 'objected', 'effective', 'rejected', 'withdrawn')", "state"
        ),
        # Two people agreed, neither of them whose hours these are nor who wrote them down.
        CheckConstraint(
            "first_by IS NULL OR (first_by <> volunteer_id AND first_by <> filed_by)", "first_by"
        ),
        CheckConstraint(
            "second_by IS NULL OR (second_by <> volunteer_id AND second_by <> filed_by AND first_by IS NOT NULL"
            " AND second_by <> first_by)",
            "second_by",
        ),
        CheckConstraint(
            "state NOT IN ('notice', 'objected', 'effective')"
            " OR (second_by IS NOT NULL AND notice_until IS NOT NULL)",
            "two_agreed",
        ),
        CheckConstraint("state <> 'objected' OR objected_at IS NOT NULL", "objected"),
        Index(
            "uq_supplement_live",
            "volunteer_id",
            "service_day_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_supplement_state_area_path", "state", "area_path"),
        Index("ix_supplement_service_day_id", "service_day_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    filed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime]
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    minutes: Mapped[int]
    words: Mapped[str] = mapped_column(String(500))
    sheet: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    first_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    first_at: Mapped[datetime | None]
    second_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    second_at: Mapped[datetime | None]
    notice_until: Mapped[date | None]
    objected_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    objected_at: Mapped[datetime | None]
    objection: Mapped[str | None] = mapped_column(String(500))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
