"""Areas (街道 → 社区 → 网格) and the stations in them."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Area(db.Model):
    """A street, a community or a grid; `path` is "/street/community/grid/" in ids, so a prefix is a subtree."""

    __tablename__ = "area"
    __table_args__ = (CheckConstraint("kind IN ('street', 'community', 'grid')", "kind"),)
    reach: ClassVar = access.Reach(area="path")

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))
    path: Mapped[str] = mapped_column(Path, unique=True)


class Station(db.Model):
    """A place people know (七彩 colour, kind, opening hours); activities happen at stations or at any address."""

    __tablename__ = "station"
    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path)
    name: Mapped[str] = mapped_column(String(60))
    colour: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(120))
    open_hours: Mapped[str] = mapped_column(String(60))
    amenities: Mapped[list[str]]
