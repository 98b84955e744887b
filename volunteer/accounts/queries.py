"""Reads for the pages of people: searching them, and what one of them holds."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, or_, select

from volunteer import access, identity
from volunteer.accounts import phones
from volunteer.accounts.models import Grant, SignIn, User
from volunteer.community import Area
from volunteer.db import db


def people(words: str = "", state: str = "", role: str = "") -> Select[tuple[User]]:
    """Return whom the person signed in may see, narrowed by name, volunteer number or phone."""
    found = access.within(select(User), User, "person.read")
    if words := words.strip():
        same: list[Any] = [User.name.contains(words, autoescape=True), User.volunteer_no == words]
        with contextlib.suppress(identity.BadPhone):
            same.append(User.phone_index.in_(phones.indexes(words)))
        found = found.where(or_(*same))
    if state:
        found = found.where(User.state == state)
    if role:
        found = found.where(User.id.in_(select(Grant.user_id).where(Grant.role == role)))
    return found


def homes(people: Sequence[User]) -> dict[int, str]:
    """Return id → name of the areas these people live in."""
    ids = {user.home_id for user in people}
    return dict(db.session.execute(select(Area.id, Area.name).where(Area.id.in_(ids))).all())


def grants(user: User) -> Sequence[Row[Grant, Area | None]]:
    """Return what somebody holds, with the area where it is one."""
    return db.session.execute(
        select(Grant, Area)
        .outerjoin(Area, Area.id == Grant.area_id)
        .where(Grant.user_id == user.id)
        .order_by(Grant.id)
    ).all()


def givable_areas(paths: Sequence[str]) -> Sequence[Area]:
    """Return streets and communities under these paths."""
    if not paths:
        return []
    return db.session.scalars(
        select(Area)
        .where(Area.kind != "grid", or_(*(Area.path.startswith(path) for path in paths)))
        .order_by(Area.path)
    ).all()


def last_seen(user: User) -> SignIn | None:
    """Return somebody's latest session, alive or not."""
    return db.session.scalar(
        select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.seen_at.desc()).limit(1)
    )
