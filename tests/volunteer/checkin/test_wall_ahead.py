"""A wall that goes on without a signal: what it is handed, for how long, and what is accepted for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from volunteer import accounts, checkin, service_days, signing
from volunteer import clock as times
from volunteer.checkin import passes, wall

NINE = "2026-03-08 09:00"


@pytest.fixture
def on(clock: Any, day: service_days.ServiceDay) -> service_days.ServiceDay:
    """Nine o'clock at a day whose wall may."""
    clock.move(NINE)
    return service_days.keep_wall(day, True)


def test_it_is_handed_five_minutes_at_a_time_and_forty_in_all(on: service_days.ServiceDay) -> None:
    now = passes.step_at(times.now())
    first = wall.ahead(on)["codes"]
    assert [one["step"] for one in first] == list(range(now, now + 20))
    assert [one["code"] for one in first] == [
        checkin.showing(on, passes.moment_of(one["step"])).code for one in first
    ]
    assert wall.ahead(on, now + 160)["codes"][-1]["step"] == now + 160
    assert wall.ahead(on, now + 161)["codes"] == []
    assert wall.ahead(on, now - 500)["codes"][0]["step"] == now, "and never one that is past"


def test_nothing_past_the_last_check_out_and_nothing_where_it_is_off(
    clock: Any, on: service_days.ServiceDay
) -> None:
    clock.move(service_days.windows(on).checkout_closes - timedelta(seconds=29))
    assert len(wall.ahead(on)["codes"]) == 3
    clock.move(NINE)
    service_days.keep_wall(on, False)
    assert wall.ahead(on)["codes"] == []
    clock.move("2026-03-08 08:30")
    service_days.keep_wall(on, True)
    service_days.call_off(on, "台风")
    assert wall.ahead(on)["codes"] == []


@pytest.mark.parametrize(("ahead", "steps", "taken"), [(True, 1, True), (True, 2, False), (False, 1, False)])
def test_one_step_early_is_taken_of_such_a_wall_and_of_no_other(
    clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay, ahead: bool, steps: int, taken: bool
) -> None:
    """T01: a clock a little fast; at the page and at the scan."""
    service_days.sign_up(xiaoman, day)
    service_days.keep_wall(day, ahead)
    clock.move(NINE)
    early = checkin.showing(day, times.now() + timedelta(seconds=15 * steps)).code
    if taken:
        assert checkin.record(xiaoman, early, signing.scan_id()).direction == "in"
    else:
        with pytest.raises(checkin.Stale):
            checkin.record(xiaoman, early, signing.scan_id())


def test_the_organiser_turns_it_on_and_off(
    clock: Any,
    visitor: Any,
    here: Any,
    lao_wang: accounts.User,
    xiaoman: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    here.commit()
    clock.move(NINE)
    leader = visitor(lao_wang)
    assert leader.get(f"/service-days/{day.id}/wall/ahead").json["codes"] == []
    assert "data-ahead-url" not in leader.get(f"/service-days/{day.id}/wall").text
    on = leader.post(f"/service-days/{day.id}/wall-ahead", data={"ahead": "yes"}, follow=True)
    assert "已经打开" in on.words
    assert "data-ahead-url" in leader.get(f"/service-days/{day.id}/wall").text
    codes = leader.get(f"/service-days/{day.id}/wall/ahead").json["codes"]
    assert len(codes) == 20
    early = visitor(xiaoman).get(f"/c/{codes[1]['code']}")
    assert early.status_code == 200
    assert visitor(xiaoman).get(f"/c/{codes[2]['code']}").status_code == 410
    assert visitor(xiaoman).get(f"/service-days/{day.id}/wall/ahead").status_code == 403
    assert visitor().get("/wall/ahead").status_code == 204
    off = leader.post(f"/service-days/{day.id}/wall-ahead", data={"ahead": "no"}, follow=True)
    assert "已经打开" not in off.words
