"""Codes printed on posters, and which stays a poster alone has proven."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db

_LIVE_DAY = text("ended_at IS NULL AND service_day_id IS NOT NULL")
_LIVE_STATION = text("ended_at IS NULL AND station_id IS NOT NULL")


class PosterCode(db.Model):
    """A poster that checks people in, of one day or of one station; its id is the number printed on the sheet.

    A new code ends the one before, which is then refused by name.
    """

    __tablename__ = "poster_code"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("(service_day_id IS NULL) <> (station_id IS NULL)", "one_place"),
        Index(
            "uq_poster_code_live_service_day_id",
            "service_day_id",
            unique=True,
            sqlite_where=_LIVE_DAY,
            postgresql_where=_LIVE_DAY,
        ),
        Index(
            "uq_poster_code_live_station_id",
            "station_id",
            unique=True,
            sqlite_where=_LIVE_STATION,
            postgresql_where=_LIVE_STATION,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    service_day_id: Mapped[int | None] = mapped_column(ForeignKey("service_day.id"))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PosterAward(db.Model):
    """A stay that a poster was enough for: the first or the second of a person's week, and never a third.

    `week` is its Monday. Two scans at the same instant want the same number, and the database gives it to one.
    """

    __tablename__ = "poster_award"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "week", "nth"),
        UniqueConstraint("attendance_id"),
        CheckConstraint("nth IN (1, 2)", "nth"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    week: Mapped[date]
    nth: Mapped[int]
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
