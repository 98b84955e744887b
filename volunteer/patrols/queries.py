"""Reads for the pages of routes, walks and findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, paging
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.checkin import Attendance
from volunteer.community import Area
from volunteer.db import db
from volunteer.patrols.models import Finding, Patrol, PatrolSeries, Point, PointCode, Route, Stop, Visit
from volunteer.service_days import ServiceDay, Signup
from volunteer.teams import Team

# ── routes ──


def routes(state: str = "open", q: str = "") -> paging.Page:
    """Return a page of routes within reach: route, community, team, number of checkpoints."""
    points = (
        select(func.count())
        .select_from(Point)
        .where(Point.route_id == Route.id, Point.ended_at.is_(None))
        .correlate(Route)
        .scalar_subquery()
    )
    found = (
        select(Route, Area.name.label("area"), Team.name.label("team"), points.label("points"))
        .join(Area, Area.id == Route.area_id)
        .outerjoin(Team, Team.id == Route.team_id)
        .where(access.covered(Route, "patrol.plan"), Route.state == state)
    )
    if q.strip():
        found = found.where(Route.name.contains(q.strip()[:40], autoescape=True))
    return paging.page(found, key=Route.id, size=30, scalars=False)


def route_points(route_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the checkpoints of a route in order: point, name of its area, code and number of its sheet."""
    return db.session.execute(
        select(Point, Area.name.label("area"), PointCode.code, PointCode.id.label("sheet"), PointCode.made_at)
        .join(Area, Area.id == Point.area_id)
        .outerjoin(PointCode, and_(PointCode.point_id == Point.id, PointCode.ended_at.is_(None)))
        .where(Point.route_id == route_id, Point.ended_at.is_(None))
        .order_by(Point.nth, Point.id)
    ).all()


def team_choices(area_paths: Sequence[str], team_ids: Sequence[int]) -> list[Team]:
    """Return the teams at work that somebody plans for: within their areas, or their own."""
    wanted = [Team.id.in_(team_ids), *(Team.area_path.startswith(path) for path in area_paths)]
    return list(
        db.session.scalars(
            select(Team).where(Team.state == "active", or_(*wanted)).order_by(Team.name).limit(200)
        )
    )


# ── walks ──


def patrol(day_id: int) -> Patrol | None:
    """Return the walk of a day, None when it is no patrol."""
    return db.session.get(Patrol, day_id)


def follows(series_id: int | None) -> bool:
    """Whether the coming days of a series walk a route by themselves."""
    return series_id is not None and db.session.get(PatrolSeries, series_id) is not None


