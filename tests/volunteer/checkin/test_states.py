"""T27: whatever state the day is in and however somebody is scanned, one exact answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from volunteer import accounts, activities, checkin, service_days, signing
from volunteer.errors import Refusal

METHODS = ("wall", "pass", "card", "number", "manual", "poster")

#: state → what each method answers: a direction, or the code of the refusal. `manual` is the organiser's own word
#: with a reason, so it knows no window; everything else about the day holds for it too.
TABLE = {
    "too early": dict.fromkeys(METHODS, "checkin.closed") | {"manual": "in"},
    "open": dict.fromkeys(METHODS, "in"),
    "check-in over": dict.fromkeys(METHODS, "checkin.closed") | {"manual": "in"},
    "long over": dict.fromkeys(METHODS, "checkin.closed") | {"manual": "in"},
    "cancelled": dict.fromkeys(METHODS, "checkin.cancelled"),
    "not signed up": dict.fromkeys(METHODS, "checkin.not_signed_up"),
    "waiting in the queue": dict.fromkeys(METHODS, "checkin.not_signed_up"),
    "full, and signed up": dict.fromkeys(METHODS, "in"),
    "full, and walked in": dict.fromkeys(METHODS, "signup.full"),
}
MOMENTS = {"too early": "08:29:59", "check-in over": "09:30:01", "long over": "12:30:01"}


@pytest.fixture
def arrive(
    clock: Any,
    here: Any,
    lao_wang: accounts.User,
    xiaoman: accounts.User,
    daming: accounts.User,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
) -> Callable[[str, str], str]:
    """小满 comes to a day in that state and is scanned by that method; the direction or the refusal's code."""

    def one(state: str, method: str) -> str:
        full = state in ("waiting in the queue", "full, and signed up", "full, and walked in")
        day = make_day(of=make_activity(walk_ins=state == "full, and walked in"), capacity=1 if full else 10)
        if state in ("waiting in the queue", "full, and walked in"):
            service_days.sign_up(daming, day)
        if state not in ("not signed up", "full, and walked in"):
            service_days.sign_up(xiaoman, day)
        if state == "cancelled":
            service_days.call_off(day, "台风")
        clock.move(f"2026-03-08 {MOMENTS.get(state, '09:00:00')}")
        try:
            return _scan(method, day, xiaoman, lao_wang).direction
        except Refusal as refusal:
            return refusal.code

    return one


def _scan(method: str, day: service_days.ServiceDay, who: accounts.User, by: accounts.User) -> checkin.Answer:
    scan = signing.scan_id()
    if method == "wall":
        return checkin.record(who, checkin.showing(day).code, scan)
    if method == "poster":
        return checkin.record_poster(who, checkin.posters.make(day=day, by=by).code, scan)
    if method == "manual":
        return checkin.manual(day, who, reason="手机没电", by=by)
    code = {
        "pass": lambda: checkin.my_pass(who).code,
        "number": lambda: who.volunteer_no,
        "card": lambda: _card(who),
    }[method]()
    return checkin.scan_pass(by, day.id, code, scan)


def _card(who: accounts.User) -> str:
    return checkin.cards.face(checkin.cards.make(who, who), who).url


@pytest.mark.parametrize(("state", "method"), [(state, method) for state in TABLE for method in METHODS])
def test_nine_states_and_six_methods(state: str, method: str, arrive: Callable[[str, str], str]) -> None:
    """T27: the window is the server's at the moment of the scan; capacity never turns away who signed up."""
    assert arrive(state, method) == TABLE[state][method]


def test_the_first_reason_of_several_is_told(arrive: Callable[[str, str], str]) -> None:
    """T27: cancelled before not signed up before outside the window."""
    assert arrive("cancelled", "wall") == "checkin.cancelled"
