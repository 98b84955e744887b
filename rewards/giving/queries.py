"""Reads for the pages of giving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from rewards.giving.models import FamilyGift, Funder, Gift, Project, Use
from rewards.giving.projects import SHOWN
from volunteer import accounts, clock
from volunteer.accounts import User
from volunteer.db import db

RECENT = 12


@dataclass(frozen=True)
class Progress:
    """How far a project is: points, givers, and how many the funder adds."""

    given: int
    givers: int
    matched: int


def shown(*, over: bool = False) -> Select[Project]:
    """Select the projects everybody sees: those that take points, or those that do not any more."""
    today = clock.today()
    taking = (Project.state == "open") & or_(Project.until_on.is_(None), Project.until_on >= today)
    return select(Project).where(Project.state.in_(SHOWN), ~taking if over else taking)


def takers(on: date) -> Sequence[Project]:
    """Return the projects one can choose for points that end: open ones, pools aside."""
    open_ = select(Project).where(
        Project.state == "open",
        ~Project.pool,
        Project.from_on <= on,
        or_(Project.until_on.is_(None), Project.until_on >= on),
    )
    return db.session.scalars(open_.order_by(Project.id).limit(100)).all()


def progress(projects: Sequence[Project]) -> dict[int, Progress]:
    """Return how far these projects are, in one statement."""
    sums = (
        select(Gift.project_id, func.sum(Gift.points), func.count(func.distinct(Gift.volunteer_id)))
        .where(Gift.project_id.in_([one.id for one in projects]), Gift.undone_at.is_(None))
        .group_by(Gift.project_id)
    )
    found = {
        project_id: (int(points), int(givers)) for project_id, points, givers in db.session.execute(sums)
    }
    told = {}
    for one in projects:
        points, givers = found.get(one.id, (0, 0))
        told[one.id] = Progress(points, givers, one.matched(points))
    return told


def find(project_id: int) -> tuple[Project, Funder | None] | None:
    """Return a project everybody may see, and who adds to it."""
    row = db.session.execute(
        select(Project, Funder)
        .outerjoin(Funder, Funder.id == Project.funder_id)
        .where(Project.id == project_id, Project.state.in_(SHOWN))
    ).first()
    return (row[0], row[1]) if row else None


def recent(project_id: int) -> list[tuple[str | None, int, date]]:
    """Return the latest gifts: the name of who wanted to be named and is of age, points, day."""
    rows = db.session.execute(
        select(User.name, User.birth_on, Gift.named, Gift.points, Gift.at)
        .join(User, User.id == Gift.volunteer_id)
        .where(Gift.project_id == project_id, Gift.undone_at.is_(None))
        .order_by(Gift.id.desc())
        .limit(RECENT)
    )
    return [
        (
            name if named and not accounts.is_minor(birth_on) else None,
            points,
            at.astimezone(clock.ZONE).date(),
        )
        for name, birth_on, named, points, at in rows
    ]


def titles(project_ids: Iterable[int]) -> dict[int, str]:
    """Return what projects are called."""
    rows = db.session.execute(select(Project.id, Project.title).where(Project.id.in_(list(project_ids))))
    return dict(rows.all())


def uses(project_id: int) -> Sequence[Use]:
    """Return what was published about a project's use, newest first."""
    return db.session.scalars(
        select(Use).where(Use.project_id == project_id).order_by(Use.id.desc()).limit(50)
    ).all()


def mine(volunteer_id: int) -> Select[Gift, str]:
    """Select (gift, project's title) of one volunteer."""
    found = select(Gift, Project.title.label("title")).join(Project, Project.id == Gift.project_id)
    return found.where(Gift.volunteer_id == volunteer_id)


def mine_total(volunteer_id: int) -> int:
    """Return what somebody gave to projects in all."""
    whole = select(func.coalesce(func.sum(Gift.points), 0))
    return int(
        db.session.scalar(whole.where(Gift.volunteer_id == volunteer_id, Gift.undone_at.is_(None))) or 0
    )


def project_of(gift: Gift) -> tuple[Project, Funder | None]:
    """Return what a gift was for."""
    row = db.session.execute(
        select(Project, Funder)
        .outerjoin(Funder, Funder.id == Project.funder_id)
        .where(Project.id == gift.project_id)
    ).one()
    return row[0], row[1]


def family(user_id: int) -> Sequence[Any]:
    """Return what went between somebody and their family, newest first: gift, the other one's name."""
    other = (FamilyGift.giver_id == User.id) | (FamilyGift.receiver_id == User.id)
    mine_ = (FamilyGift.giver_id == user_id) | (FamilyGift.receiver_id == user_id)
    return db.session.execute(
        select(FamilyGift, User.name)
        .join(User, other & (User.id != user_id))
        .where(mine_)
        .order_by(FamilyGift.id.desc())
        .limit(50)
    ).all()


def whole(volunteer_id: int) -> Sequence[Any]:
    """Return everything somebody gave to projects, oldest first, for their own copy."""
    return db.session.execute(mine(volunteer_id).order_by(Gift.id).limit(5_000)).all()
