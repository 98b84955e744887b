"""What the calendar, a person's own list, the desk and the API read: one query a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from volunteer import access, accounts, clock
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.paging import Page, page
from volunteer.service_days.models import Post, Series, ServiceDay, Signup, Slot
from volunteer.service_days.places import COMING, HOLDS, HOPES, QUEUE
from volunteer.teams import Team

#: An activity whose days anybody may see: it is open, or was.
SHOWN = ("published", "closed", "cancelled")


def _days() -> Select[*tuple[Any, ...]]:
    return (
        select(ServiceDay, Activity, Team.name.label("team"))
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(Team, Team.id == ServiceDay.team_id)
        .where(Activity.state.in_(SHOWN))
    )


def _narrowed(
    since: date | None,
    until: date | None,
    area_path: str = "",
    category: str = "",
    q: str = "",
    team_id: int | None = None,
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if since:
        wanted.append(ServiceDay.on >= since)
    if until:
        wanted.append(ServiceDay.on <= until)
    if area_path:
        wanted.append(ServiceDay.area_path.startswith(area_path))
    if category:
        wanted.append(Activity.category == category)
    if team_id is not None:
        wanted.append(ServiceDay.team_id == team_id)
    for word in q.split()[:5]:
        wanted.append(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Activity.title, Activity.place_name, Activity.place_address, Team.name)
                )
            )
        )
    return wanted


def between(
    since: date,
    until: date,
    *,
    area_path: str = "",
    category: str = "",
    q: str = "",
    team_id: int | None = None,
    me: int | None = None,
    limit: int = 400,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The days of a stretch of dates, earliest first: day, activity, team, and what the reader has on it."""
    mine = and_(Signup.service_day_id == ServiceDay.id, Signup.volunteer_id == me)
    narrowed = _narrowed(since, until, area_path, category, q, team_id)
    found = _days().where(*narrowed, ServiceDay.state != "cancelled")
    found = found.outerjoin(Signup, mine).add_columns(Signup.state.label("my_state"))
    return db.session.execute(found.order_by(ServiceDay.starts_at, ServiceDay.id).limit(limit)).all()


def following(
    after: date, *, area_path: str = "", category: str = "", q: str = "", team_id: int | None = None
) -> date | None:
    """The date of the first day after another date, so that an empty month can point to it."""
    later = select(func.min(ServiceDay.on)).join(Activity, Activity.id == ServiceDay.activity_id)
    later = later.join(Team, Team.id == ServiceDay.team_id).where(
        Activity.state.in_(SHOWN), ServiceDay.state != "cancelled", ServiceDay.on > after
    )
    return db.session.scalar(later.where(*_narrowed(None, None, area_path, category, q, team_id)))


def listing(since: date | None, until: date | None, area_path: str = "") -> Page:
    """A page of days for the API, earliest first, called-off ones included."""
    found = _days().where(*_narrowed(since, until, area_path))
    return page(found, key=(ServiceDay.on, ServiceDay.id), descending=False, scalars=False)


def shown(day_id: int) -> Row[*tuple[Any, ...]]:
    """A day with its activity, its team and its community, for anybody.

    :raises NotFound: there is none, or its activity is not public
    """
    found = _days().where(ServiceDay.id == day_id)
    area = found.join(Area, Area.path == ServiceDay.area_path).add_columns(Area.name.label("area"))
    row = db.session.execute(area).first()
    if row is None:
        raise NotFound
    return row


def get(day_id: int) -> ServiceDay:
    """A day anybody may see.

    :raises NotFound: there is none, or its activity is not public
    """
    day: ServiceDay = shown(day_id).ServiceDay
    return day


def posts(day: ServiceDay) -> Sequence[Post]:
    """The posts of a day, in the order they were written."""
    return db.session.scalars(select(Post).where(Post.service_day_id == day.id).order_by(Post.id)).all()


