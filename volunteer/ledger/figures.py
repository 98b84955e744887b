"""What the night keeps of the postings: sums by area and move. Postings are only ever added, so sums are too."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import Path, db


class DayMoved(db.Model):
    """The points of one move on one date in one area."""

    __tablename__ = "ledger_day"

    move: Mapped[str] = mapped_column(String(20), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    amount: Mapped[int]


class MonthMoved(db.Model):
    """The points of one move in one month ("2026-03"), in an area and all below it."""

    __tablename__ = "ledger_month"

    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    move: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[int]


class Rolled(db.Model):
    """One row: the sums cover every posting up to this number; later ones are read live."""

    __tablename__ = "ledger_rolled"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_id: Mapped[int]
