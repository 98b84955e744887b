"""Which day walks which route. A walk keeps its stops as they were from the moment its check-in opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select

from volunteer import accounts, clock, events, service_days
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.patrols.models import Patrol, PatrolSeries, Point, Route, Stop
from volunteer.service_days import ServiceDay


@events.kind
class RouteChosen(events.Event):
    service_day_id: int
    route_id: int


@events.kind
class RouteLeft(events.Event):
    service_day_id: int


class Begun(Refusal):
    code = "patrol.begun"
    says = _("这一场已经开始签到，路线不能再改。")
    who = _("下一场可以换。")
    action = (_("看这一场的行走"), "patrols.day", {"day_id": "day_id"})


class NoPoints(Refusal):
    code = "patrol.no_points"
    status = 422
    says = _("“{name}”还没有打卡点，先把打卡点加上。")
    action = (_("去加打卡点"), "patrols.show_route", {"route_id": "route_id"})


class NotForThisDay(Refusal):
    code = "patrol.route"
    status = 422
    says = _("这条路线不能用在这一场：要选这支队伍的，或者这个社区的路线。")


def open_routes(day: ServiceDay) -> Sequence[Route]:
    """The routes a day may choose from: those of its team, and those of its community."""
    parts = day.area_path.strip("/").split("/")
    above = ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
    return db.session.scalars(
        select(Route)
        .where(
            Route.state == "open",
            or_(Route.team_id == day.team_id, Route.team_id.is_(None) & Route.area_path.in_(above)),
        )
        .order_by(Route.name, Route.id)
    ).all()


def choose(day: ServiceDay, route: Route, *, following: bool = False, by: accounts.User | None) -> Patrol:
    """Have a day walk a route, and with `following` the later days of its series too; choosing again changes nothing.

    :raises Begun: check-in is open already
    :raises NotForThisDay: the route is another team's or another community's, or put away
    :raises NoPoints: there is nothing to walk to
    """
    if begun(day):
        raise Begun(day_id=day.id)
    if route.id not in {one.id for one in open_routes(day)}:
        raise NotForThisDay
    if not _points(route.id):
        raise NoPoints(name=route.name, route_id=route.id)
    patrol = _have(day, route, by)
    if following and day.series_id is not None:
        known = db.session.get(PatrolSeries, day.series_id)
        if known is None:
            db.session.add(PatrolSeries(series_id=day.series_id, route_id=route.id))
        else:
            known.route_id = route.id
        for later in _coming(day.series_id, day):
            _have(later, route, by)
        db.session.flush()
    return patrol


def leave(day: ServiceDay) -> None:
    """Have a day be no patrol after all, and no later day of its series become one by itself.

    :raises Begun: check-in is open already
    """
    patrol = db.session.get(Patrol, day.id)
    if patrol is None:
        return
    if begun(day):
        raise Begun(day_id=day.id)
    if day.series_id is not None:
        db.session.execute(delete(PatrolSeries).where(PatrolSeries.series_id == day.series_id))
    db.session.execute(delete(Stop).where(Stop.service_day_id == day.id))
    db.session.execute(delete(Patrol).where(Patrol.service_day_id == day.id))
    events.record(RouteLeft(service_day_id=day.id), about=f"service_day:{day.id}")


def follow(series_id: int) -> int:
    """Have the days a series has got since walk its route, and return how many."""
    chosen = db.session.get(PatrolSeries, series_id)
    route = db.session.get(Route, chosen.route_id) if chosen else None
    if route is None or route.state != "open" or not _points(route.id):
        return 0
    fresh = [day for day in _coming(series_id) if db.session.get(Patrol, day.id) is None]
    for day in fresh:
        _have(day, route, None)
    return len(fresh)


def refresh(route: Route) -> None:
    """Copy a changed route into the walks that have not begun."""
    waiting = db.session.execute(
        select(Patrol, ServiceDay)
        .join(ServiceDay, ServiceDay.id == Patrol.service_day_id)
        .where(Patrol.route_id == route.id, ServiceDay.ends_at > clock.now())
    ).all()
    for patrol, day in waiting:
        if not begun(day):
            patrol.name = route.name
            _copy(patrol)


def begun(day: ServiceDay) -> bool:
    """Whether the day's check-in has opened."""
    return clock.now() >= service_days.windows(day).checkin_opens


def _have(day: ServiceDay, route: Route, by: accounts.User | None) -> Patrol:
    patrol = db.session.get(Patrol, day.id)
    if patrol is not None and patrol.route_id == route.id:
        return patrol
    if patrol is None:
        patrol = Patrol(service_day_id=day.id)
        db.session.add(patrol)
    patrol.route_id, patrol.name = route.id, route.name
    patrol.chosen_by, patrol.chosen_at = by.id if by else None, clock.now()
    db.session.flush()
    _copy(patrol)
    events.record(
        RouteChosen(service_day_id=day.id, route_id=route.id),
        about=f"service_day:{day.id}",
        within=f"route:{route.id}",
    )
    return patrol


def _copy(patrol: Patrol) -> None:
    db.session.execute(delete(Stop).where(Stop.service_day_id == patrol.service_day_id))
    db.session.add_all(
        Stop(
            service_day_id=patrol.service_day_id,
            point_id=point.id,
            nth=point.nth,
            name=point.name,
            area_id=point.area_id,
            hint=point.hint,
        )
        for point in _points(patrol.route_id)
    )
    db.session.flush()


def _points(route_id: int) -> Sequence[Point]:
    return db.session.scalars(
        select(Point)
        .where(Point.route_id == route_id, Point.ended_at.is_(None))
        .order_by(Point.nth, Point.id)
    ).all()


def _coming(series_id: int, after: ServiceDay | None = None) -> list[ServiceDay]:
    """The days of a series that have not begun, after one of them or all."""
    since = after.starts_at if after else clock.now() - timedelta(days=1)
    days = db.session.scalars(
        select(ServiceDay)
        .where(
            ServiceDay.series_id == series_id,
            ServiceDay.state == "open",
            ServiceDay.starts_at > since,
        )
        .order_by(ServiceDay.starts_at)
    ).all()
    return [day for day in days if not begun(day)]