def mine(volunteer_id: int, *, past: bool = False, limit: int = 50) -> Sequence[Row[*tuple[Any, ...]]]:
    """The days somebody signed up for: those to come, soonest first, or those gone by, latest first."""
    found = (
        select(ServiceDay, Activity, Signup, Post.name.label("post"))
        .join(Signup, Signup.service_day_id == ServiceDay.id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(Post, Post.id == Signup.post_id)
        .where(Signup.volunteer_id == volunteer_id)
    )
    if past:
        found = found.where(ServiceDay.ends_at < clock.now(), Signup.state != "left")
        return db.session.execute(found.order_by(ServiceDay.starts_at.desc()).limit(limit)).all()
    found = found.where(
        ServiceDay.ends_at >= clock.now(),
        Signup.state.in_((*COMING, "attended", "cancelled")),
    )
    return db.session.execute(found.order_by(ServiceDay.starts_at).limit(limit)).all()


def signup_of(day: ServiceDay, volunteer_id: int | None) -> Signup | None:
    """What somebody has on a day."""
    if volunteer_id is None:
        return None
    return db.session.scalar(
        select(Signup).where(Signup.service_day_id == day.id, Signup.volunteer_id == volunteer_id)
    )


def people(day: ServiceDay) -> Sequence[Row[*tuple[Any, ...]]]:
    """Who has a place, who waits, who left: sign-up, person, post; the queue in its order."""
    standing = case((Signup.state.in_(HOLDS), 0), (Signup.state.in_(HOPES), 1), else_=2)
    return db.session.execute(
        select(Signup, User, Post.name.label("post"), Slot.at.label("slot"))
        .join(User, User.id == Signup.volunteer_id)
        .outerjoin(Post, Post.id == Signup.post_id)
        .outerjoin(Slot, Slot.id == Signup.slot_id)
        .where(Signup.service_day_id == day.id, accounts.listed())
        .order_by(standing, *QUEUE)
    ).all()


def team_name(team_id: int | None) -> str | None:
    """What a team is called."""
    return db.session.scalar(select(Team.name).where(Team.id == team_id)) if team_id else None


def other_teams(day: ServiceDay) -> Sequence[Row[*tuple[Any, ...]]]:
    """The teams at work in the day's community, its own aside: id and name, by name."""
    community = "/".join(day.area_path.split("/")[:3]) + "/"
    return db.session.execute(
        select(Team.id, Team.name)
        .where(Team.state == "active", Team.id != day.team_id, Team.area_path.startswith(community))
        .order_by(Team.name, Team.id)
    ).all()


def waiting_count(day: ServiceDay) -> int:
    """How many wait for a place."""
    waits = select(func.count()).where(Signup.service_day_id == day.id, Signup.state == "waitlisted")
    return db.session.scalar(waits) or 0


def desk(*, since: date | None = None, q: str = "", team_id: int | None = None) -> Page:
    """The days the person signed in looks after, soonest first."""
    found = access.within(_days(), ServiceDay, "roll.read")
    found = found.where(*_narrowed(since, None, q=q, team_id=team_id))
    return page(found, key=(ServiceDay.on, ServiceDay.id), descending=False, size=30, scalars=False)


def of_activity(activity_id: int, *, past: bool = False) -> Sequence[ServiceDay]:
    """The days of an activity: those to come, soonest first, or those gone by, latest first."""
    days = select(ServiceDay).where(ServiceDay.activity_id == activity_id)
    if past:
        days = days.where(ServiceDay.ends_at < clock.now()).order_by(ServiceDay.starts_at.desc()).limit(12)
    else:
        days = days.where(ServiceDay.ends_at >= clock.now()).order_by(ServiceDay.starts_at).limit(60)
    return db.session.scalars(days).all()


def series_of(activity_id: int) -> Sequence[Series]:
    """The series of an activity, those that run first."""
    return db.session.scalars(
        select(Series)
        .where(Series.activity_id == activity_id)
        .order_by(case((Series.state == "running", 0), else_=1), Series.id)
    ).all()


def teams_at_work() -> list[tuple[int, str]]:
    """(id, name) of every team at work, for the list of calendars."""
    named = select(Team.id, Team.name).where(Team.state == "active").order_by(Team.name, Team.id)
    return [(row.id, row.name) for row in db.session.execute(named)]


def feed(
    now: datetime, *, area_path: str = "", team_id: int | None = None, limit: int = 1000
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The days of the coming twelve months and the last, for calendars that subscribe; called-off ones included."""
    since, until = _feed_span(now)
    found = _days().where(*_narrowed(since, until, area_path, team_id=team_id))
    return db.session.execute(found.order_by(ServiceDay.starts_at, ServiceDay.id).limit(limit)).all()


def feed_of(volunteer_id: int, now: datetime, limit: int = 500) -> Sequence[Row[*tuple[Any, ...]]]:
    """The same for one person: the days they have a place on or wait for, and those that were called off for them."""
    since, until = _feed_span(now)
    # Whoever left or got no place no longer has the day; for whom it was called off is told that it is off.
    theirs = or_(Signup.state.in_((*COMING, "attended", "no_show")), ServiceDay.state == "cancelled")
    found = _days().join(Signup, Signup.service_day_id == ServiceDay.id)
    found = found.add_columns(Signup.state.label("my_state"))
    found = found.where(
        *_narrowed(since, until),
        Signup.volunteer_id == volunteer_id,
        theirs,
        Signup.state.not_in(("left", "lapsed")),
    )
    return db.session.execute(found.order_by(ServiceDay.starts_at, ServiceDay.id).limit(limit)).all()


def _feed_span(now: datetime) -> tuple[date, date]:
    local = now.astimezone(clock.ZONE).date()
    return (local.replace(day=1) - timedelta(days=1)).replace(day=1), local.replace(
        year=local.year + 1, day=min(local.day, 28)
    )