def walk(day_id: int, volunteer_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the stops of a walk in order: stop, name of its area, and when somebody was there."""
    return db.session.execute(
        select(Stop, Area.name.label("area"), Visit.seen_at, Visit.flag)
        .join(Area, Area.id == Stop.area_id)
        .outerjoin(Visit, and_(Visit.stop_id == Stop.id, Visit.volunteer_id == volunteer_id))
        .where(Stop.service_day_id == day_id)
        .order_by(Stop.nth, Stop.id)
    ).all()


def walker(day_id: int, volunteer_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return day, walk and title for somebody who signed up or came, None for whoever has no part in it."""
    mine = or_(
        select(Signup.id)
        .where(
            Signup.service_day_id == day_id,
            Signup.volunteer_id == volunteer_id,
            Signup.state.in_(("accepted", "waitlisted", "attended", "no_show")),
        )
        .exists(),
        select(Attendance.id)
        .where(
            Attendance.service_day_id == day_id,
            Attendance.volunteer_id == volunteer_id,
            Attendance.state != "void",
        )
        .exists(),
    )
    return db.session.execute(
        select(ServiceDay, Patrol, Activity)
        .join(Patrol, Patrol.service_day_id == ServiceDay.id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(ServiceDay.id == day_id, mine)
    ).first()


def stay(day_id: int, volunteer_id: int) -> Attendance | None:
    """Return somebody's latest stay on a day."""
    return db.session.scalar(
        select(Attendance)
        .where(
            Attendance.service_day_id == day_id,
            Attendance.volunteer_id == volunteer_id,
            Attendance.state != "void",
        )
        .order_by(Attendance.id.desc())
        .limit(1)
    )


def walkers(day_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who is on a walk: name, number, in and out, stops done, doubtful ones, the latest stop and when."""
    latest, last_stop = aliased(Visit), aliased(Stop)
    newest = (
        select(latest.id)
        .where(latest.service_day_id == day_id, latest.volunteer_id == User.id)
        .order_by(latest.seen_at.desc(), latest.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )
    last = aliased(Visit)
    done = (
        select(
            Visit.volunteer_id,
            func.count().label("done"),
            func.count(Visit.flag).label("doubtful"),
        )
        .where(Visit.service_day_id == day_id)
        .group_by(Visit.volunteer_id)
        .subquery()
    )
    stays = (
        select(
            Attendance.volunteer_id,
            func.min(Attendance.in_at).label("in_at"),
            func.max(Attendance.id).label("last_id"),
        )
        .where(Attendance.service_day_id == day_id, Attendance.state != "void")
        .group_by(Attendance.volunteer_id)
        .subquery()
    )
    final = aliased(Attendance)
    return db.session.execute(
        select(
            User.id,
            User.name,
            User.volunteer_no,
            stays.c.in_at,
            final.out_at,
            func.coalesce(done.c.done, 0).label("done"),
            func.coalesce(done.c.doubtful, 0).label("doubtful"),
            last_stop.name.label("stop"),
            last.seen_at,
        )
        .join(stays, stays.c.volunteer_id == User.id)
        .join(final, final.id == stays.c.last_id)
        .outerjoin(done, done.c.volunteer_id == User.id)
        .outerjoin(last, last.id == newest)
        .outerjoin(last_stop, last_stop.id == last.stop_id)
        .where(accounts.listed())
        .order_by(func.coalesce(done.c.done, 0).desc(), stays.c.in_at, User.id)
    ).all()


def stops(day_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the stops of a walk: stop, area, how many were there, how many things were found there."""
    came = (
        select(func.count())
        .select_from(Visit)
        .where(Visit.stop_id == Stop.id)
        .correlate(Stop)
        .scalar_subquery()
    )
    found = (
        select(func.count())
        .select_from(Finding)
        .where(Finding.stop_id == Stop.id)
        .correlate(Stop)
        .scalar_subquery()
    )
    return db.session.execute(
        select(Stop, Area.name.label("area"), came.label("came"), found.label("found"))
        .join(Area, Area.id == Stop.area_id)
        .where(Stop.service_day_id == day_id)
        .order_by(Stop.nth, Stop.id)
    ).all()


# ── findings ──


def _findings() -> Any:
    return (
        select(Finding, Area.name.label("area"), Stop.name.label("stop"))
        .join(Area, Area.id == Finding.area_id)
        .outerjoin(Stop, Stop.id == Finding.stop_id)
    )


def narrowed(right: str, state: str = "", kind: str = "", q: str = "", area_path: str = "") -> list[Any]:
    """Return the conditions that narrow findings to somebody's reach and to what the page asks for."""
    conditions: list[Any] = [access.covered(Finding, right)]
    if state in ("reported", "accepted", "resolved", "declined"):
        conditions.append(Finding.state == state)
    elif state == "open":
        conditions.append(Finding.state.in_(("reported", "accepted")))
    if kind:
        conditions.append(Finding.kind == kind)
    if q.strip():
        conditions.append(Finding.words.contains(q.strip()[:40], autoescape=True))
    if area_path:
        conditions.append(Finding.area_path.startswith(area_path))
    return conditions


def findings(*conditions: Any) -> paging.Page:
    """Return a page of findings, newest first: finding, area, stop."""
    found = _findings().where(*conditions)
    return paging.page(found, key=(Finding.reported_at, Finding.id), size=30, scalars=False)


def findings_of_day(day_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what was found on a walk, in the order of the route."""
    return db.session.execute(
        _findings().where(Finding.service_day_id == day_id).order_by(Stop.nth, Finding.id).limit(500)
    ).all()


def finding(finding_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return a finding with its area and stop, whoever asks."""
    return db.session.execute(_findings().where(Finding.id == finding_id)).first()


def name_of(person_id: int) -> str:
    """Return the name of whoever reported something."""
    return db.session.scalar(select(User.name).where(User.id == person_id)) or ""


def mine(person_id: int) -> paging.Page:
    """Return a page of what somebody reported, newest first."""
    return findings(Finding.reporter_id == person_id)


def fresh(right: str = "finding.answer") -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the findings within reach that nobody has taken up, oldest first."""
    return db.session.execute(
        _findings().where(waits(right)).order_by(Finding.reported_at, Finding.id).limit(100)
    ).all()


def waits(right: str = "finding.answer") -> ColumnElement[bool]:
    """The condition on a finding: it is within reach, and nobody has taken it up."""
    return and_(Finding.state == "reported", access.covered(Finding, right))


def fresh_count() -> int:
    """Return how many findings within reach nobody has taken up."""
    return db.session.scalar(select(func.count()).select_from(Finding).where(waits())) or 0


def figures() -> Sequence[Row[*tuple[Any, ...]]]:
    """Return for each community with findings how many were reported, are open, were resolved; numbers only."""
    return db.session.execute(
        select(
            Area.name.label("area"),
            func.count().label("reported"),
            func.count().filter(Finding.state.in_(("reported", "accepted"))).label("open"),
            func.count().filter(Finding.state == "resolved").label("resolved"),
        )
        .select_from(Finding)
        .join(Area, and_(Area.kind == "community", Finding.area_path.startswith(Area.path)))
        .group_by(Area.id, Area.name)
        .order_by(func.count().desc(), Area.id)
    ).all()
