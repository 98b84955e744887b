"""A route of five checkpoints, a Sunday that walks it, and somebody who came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from volunteer import accounts, checkin, community, patrols, service_days, signing
from volunteer.db import db
from volunteer.patrols import PointCode, Route, Stop


@pytest.fixture
def make_route(nankeng: community.Area, lao_wang: accounts.User) -> Callable[..., Route]:
    """`make_route("周一夜查", stops=5, team=team)`."""

    def make(name: str = "周一夜查", stops: int = 5, team: Any = None) -> Route:
        route = patrols.routes.make(nankeng, name, team=team, by=lao_wang)
        grid = community.add("grid", "第一网格", nankeng)
        for n in range(1, stops + 1):
            patrols.routes.add_point(route, f"{name}第{n}点", grid, f"看看{n}号楼的消防通道", by=lao_wang)
        return route

    return make


@pytest.fixture
def route(make_route: Callable[..., Route]) -> Route:
    return make_route()


@pytest.fixture
def walk(day: service_days.ServiceDay, route: Route, lao_wang: accounts.User) -> service_days.ServiceDay:
    """Sunday 2026-03-08, 09:00 to 11:30, walks the route."""
    patrols.plans.choose(day, route, by=lao_wang)
    return day


@pytest.fixture
def come(clock: Any, walk: service_days.ServiceDay) -> Callable[..., None]:
    """Sign up and check in: `come(xiaoman)`."""

    def one(person: accounts.User, day: service_days.ServiceDay = walk) -> None:
        service_days.sign_up(person, day)
        clock.move(day.starts_at)
        checkin.record(person, checkin.showing(day).code, signing.scan_id())

    return one


@pytest.fixture
def go(clock: Any, walk: service_days.ServiceDay) -> Callable[..., None]:
    """Leave at the end: `go(xiaoman)`."""

    def one(person: accounts.User, day: service_days.ServiceDay = walk) -> Any:
        clock.move(day.ends_at)
        return checkin.record(person, checkin.showing(day).code, signing.scan_id())

    return one


def code_of(route: Route, nth: int) -> str:
    """The code on the sheet at the nth checkpoint today."""
    point = patrols.routes.points(route)[nth - 1]
    found = db.session.scalar(
        select(PointCode.code).where(PointCode.point_id == point.id, PointCode.ended_at.is_(None))
    )
    assert found
    return found


def stops_of(day: service_days.ServiceDay) -> Sequence[Stop]:
    return db.session.scalars(select(Stop).filter_by(service_day_id=day.id).order_by(Stop.nth)).all()
