"""Lists of activities, one query each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, and_, or_, select

from volunteer import access
from volunteer.activities.models import Activity
from volunteer.community import Station
from volunteer.db import db
from volunteer.paging import Page, page
from volunteer.teams import Team


def desk(*, q: str = "", state: str = "", team_id: int | None = None) -> Page:
    """A page of the activities the person signed in looks after, newest first, each with its team's name."""
    found = select(Activity, Team.name.label("team")).join(Team, Team.id == Activity.team_id)
    found = access.within(found, Activity, "activity.read")
    if q:
        words = q.strip()
        found = found.where(
            or_(
                Activity.title.icontains(words, autoescape=True),
                Activity.place_name.icontains(words, autoescape=True),
            )
        )
    if state:
        found = found.where(Activity.state == state)
    if team_id:
        found = found.where(Activity.team_id == team_id)
    return page(found, key=Activity.id, size=30, scalars=False)


def stations(area_paths: Sequence[str]) -> dict[int, str]:
    """The stations in these areas, id → name, for a form."""
    if not area_paths:
        return {}
    inside = or_(*(Station.area_path.startswith(path) for path in set(area_paths)))
    found = db.session.execute(select(Station.id, Station.name).where(inside).order_by(Station.name))
    return {row.id: row.name for row in found}


def waiting() -> Sequence[Row[Activity, str]]:
    """Activities that wait for the person signed in to decide, the oldest first."""
    asked = (
        select(Activity, Team.name.label("team"))
        .join(Team, Team.id == Activity.team_id)
        .where(waits())
        .order_by(Activity.asked_at, Activity.id)
    )
    return db.session.execute(asked).all()


def waits() -> ColumnElement[bool]:
    """The condition on an activity: it waits for the person signed in."""
    return and_(Activity.state == "pending", access.covered(Activity, "activity.approve"))


def of_team(team_id: int) -> Sequence[Activity]:
    """What a team does, for everybody to read: published activities, newest first."""
    return db.session.scalars(
        select(Activity)
        .where(Activity.team_id == team_id, Activity.state == "published")
        .order_by(Activity.id.desc())
    ).all()
