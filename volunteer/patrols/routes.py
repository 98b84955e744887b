"""Routes: made, named, closed; their checkpoints added, changed, taken off; the sheets on the walls and their codes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from volunteer import accounts, clock, codes, community, events, identity, teams
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.patrols import plans
from volunteer.patrols.models import Point, PointCode, Route

POINTS_MAX = 30


@events.kind
class RouteMade(events.Event):
    route_id: int


@events.kind
class RouteChanged(events.Event):
    route_id: int
    what: str


@events.kind
class CodeRenewed(events.Event):
    route_id: int
    point_id: int


class NameTaken(Refusal):
    code = "route.name"
    status = 422
    says = _("这个社区已经有叫“{name}”的路线了，换个名字吧。")


class TooManyPoints(Refusal):
    code = "route.points"
    says = _("一条路线最多 {most} 个打卡点。")


class WrongPlace(Refusal):
    code = "route.place"
    status = 422
    says = _("打卡点要在这条路线的社区里。")


def make(
    area: community.Area, name: str, *, team: teams.Team | None = None, by: accounts.User | None
) -> Route:
    """Make a route of a community, or of one team in it.

    :raises NameTaken: the community has another of that name
    """
    name = identity.free_text(name, 40)
    _name_is_free(area.id, name)

    route = Route(
        team_id=team.id if team else None,
        area_id=area.id,
        area_path=area.path,
        name=name,
        state="open",
        created_by=by.id if by else None,
        created_at=clock.now(),
    )
    db.session.add(route)
    db.session.flush()

    events.record(RouteMade(route_id=route.id), about=f"route:{route.id}", within=f"area:{area.id}")
    return route


def rename(route: Route, name: str) -> Route:
    """Give a route another name; walks that have begun keep the old one.

    :raises NameTaken: the community has another of that name
    """
    name = identity.free_text(name, 40)
    if name == route.name:
        return route
    _name_is_free(route.area_id, name)
    route.name = name
    return _changed(route, "renamed")


def close(route: Route) -> Route:
    """Put a route away: no further day can choose it, those that have it keep it."""
    if route.state == "closed":
        return route
    route.state = "closed"
    return _changed(route, "closed")


def reopen(route: Route) -> Route:
    """Take a route out again."""
    if route.state == "open":
        return route
    route.state = "open"
    return _changed(route, "reopened")


def add_point(
    route: Route, name: str, area: community.Area, hint: str = "", *, by: accounts.User | None
) -> Point:
    """Add a checkpoint at the end of a route, with a code of its own.

    :raises TooManyPoints: there are thirty
    :raises WrongPlace: it lies outside the route's community
    """
    there = points(route)
    if len(there) >= POINTS_MAX:
        raise TooManyPoints(most=POINTS_MAX)
    point = Point(route_id=route.id, nth=len(there) + 1)
    _describe(route, point, name, area, hint)
    db.session.add(point)
    db.session.flush()
    _sheet(point, by)
    _changed(route, "point_added")
    return point


def edit_point(route: Route, point: Point, name: str, area: community.Area, hint: str, nth: int) -> Point:
    """Change a checkpoint and move it to the nth place; walks that have begun keep it as it was.

    :raises WrongPlace: it lies outside the route's community
    """
    _describe(route, point, name, area, hint)
    others = [one for one in points(route) if one.id != point.id]
    others.insert(max(0, min(nth - 1, len(others))), point)
    _number(others)
    _changed(route, "point_changed")
    return point


def drop_point(route: Route, point: Point) -> None:
    """Take a checkpoint off a route; walks that have begun keep it, and its code with it."""
    if point.ended_at is not None:
        return
    point.ended_at = clock.now()
    _number([one for one in points(route) if one.id != point.id])
    _changed(route, "point_dropped")


def renew(route: Route, point: Point, *, by: accounts.User | None) -> PointCode:
    """Print a new sheet for a checkpoint: the old code is refused from now on, wherever it was copied to."""
    old = db.session.scalar(
        select(PointCode)
        .where(PointCode.point_id == point.id, PointCode.ended_at.is_(None))
        .with_for_update()
    )
    if old is not None:
        old.ended_at = clock.now()
        db.session.flush()
    sheet = _sheet(point, by)
    events.record(
        CodeRenewed(route_id=route.id, point_id=point.id),
        about=f"route:{route.id}",
        within=f"area:{route.area_id}",
    )
    return sheet


def points(route: Route) -> Sequence[Point]:
    """The checkpoints of a route today, in their order."""
    return db.session.scalars(
        select(Point)
        .where(Point.route_id == route.id, Point.ended_at.is_(None))
        .order_by(Point.nth, Point.id)
    ).all()


def point_of(route: Route, point_id: int) -> Point:
    """One checkpoint of a route.

    :raises NotFound: it is not on this route, or no longer
    """
    point = db.session.get(Point, point_id)
    if point is None or point.route_id != route.id or point.ended_at is not None:
        raise NotFound
    return point


def _describe(route: Route, point: Point, name: str, area: community.Area, hint: str) -> None:
    if not area.path.startswith(route.area_path):
        raise WrongPlace
    point.name, point.area_id = identity.free_text(name, 40), area.id
    point.hint = identity.free_text(hint, 120, empty=True) or None


def _number(ordered: Sequence[Point]) -> None:
    for nth, point in enumerate(ordered, 1):
        point.nth = nth


def _sheet(point: Point, by: accounts.User | None) -> PointCode:
    sheet = PointCode(
        point_id=point.id, code=codes.new_point(), made_by=by.id if by else None, made_at=clock.now()
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet


def _name_is_free(area_id: int, name: str) -> None:
    same = select(func.count()).select_from(Route).where(Route.area_id == area_id, Route.name == name)
    if db.session.scalar(same):
        raise NameTaken(name=name, field="name")


def _changed(route: Route, what: str) -> Route:
    db.session.flush()
    plans.refresh(route)
    events.record(
        RouteChanged(route_id=route.id, what=what), about=f"route:{route.id}", within=f"area:{route.area_id}"
    )
    return route
