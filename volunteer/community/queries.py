"""Reads for the pages of areas and stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select

from volunteer import access
from volunteer.community.models import Area, Station
from volunteer.db import db


@dataclass
class Branch:
    """An area and what lies below it."""

    area: Area
    below: list[Branch] = field(default_factory=list)


def tree() -> list[Branch]:
    """Return the streets with their communities and grids, in one query."""
    branches: dict[int, Branch] = {}
    top: list[Branch] = []
    for area in db.session.scalars(select(Area).order_by(Area.id)):
        branches[area.id] = branch = Branch(area)
        above = branches.get(area.parent_id) if area.parent_id else None
        (above.below if above else top).append(branch)
    return top


def stations(colour: str = "", area_path: str = "/") -> Sequence[Row[Station, str]]:
    """Return stations with the name of their area, narrowed by colour and place."""
    found = select(Station, Area.name).join(Area, Area.id == Station.area_id)
    if colour:
        found = found.where(Station.colour == colour)
    if area_path != "/":
        found = found.where(Station.area_path.startswith(area_path))
    return db.session.execute(found.order_by(Station.area_id, Station.id)).all()


def within_reach(right: str) -> list[Area]:
    """Return the areas in which the person signed in has a right, in the order of the tree."""
    found = db.session.scalars(access.within(select(Area), Area, right)).all()
    return sorted(found, key=lambda area: [int(part) for part in area.path.strip("/").split("/")])
