"""Routes and which days walk them; a walk keeps its stops as they were when it began."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.volunteer.patrols.conftest import code_of, stops_of
from volunteer import accounts, activities, community, patrols, service_days, teams, timetable
from volunteer.db import db
from volunteer.patrols import Patrol, PointCode, Route, Stop


def names(day: service_days.ServiceDay) -> list[str]:
    return [stop.name for stop in stops_of(day)]


def walks() -> int:
    return db.session.scalar(select(func.count()).select_from(Patrol)) or 0


def test_a_route_edited_before_the_walk_is_walked_as_edited(
    route: Route, walk: service_days.ServiceDay, nankeng: community.Area, lao_wang: accounts.User
) -> None:
    """O15."""
    points = patrols.routes.points(route)
    patrols.routes.edit_point(route, points[4], "新东门", nankeng, "", 1)
    patrols.routes.drop_point(route, points[1])
    patrols.routes.add_point(route, "西门", nankeng, by=lao_wang)
    assert names(walk) == ["新东门", "周一夜查第1点", "周一夜查第3点", "周一夜查第4点", "西门"]
    assert [stop.nth for stop in stops_of(walk)] == [1, 2, 3, 4, 5]


def test_a_walk_that_has_begun_keeps_its_points_and_their_codes(
    clock: Any,
    xiaoman: accounts.User,
    route: Route,
    walk: service_days.ServiceDay,
    nankeng: community.Area,
    come: Callable[..., None],
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """O15: the route is changed for the next time."""
    later = make_day("2026-03-15")
    patrols.plans.choose(later, route, by=lao_wang)
    come(xiaoman)
    before, code = names(walk), code_of(route, 2)
    second = patrols.routes.points(route)[1]
    patrols.routes.edit_point(route, patrols.routes.points(route)[0], "新东门", nankeng, "", 1)
    patrols.routes.drop_point(route, second)
    patrols.routes.rename(route, "改了名的路线")
    assert names(walk) == before and len(names(later)) == 4
    assert (db.session.get_one(Patrol, walk.id).name, db.session.get_one(Patrol, later.id).name) == (
        "周一夜查",
        "改了名的路线",
    )
    assert patrols.visits.visit(xiaoman, code).service_day_id == walk.id  # it still hangs there tonight


def test_from_check_in_on_the_route_is_not_changed(
    clock: Any, walk: service_days.ServiceDay, make_route: Callable[..., Route], lao_wang: accounts.User
) -> None:
    other = make_route("西线")
    clock.move("2026-03-08 08:30")
    with pytest.raises(patrols.plans.Begun):
        patrols.plans.choose(walk, other, by=lao_wang)
    with pytest.raises(patrols.plans.Begun):
        patrols.plans.leave(walk)


def test_before_it_the_route_is_changed_or_left(
    walk: service_days.ServiceDay, make_route: Callable[..., Route], lao_wang: accounts.User
) -> None:
    other = make_route("西线", stops=2)
    patrols.plans.choose(walk, other, by=lao_wang)
    assert names(walk) == ["西线第1点", "西线第2点"]
    patrols.plans.leave(walk)
    patrols.plans.leave(walk)
    assert walks() == 0 and names(walk) == []


def test_choosing_the_same_again_changes_nothing(
    walk: service_days.ServiceDay, route: Route, lao_wang: accounts.User
) -> None:
    ids = [stop.id for stop in stops_of(walk)]
    patrols.plans.choose(walk, route, by=lao_wang)
    assert [stop.id for stop in stops_of(walk)] == ids


def test_a_route_without_points_is_not_walked(
    day: service_days.ServiceDay, make_route: Callable[..., Route], lao_wang: accounts.User
) -> None:
    with pytest.raises(patrols.plans.NoPoints):
        patrols.plans.choose(day, make_route(stops=0), by=lao_wang)


def test_another_teams_or_communitys_route_is_not_for_this_day(
    day: service_days.ServiceDay,
    daming: accounts.User,
    nankeng: community.Area,
    yangmei: community.Area,
    lao_wang: accounts.User,
) -> None:
    """T13."""
    others = teams.approve(teams.found(daming, nankeng, "巾帼队", "women", "周末清洁社区。"))
    theirs = patrols.routes.make(nankeng, "她们的", team=others, by=daming)
    next_door = patrols.routes.make(yangmei, "隔壁的", by=daming)
    patrols.routes.add_point(theirs, "东门", nankeng, by=daming)
    patrols.routes.add_point(next_door, "东门", yangmei, by=daming)
    for route in (theirs, next_door):
        with pytest.raises(patrols.plans.NotForThisDay):
            patrols.plans.choose(day, route, by=lao_wang)


def test_a_teams_own_route_and_a_closed_one(
    day: service_days.ServiceDay, team: teams.Team, make_route: Callable[..., Route], lao_wang: accounts.User
) -> None:
    route = make_route(team=team)
    patrols.routes.close(route)
    with pytest.raises(patrols.plans.NotForThisDay):
        patrols.plans.choose(day, route, by=lao_wang)
    patrols.routes.reopen(route)
    assert patrols.plans.choose(day, route, by=lao_wang).route_id == route.id


def test_points_lie_in_the_routes_community(
    route: Route, yangmei: community.Area, lao_wang: accounts.User
) -> None:
    with pytest.raises(patrols.routes.WrongPlace):
        patrols.routes.add_point(route, "隔壁东门", yangmei, by=lao_wang)


def test_a_route_has_thirty_points_at_most(
    make_route: Callable[..., Route], nankeng: community.Area, lao_wang: accounts.User
) -> None:
    route = make_route(stops=30)
    with pytest.raises(patrols.routes.TooManyPoints):
        patrols.routes.add_point(route, "第三十一个", nankeng, by=lao_wang)


def test_two_routes_of_one_name(route: Route, nankeng: community.Area, make_route: Any) -> None:
    other = make_route("西线")
    with pytest.raises(patrols.routes.NameTaken):
        patrols.routes.make(nankeng, "周一夜查", by=None)
    with pytest.raises(patrols.routes.NameTaken):
        patrols.routes.rename(other, "周一夜查")


def test_one_live_code_a_point(route: Route, lao_wang: accounts.User) -> None:
    point = patrols.routes.points(route)[0]
    sheets = [patrols.routes.renew(route, point, by=lao_wang) for _ in range(2)]
    live = db.session.scalars(select(PointCode).filter_by(point_id=point.id, ended_at=None)).all()
    assert live == [sheets[1]] and len({*sheets, *live}) == 2
    assert all(len(sheet.code) == 16 for sheet in sheets)


# ── a series ──


@pytest.fixture
def mondays(activity: activities.Activity) -> service_days.Scheduled:
    """Every Monday night."""
    return service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 9), time(19), time(21), 10)


def test_every_later_monday_walks_it_and_those_the_night_adds_too(
    clock: Any,
    here: Any,
    mondays: service_days.Scheduled,
    route: Route,
    lao_wang: accounts.User,
) -> None:
    """S0 17: every Monday night."""
    patrols.plans.choose(mondays.days[1], route, following=True, by=lao_wang)
    assert walks() == len(mondays.days) - 1  # the first stays as it was
    here.commit()
    clock.move("2026-03-24 02:50")
    with here.outside():
        for job in ("service_days.extend", "patrols.follow"):
            timetable.run_by_hand(timetable.JOBS[job], date(2026, 3, 24))
    days = db.session.scalars(
        select(service_days.ServiceDay).filter_by(series_id=mondays.series.id).order_by("starts_at")
    ).all()
    coming = [day for day in days if day.on > date(2026, 3, 24)]
    assert len(coming) >= 6 and all(len(stops_of(day)) == 5 for day in coming)


def test_one_day_alone_is_one_day(
    mondays: service_days.Scheduled, route: Route, lao_wang: accounts.User
) -> None:
    patrols.plans.choose(mondays.days[0], route, by=lao_wang)
    assert walks() == 1 and patrols.plans.follow(mondays.series.id) == 0


def test_leaving_it_stops_the_series_from_following(
    mondays: service_days.Scheduled, route: Route, lao_wang: accounts.User
) -> None:
    patrols.plans.choose(mondays.days[0], route, following=True, by=lao_wang)
    patrols.plans.leave(mondays.days[3])
    assert patrols.plans.follow(mondays.series.id) == 0 and names(mondays.days[3]) == []
    assert len(names(mondays.days[4])) == 5


def test_a_series_whose_rule_changes_drops_its_days_with_their_walks(
    mondays: service_days.Scheduled, route: Route, lao_wang: accounts.User
) -> None:
    """Days that nobody has joined are replaced, and their stops go with them."""
    patrols.plans.choose(mondays.days[0], route, following=True, by=lao_wang)
    made = service_days.change(
        mondays.series, rrule="FREQ=WEEKLY;BYDAY=TU", starts=time(19), ends=time(21), capacity=10,
    )  # fmt: skip
    assert made.days
    assert db.session.scalar(select(func.count()).select_from(Stop)) == 0
    assert patrols.plans.follow(mondays.series.id) == len(made.days)
