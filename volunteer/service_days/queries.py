"""What the pages and the API read: one query a list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from volunteer.db import db
from volunteer.service_days.models import Post, ServiceDay


def posts(day: ServiceDay) -> Sequence[Post]:
    """The posts of a day, in the order they were written."""
    return db.session.scalars(select(Post).where(Post.service_day_id == day.id).order_by(Post.id)).all()
