"""What the night measured."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import Path, db


class CoverDay(db.Model):
    """The points people of an area held at the end of a night, and what the shelves of its partners could take."""

    __tablename__ = "cover_day"
    __table_args__ = (CheckConstraint("outstanding >= 0 AND funded >= 0", "points"),)

    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    outstanding: Mapped[int]
    funded: Mapped[int]
