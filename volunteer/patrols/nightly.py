"""Days that a series has got since walk its route too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import select

from volunteer import timetable
from volunteer.db import db
from volunteer.patrols import plans
from volunteer.patrols.models import PatrolSeries


@timetable.daily("patrols.follow", at="02:40")
def follow(on: date) -> list[Callable[[], int]]:
    """Give the coming days of every series that walks a route their walk, each series on its own."""
    chosen = db.session.scalars(select(PatrolSeries.series_id).order_by(PatrolSeries.series_id)).all()
    return [partial(plans.follow, series_id) for series_id in chosen]
