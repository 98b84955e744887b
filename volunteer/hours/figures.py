"""What the night keeps of service records, so that ten years are read as quickly as a week.

Everything here follows from the records and can be made anew from them at any time: `rollups.rebuild()`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import Path, db


class DayFigures(db.Model):
    """The confirmed records of one date, team and area, added up."""

    __tablename__ = "hours_day"

    on: Mapped[date] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    records: Mapped[int]
    minutes_a: Mapped[int]
    minutes_b: Mapped[int]
    minutes_c: Mapped[int]


class MonthFigures(db.Model):
    """The same of one month ("2026-03") in an area and all below it, and how many different people they were."""

    __tablename__ = "hours_month"

    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    records: Mapped[int]
    minutes_a: Mapped[int]
    minutes_b: Mapped[int]
    minutes_c: Mapped[int]
    people: Mapped[int]


class SpanFigures(db.Model):
    """How many different people served in an area from a day to a day: the stretches dashboards ask for today."""

    __tablename__ = "hours_span"

    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]


class Standing(db.Model):
    """A place on a board ("area:3", "team:7") in a season ("2026-03", "2026", "all")."""

    __tablename__ = "hours_standing"
    __table_args__ = (
        Index("ix_hours_standing_board_season_place", "board", "season", "place"),
        Index("ix_hours_standing_volunteer_id", "volunteer_id"),
    )

    board: Mapped[str] = mapped_column(String(24), primary_key=True)
    season: Mapped[str] = mapped_column(String(7), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int]
    minutes: Mapped[int]
    reached_at: Mapped[datetime]


class Redo(db.Model):
    """A day behind us whose records have changed since; written with the change, gone when the figures follow."""

    __tablename__ = "hours_redo"

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date]


class Rolled(db.Model):
    """One row: the figures cover every day up to and including this one; later days are read live."""

    __tablename__ = "hours_rolled"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[date]
