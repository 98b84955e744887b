"""The lane beside the framework says what the framework would have said, or hands on to it."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, checkin, ledger, service_days

MUST_MATCH = (
    "Content-Type",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Cache-Control",
    "Referrer-Policy",
)


@pytest.fixture
def gate(here: Any, clock: Any, day: service_days.ServiceDay, xiaoman: Any, daming: Any, visitor: Any) -> Any:
    """`gate(person, scan, **headers)`: a scan of the wall as it is now, over JSON."""
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    bearer = {person.id: accounts.tokens.issue(person) for person in (xiaoman, daming)}
    clock.move("2026-03-08 09:00")

    def send(person: Any, scan: str, body: Any = None, **headers: str) -> Any:
        said = {"code": checkin.showing(day).code, "scan": scan} if body is None else body
        token = {"Authorization": f"Bearer {bearer.get(getattr(person, 'id', 0), 'nobody')}"}
        return visitor().post("/api/v1/checkins", json=said, headers={**token, **headers})

    return send


def test_it_answers_as_the_framework_does(gate: Any, clock: Any, xiaoman: Any, daming: Any) -> None:
    """An Idempotency-Key sends a request through Flask: status, headers and the shape of the body are the same."""
    for moment, word in (("2026-03-08 09:00", "in"), ("2026-03-08 11:30", "out")):
        clock.move(moment)
        fast = gate(xiaoman, f"fast-{word}")
        slow = gate(daming, f"slow-{word}", **{"Idempotency-Key": f"through-flask-{word}"})
        assert (fast.status_code, slow.status_code) == (201, 201), (fast.text, slow.text)
        assert {name: fast.headers.get(name) for name in MUST_MATCH} == {
            name: slow.headers.get(name) for name in MUST_MATCH
        }
        own = {"id", "at"}
        assert {k: v for k, v in fast.json.items() if k not in own} == {
            k: v for k, v in slow.json.items() if k not in own
        }
        assert fast.json.keys() == slow.json.keys() and fast.json["at"] == slow.json["at"]
    assert set(fast.headers.keys()) >= set(slow.headers.keys()) - {"Vary"}


def test_the_same_scan_is_answered_again_with_200(gate: Any, xiaoman: Any) -> None:
    first, again = gate(xiaoman, "once"), gate(xiaoman, "once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "x" * 44, "scan": "s"}, 400, "signing.forged"),
        ({"scan": "s"}, 422, "form.invalid"),
        ({"code": "x", "scan": "no spaces please"}, 422, "form.invalid"),
        ([1], 422, "form.invalid"),
    ],
)
def test_what_is_refused_is_refused_by_the_framework(
    gate: Any, xiaoman: Any, body: Any, status: int, code: str
) -> None:
    said = gate(xiaoman, "s", body)
    assert (said.status_code, said.json["code"]) == (status, code)


def test_a_stranger_is_told_to_sign_in_and_leaves_no_trace(gate: Any, clock: Any, xiaoman: Any) -> None:
    said = gate(None, "stranger")
    assert (said.status_code, said.json["code"]) == (401, "auth.required")
    clock.move("2026-03-08 09:31")
    late = gate(xiaoman, "late")
    assert (late.status_code, late.json["code"]) == (409, "checkin.closed")
    assert ledger.balance(xiaoman.id) == 0


def test_a_suspended_account_stops_at_the_lane_too(gate: Any, here: Any, xiaoman: Any, office: Any) -> None:
    """T12: on the very next request."""
    xiaoman.state = "suspended"
    here.commit()
    assert gate(xiaoman, "suspended").status_code == 401


def test_whoever_waited_in_vain_is_not_made_to_wait_again(
    gate: Any, xiaoman: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F12: the framework says so at once; the same scan, later, is through."""
    monkeypatch.setattr("volunteer.turnstile.PATIENCE_S", 0.0)
    said = gate(xiaoman, "patient")
    assert (said.status_code, said.json["code"], "Retry-After" in said.headers) == (503, "busy", True)
    monkeypatch.undo()
    assert gate(xiaoman, "patient").status_code in (200, 201)


def test_every_lane_has_its_route_with_the_same_right(app: Any) -> None:
    """A lane asks nobody's right but that somebody is signed in: so its route must ask no more either."""
    import app as platform

    rules = {str(rule): rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    for lane in platform.LANES:
        view = app.view_functions[rules[lane.path].endpoint]
        assert view.extras["takes"] is lane.takes and view.extras["gives"] is lane.gives
        assert view.allow == lane.allow
