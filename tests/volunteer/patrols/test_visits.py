"""A checkpoint scanned: once a person, whoever is there; every reason to say no by its own name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.volunteer.patrols.conftest import code_of
from volunteer import (
    accounts,
    activities,
    checkin,
    codes,
    patrols,
    service_days,
    signing,
)
from volunteer import (
    clock as wall_clock,
)
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.patrols import Route, Visit
from volunteer.patrols.visits import hurried


def seen() -> int:
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def refused(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def test_whoever_is_checked_in_is_recorded_in_any_order(
    clock: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    """O15: each checkpoint once, in whatever order one walks."""
    come(xiaoman)
    for minute, nth in enumerate((3, 1, 5), 1):
        clock.pass_(minutes=minute)
        assert patrols.visits.visit(xiaoman, code_of(route, nth)).flag is None
    assert seen() == 3


def test_the_whole_address_and_small_letters_are_the_same_code(
    xiaoman: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    come(xiaoman)
    code = code_of(route, 1)
    first = patrols.visits.visit(xiaoman, f"{current_app.config['BASE_URL']}/w/{code}")
    assert patrols.visits.visit(xiaoman, code.lower()).id == first.id


def test_scanning_the_same_checkpoint_again_is_the_same_visit(
    clock: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    """T03."""
    come(xiaoman)
    first = patrols.visits.visit(xiaoman, code_of(route, 1))
    clock.pass_(minutes=30)
    again = patrols.visits.visit(xiaoman, code_of(route, 1))
    assert (again.id, again.seen_at, seen()) == (first.id, first.seen_at, 1)


def test_two_people_at_one_checkpoint_are_two_visits(
    xiaoman: accounts.User, daming: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    come(xiaoman)
    service_days_code = code_of(route, 1)
    patrols.visits.visit(xiaoman, service_days_code)
    with pytest.raises(patrols.visits.NotCheckedIn):
        patrols.visits.visit(daming, service_days_code)
    assert seen() == 1


# ── no ──


def test_a_code_that_was_never_ours(xiaoman: accounts.User, come: Callable[..., None]) -> None:
    """T05."""
    come(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, codes.new_point()))
    assert (said.code, said.status) == ("signing.forged", 400)


def test_another_code_of_ours(
    xiaoman: accounts.User, walk: service_days.ServiceDay, come: Callable[..., None]
) -> None:
    """T05."""
    come(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, checkin.showing(walk).code))
    assert (said.code, said.status) == ("signing.wrong_type", 400)


def test_a_renewed_sheet_is_refused_by_name_and_the_new_one_is_taken(
    xiaoman: accounts.User, lao_wang: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    """T01: a picture of the old sheet is worth nothing, also while the walk goes on."""
    come(xiaoman)
    old = code_of(route, 2)
    patrols.routes.renew(route, patrols.routes.points(route)[1], by=lao_wang)
    said = refused(lambda: patrols.visits.visit(xiaoman, old))
    assert (said.code, said.status) == ("patrol.renewed", 410)
    assert "周一夜查第2点" in said.detail and seen() == 0
    assert patrols.visits.visit(xiaoman, code_of(route, 2)).flag is None


def test_before_checking_in(
    clock: Any, xiaoman: accounts.User, walk: service_days.ServiceDay, route: Route
) -> None:
    """T01: the code alone is worth nothing to whoever is not there."""
    service_days.sign_up(xiaoman, walk)
    clock.move("2026-03-08 09:00")
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert (said.code, said.status, said.action[1]) == ("patrol.not_checked_in", 409, "checkin.scan")  # type: ignore[index]


def test_before_the_gate_opens(
    clock: Any, xiaoman: accounts.User, walk: service_days.ServiceDay, route: Route
) -> None:
    clock.move("2026-03-08 08:00")
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.not_yet" and "08:30" in said.detail


def test_on_another_day_it_says_when_the_next_walk_is(
    xiaoman: accounts.User, walk: service_days.ServiceDay, route: Route
) -> None:
    said = refused(
        lambda: patrols.visits.visit(xiaoman, code_of(route, 1))
    )  # Saturday, the walk is on Sunday
    assert said.code == "patrol.wrong_day" and "3月8日" in said.detail


def test_where_no_walk_passes_at_all(xiaoman: accounts.User, route: Route) -> None:
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.wrong_day" and said.action and said.action[1] == "service_days.calendar"


def test_a_checkpoint_of_another_route(
    xiaoman: accounts.User, make_route: Callable[..., Route], come: Callable[..., None]
) -> None:
    other = make_route("西线")
    come(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(other, 1)))
    assert (said.code, seen()) == ("patrol.other_route", 0)


def test_checked_in_to_a_day_that_is_no_walk(
    xiaoman: accounts.User, make_route: Callable[..., Route], day: service_days.ServiceDay, clock: Any
) -> None:
    route = make_route()
    service_days.sign_up(xiaoman, day)
    clock.move(day.starts_at)
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.other_route" and "不是行走" in said.detail


def test_a_walk_called_off(
    clock: Any, xiaoman: accounts.User, walk: service_days.ServiceDay, route: Route
) -> None:
    service_days.call_off(walk, "下大雨")
    clock.move("2026-03-08 09:30")
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.cancelled" and "下大雨" in said.detail


def test_after_checking_out(
    xiaoman: accounts.User, route: Route, come: Callable[..., None], go: Callable[..., Any]
) -> None:
    come(xiaoman)
    go(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.checked_out" and "11:30" in said.detail


def test_a_stay_that_waits_for_the_roll_is_over_too_once_checked_out(
    clock: Any, xiaoman: accounts.User, walk: service_days.ServiceDay, route: Route, go: Callable[..., Any]
) -> None:
    service_days.sign_up(xiaoman, walk)
    clock.move("2026-03-08 09:05")
    at = wall_clock.now() - timedelta(minutes=4)  # seen without signal, sent late: it waits for the organiser
    checkin.record(xiaoman, checkin.showing(walk, at).code, "scan-in-late", seen_at=at)
    patrols.visits.visit(xiaoman, code_of(route, 1))
    go(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 2)))
    assert (said.code, seen()) == ("patrol.checked_out", 1)


def test_a_checkpoint_of_the_walk_next_to_ones_own(
    xiaoman: accounts.User,
    make_route: Callable[..., Route],
    make_day: Callable[..., service_days.ServiceDay],
    come: Callable[..., None],
) -> None:
    """Two walks at the same hour: being on one is not being on the other."""
    other = make_route("西线")
    patrols.plans.choose(make_day(starts="08:45"), other, by=None)
    come(xiaoman)
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(other, 1)))
    assert (said.code, seen()) == ("patrol.other_route", 0)


@pytest.mark.parametrize("stays", [True, False])
def test_after_the_end(
    clock: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None], stays: bool
) -> None:
    if stays:
        come(xiaoman)
    clock.move("2026-03-08 12:31")  # an hour and a minute after the end, check-out is closed
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 1)))
    assert said.code == "patrol.over"


def test_every_reason_says_who_can_help_and_has_one_button() -> None:
    for name, kind in vars(patrols.visits).items():
        if (
            isinstance(kind, type)
            and issubclass(kind, Refusal)
            and kind.__module__ == patrols.visits.__name__
        ):
            assert kind.who is not None and kind.action is not None, name


# ── too fast ──


def test_the_next_checkpoint_within_twenty_seconds_is_recorded_and_flagged(
    clock: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    """T01, U3: photos of the sheets, scanned at a table."""
    come(xiaoman)
    flags = []
    for nth, seconds in ((1, 0), (2, 19), (3, 20)):
        clock.pass_(seconds=seconds)
        flags.append(patrols.visits.visit(xiaoman, code_of(route, nth)).flag)
    assert flags == [None, "fast", "burst"]  # three within a minute is no walk either
    clock.pass_(seconds=61)
    assert patrols.visits.visit(xiaoman, code_of(route, 4)).flag is None


def test_another_persons_pace_is_not_ones_own(
    clock: Any, xiaoman: accounts.User, daming: accounts.User, walk: service_days.ServiceDay, route: Route
) -> None:
    """Walking in a group, everybody scans the same sheet one after the other."""
    for person in (xiaoman, daming):
        service_days.sign_up(person, walk)
    clock.move(walk.starts_at)
    for person in (xiaoman, daming):
        checkin.record(person, checkin.showing(walk).code, signing.scan_id())
    assert patrols.visits.visit(xiaoman, code_of(route, 1)).flag is None
    clock.pass_(seconds=3)
    assert patrols.visits.visit(daming, code_of(route, 1)).flag is None


@given(st.lists(st.integers(0, 600), min_size=1, max_size=12, unique=True))
def test_whoever_takes_half_a_minute_for_each_is_never_hurrying(gaps: list[int]) -> None:
    """Property: gaps of 30 s and more are never flagged, a gap below 20 s always is."""
    at = wall_clock.moment("2026-03-08T09:00:00+08:00")
    before: list[Any] = []
    for gap in gaps:
        at += timedelta(seconds=30 + gap)
        assert hurried(before, at) is None
        before.insert(0, at)
    assert hurried(before, at + timedelta(seconds=19)) == "fast"


def test_a_stay_that_was_voided_and_begun_again_keeps_its_visits(
    clock: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    walk: service_days.ServiceDay,
    route: Route,
    come: Callable[..., None],
    activity: activities.Activity,
) -> None:
    come(xiaoman)
    patrols.visits.visit(xiaoman, code_of(route, 1))
    stay = db.session.scalar(select(checkin.Attendance))
    assert stay is not None
    checkin.reverse(stay, reason="点错了", by=lao_wang)
    clock.pass_(minutes=2)
    said = refused(lambda: patrols.visits.visit(xiaoman, code_of(route, 2)))
    assert said.code == "patrol.not_checked_in"
    checkin.record(xiaoman, checkin.showing(walk).code, "scan-in-again")
    patrols.visits.visit(xiaoman, code_of(route, 2))
    assert seen() == 2
