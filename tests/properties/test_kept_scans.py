"""What devices saw, uploaded in any order, in any batches, as often as they like: one and the same outcome."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from volunteer import accounts, checkin, ledger
from volunteer.checkin import kept
from volunteer.checkin.models import KeptScan
from volunteer.db import db

PEOPLE, DEVICES = 2, 3
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
#: When somebody is seen, in minutes after the start: in the window in, in the window out, and at odd times.
IN, OUT, ODD = [-20, -5, 3, 20], [137, 150, 175], [-200, 60, 400]


def seen_by_some(moments: list[int], most: int) -> Any:
    """Up to so many sights by different devices, each at its own minute."""
    return st.lists(
        st.tuples(st.integers(0, DEVICES - 1), st.sampled_from(moments), st.sampled_from(["pass"] * 6 + ["stale"])),
        max_size=most,
        unique_by=lambda one: one[:2],
    )  # fmt: skip


@st.composite
def sights_of(draw: Any) -> list[tuple[int, int, int, str]]:
    """Who was seen by which device when; the last person never signed up."""
    found = []
    for who in range(PEOPLE + 1):
        for moments, most in ((IN, 3), (OUT, 3), (ODD, 1)):
            found += [(who, *one) for one in draw(seen_by_some(moments, 1 if who == PEOPLE else most))]
    if draw(st.booleans()):
        found.append((0, 0, 5, "forged"))
    return found


@st.composite
def uploads(draw: Any) -> tuple[list[Any], list[list[int]]]:
    """What was seen, and batches that bring each of it at least once."""
    sights = draw(sights_of())
    assume(sights)
    sent = list(range(len(sights))) + draw(st.lists(st.integers(0, len(sights) - 1), max_size=4))
    order = draw(st.permutations(sent))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=3)))
    edges = [0, *cuts, len(order)]
    batches = [list(dict.fromkeys(order[a:b])) for a, b in pairwise(edges) if a < b]
    return sights, batches


@pytest.fixture
def ground(here: Any, clock: Any, make_volunteers: Any, make_activity: Any, lao_wang: accounts.User) -> Any:
    """People, an activity that asks for sign-up, and a new day for every order."""
    return make_volunteers(PEOPLE + 1), make_activity()


@given(case=uploads())
@QUICK
def test_order_repetition_and_device_mean_nothing(
    case: Any, ground: Any, here: Any, clock: Any, lao_wang: accounts.User, make_day: Any
) -> None:
    """T26, CK-04, CK-31: the state after any upload has the hash of the state after the plainest one."""
    sights, batches = case
    people, activity = ground
    plain = [list(range(len(sights)))]  # all at once, which is settled in the order it was seen
    hashes = []
    for turn, order in enumerate((plain, batches)):
        with db.session.begin_nested() as savepoint:
            clock.move("2026-03-07 09:00")
            day = make_day((date(2026, 3, 8) + timedelta(days=turn)).isoformat(), of=activity)
            hashes.append(_state_after(day, order, sights, people, lao_wang, clock, turn))
            savepoint.rollback()
    assert hashes[0] == hashes[1]


def _state_after(
    day: Any, batches: Any, sights: Any, people: Any, by: Any, clock: Any, turn: int
) -> tuple[str, str]:
    from volunteer import service_days

    for one in people[:PEOPLE]:
        service_days.sign_up(one, day)
    scans = []
    for n, (who, device, minutes, what) in enumerate(sights):
        at = day.starts_at + timedelta(minutes=minutes, seconds=device)
        shown = at - timedelta(minutes=5) if what == "stale" else at
        code = "0" * 48 if what == "forged" else checkin.my_pass(people[who], shown).code
        scans.append(kept.Scan(f"p{turn}-{n}", code, at))
    clock.move(day.ends_at + timedelta(hours=3))
    for batch in batches:
        checkin.keep(day, [scans[n] for n in batch], by, device_id=None)
    stays = db.session.scalars(db.select(checkin.Attendance).filter_by(service_day_id=day.id)).all()
    rows = db.session.scalars(db.select(KeptScan).filter_by(service_day_id=day.id)).all()
    assert sorted(one.scan for one in rows) == sorted(one.scan for one in scans), "uploaded is stored, once"
    state = sorted(
        (one.volunteer_id, str(one.in_at - day.starts_at), str(one.out_at and one.out_at - day.starts_at), one.minutes, one.state)
        for one in stays
    )  # fmt: skip
    # Which of two equal sights made the stay is chance; that it counts, waits or is refused is not.
    told = sorted(
        (one.scan.split("-")[1], "counts" if one.outcome in ("recorded", "repeated", "to_confirm") else one.outcome, one.refusal)
        for one in rows
    )  # fmt: skip
    balances = [ledger.balance(one.id) for one in people]
    words = repr((state, balances))
    return hashlib.sha256(words.encode()).hexdigest(), repr(told)
