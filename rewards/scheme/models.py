"""A street's scheme in its own words."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class CourtesyScheme(db.Model):
    """One a street; its communities honour each other's points."""

    __tablename__ = "courtesy_scheme"
    reach: ClassVar = access.Reach(area="area_path")

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    area_path: Mapped[str] = mapped_column(Path)
    name: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(600))
    contact: Mapped[str] = mapped_column(String(120))
    changed_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
