"""What a walk counts for: from four fifths of the checkpoints on the whole stay, below as much of it as was walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.strict import statements
from tests.volunteer.patrols.conftest import code_of
from volunteer import accounts, checkin, hours, ledger, patrols, service_days
from volunteer.db import db
from volunteer.hours import ServiceRecord
from volunteer.ledger.tariff import Share, Tariff
from volunteer.patrols import Route


def record() -> ServiceRecord:
    found = db.session.scalar(select(ServiceRecord))
    assert found is not None
    return found


def walk_some(clock: Any, person: accounts.User, route: Route, count: int) -> None:
    for nth in range(1, count + 1):
        clock.pass_(minutes=3)
        patrols.visits.visit(person, code_of(route, nth))


@pytest.mark.parametrize(
    "walked, minutes, points, state, words",
    [
        (5, 150, 25, "confirmed", "5 个打卡点走到 5 个，时长全记；150 分钟 → 5 个半小时 × 5 × 1.0 = 25 分"),
        (4, 150, 25, "confirmed", "5 个打卡点走到 4 个，时长全记；"),
        (3, 90, 15, "provisional", "5 个打卡点走到 3 个，150 分钟按 90 分钟记；90 分钟 → 3 个半小时 × 5 × 1.0 = 15 分"),
        (2, 60, 10, "provisional", "150 分钟按 60 分钟记；"),
        (0, 0, 0, "provisional", "5 个打卡点走到 0 个，150 分钟按 0 分钟记；"),
    ],
)  # fmt: skip
def test_the_share_of_the_checkpoints(
    clock: Any,
    xiaoman: accounts.User,
    route: Route,
    come: Callable[..., None],
    go: Callable[..., Any],
    walked: int,
    minutes: int,
    points: int,
    state: str,
    words: str,
) -> None:
    """O15: four fifths and more count in full and at once; less counts in part, once somebody has looked."""
    come(xiaoman)
    walk_some(clock, xiaoman, route, walked)
    answer = go(xiaoman)
    made = record()
    assert answer.minutes == 150  # how long they were there stays as it was
    assert (made.minutes, made.points, made.state) == (minutes, points, state)
    assert words in str(ledger.explain(made.formula))
    assert ledger.balance(xiaoman.id) == (points if state == "confirmed" else 0)
    assert ledger.inspect() == []


def test_a_part_is_paid_when_the_office_agrees(
    clock: Any,
    xiaoman: accounts.User,
    office: accounts.User,
    route: Route,
    come: Callable[..., None],
    go: Callable[..., Any],
) -> None:
    """O15, M11: it waits, and is never refused by a machine."""
    come(xiaoman)
    walk_some(clock, xiaoman, route, 3)
    go(xiaoman)
    hours.confirm(record(), by=office.id)
    assert ledger.balance(xiaoman.id) == 15
    assert hours.totals(xiaoman.id).minutes == 90
    assert ledger.inspect() == []


def test_a_walk_in_a_hurry_waits_although_it_is_whole(
    clock: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None], go: Callable[..., Any]
) -> None:
    """T01: five sheets scanned in a minute are a walk somebody looks at."""
    come(xiaoman)
    for nth in range(1, 6):
        clock.pass_(seconds=5)
        patrols.visits.visit(xiaoman, code_of(route, nth))
    go(xiaoman)
    assert (record().minutes, record().state, ledger.balance(xiaoman.id)) == (150, "provisional", 0)
    assert "走到 5 个（4 个扫得太快），时长全记" in str(ledger.explain(record().formula))


def test_what_lifts_another_hold_does_not_pay_half_a_walk(
    clock: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    office: accounts.User,
    walk: service_days.ServiceDay,
    route: Route,
    come: Callable[..., None],
    go: Callable[..., Any],
) -> None:
    """T01: a roll-call taken back, a person or a whole day cleared: the walk itself is looked at on its own."""
    come(xiaoman)
    walk_some(clock, xiaoman, route, 3)
    hours.people.hold(walk, xiaoman.id, "roll_call", by=lao_wang)
    go(xiaoman)
    assert hours.people.free(walk, xiaoman.id) == 0
    hours.people.hold(walk, xiaoman.id, "roll_call", by=lao_wang)
    assert hours.people.clear(walk, xiaoman.id, by=office) == 0
    hours.hold(walk, "head_count")
    assert hours.release(walk, by=office) == 0
    assert (record().state, ledger.balance(xiaoman.id)) == ("provisional", 0)


def test_the_roll_counts_the_same_way(
    clock: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    walk: service_days.ServiceDay,
    route: Route,
    come: Callable[..., None],
) -> None:
    """O7, O15: who forgot to check out is vouched for, and has walked as far as they have."""
    come(xiaoman)
    walk_some(clock, xiaoman, route, 2)
    clock.move("2026-03-08 13:00")
    checkin.confirm(walk, [xiaoman.id], lao_wang)
    assert (record().grade, record().minutes, record().state) == ("B", 60, "provisional")


def test_a_day_that_is_no_walk_is_as_it_was(
    clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    clock.move("2026-03-08 11:30")
    with statements() as said:
        checkin.record(xiaoman, checkin.showing(day).code, "scan-out-1")
    assert (record().minutes, record().state) == (150, "confirmed")
    assert "share" not in record().formula
    assert not [one for one in said if "patrol" in one and one.lstrip().startswith("SELECT patrol")]


def test_a_walk_asks_for_no_more_statements_than_a_day(
    clock: Any,
    xiaoman: accounts.User,
    daming: accounts.User,
    make_day: Callable[..., service_days.ServiceDay],
    walk: service_days.ServiceDay,
    come: Callable[..., None],
    go: Callable[..., Any],
) -> None:
    come(xiaoman)
    clock.move(walk.ends_at)
    code = checkin.showing(walk).code
    with statements() as walking:
        checkin.record(xiaoman, code, "scan-out-walk")
    plain = make_day("2026-03-15")
    service_days.sign_up(daming, plain)
    clock.move(plain.starts_at)
    checkin.record(daming, checkin.showing(plain).code, "scan-in-plain")
    clock.move(plain.ends_at)
    code = checkin.showing(plain).code
    with statements() as standing:
        checkin.record(daming, code, "scan-out-plain")
    assert len(walking) <= len(standing)


@given(st.integers(0, 480), st.integers(1, 30), st.integers(0, 30))
def test_what_counts_grows_with_the_walk_and_never_past_the_stay(minutes: int, of: int, done: int) -> None:
    """Property: never more than the stay; whole from four fifths on; below in whole blocks of at most the share; more
    checkpoints never count for less."""
    numbers, done = Tariff(), min(done, of)
    counted = numbers.counted(minutes, Share(done, of))
    assert 0 <= counted <= minutes
    if 5 * done >= 4 * of:
        assert counted == minutes
    else:
        assert counted % 30 == 0 and counted * of <= minutes * done < (counted + 30) * of
    if done < of:
        assert numbers.counted(minutes, Share(done + 1, of)) >= counted
    assert numbers.counted(minutes, None) == minutes
