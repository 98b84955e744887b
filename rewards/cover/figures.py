"""Points people hold against what the shelves can take: measured every night for each street and community.

Held points are left out on both sides: what a voucher promises has left the shelf and the purse already. Points that
can only be given are no claim on a shelf.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from rewards.cover.models import CoverDay
from rewards.offers import queries as offers
from volunteer import clock, community, ledger
from volunteer.community import Area
from volunteer.db import db


@dataclass(frozen=True)
class Cover:
    """What people hold, and what the shelves can take, in points; measured `on` a night, the shelves perhaps later."""

    outstanding: int
    funded: int
    on: date | None = None

    @property
    def percent(self) -> int | None:
        """How many per cent of the points the shelves can take, rounded down; None while nobody holds any."""
        return self.funded * 100 // self.outstanding if self.outstanding else None

    def after(self, more: int) -> Cover:
        """The same when so many points have been handed out besides."""
        return Cover(self.outstanding + more, self.funded, self.on)

    def missing(self, percent: int) -> int:
        """The points' worth of rewards that would have to be added to reach so many per cent."""
        return max(0, -(-self.outstanding * percent // 100) - self.funded)


def measure(on: date) -> int:
    """Keep what every street and community comes to this night, and return how many; again, it measures anew."""
    held, shelf = ledger.queries.outstanding(), offers.funded(on)
    areas = db.session.scalars(select(Area).where(Area.kind.in_(("street", "community")))).all()
    for area in areas:
        row = db.session.get(CoverDay, (area.path, on)) or CoverDay(area_path=area.path, on=on)
        row.outstanding, row.funded = _below(held, area.path), _below(shelf, area.path)
        db.session.add(row)
    db.session.flush()
    return len(areas)


def standing(area_path: str) -> Cover | None:
    """Return how the street of an area stands: what last night measured, the shelves as they are now.

    None before the first night.
    """
    row = last(community.street_path(area_path))
    if row is None:
        return None
    return Cover(row.outstanding, _below(offers.funded(clock.today()), row.area_path), row.on)


def last(area_path: str) -> CoverDay | None:
    """Return what was measured last in an area."""
    found = select(CoverDay).where(CoverDay.area_path == area_path).order_by(CoverDay.on.desc()).limit(1)
    return db.session.scalar(found)


def _below(points: dict[str, int], path: str) -> int:
    return sum(amount for where, amount in points.items() if where.startswith(path))
