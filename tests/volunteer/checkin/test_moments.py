"""When a kept scan was seen: clocks that are set wrong, set anew, or asleep."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from volunteer import accounts, checkin, service_days
from volunteer import clock as wall_clock
from volunteer.checkin.models import KeptScan
from volunteer.checkin.moments import Clocks, reckon
from volunteer.db import db

SEEN = wall_clock.moment("2026-03-08T09:10:00+08:00")
NOW = SEEN + timedelta(minutes=40)
MINUTE = 60_000.0


def off(at: Any, hours: float) -> Any:
    return at + timedelta(hours=hours)


@pytest.mark.parametrize("hours", [-24, -1, -0.01, 0, 0.01, 1, 24])
def test_a_clock_that_is_wrong_all_along(hours: float) -> None:
    """T24: told as it sends, the error is taken out, with or without ticks."""
    wall = Clocks(off(SEEN, hours)), Clocks(off(NOW, hours))
    ticks = Clocks(off(SEEN, hours), 5 * MINUTE, "b"), Clocks(off(NOW, hours), 45 * MINUTE, "b")
    for seen, sent in (wall, ticks):
        at, sure = reckon(seen, sent, NOW)
        assert sure and abs(at - SEEN) <= timedelta(seconds=2)


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_a_clock_that_was_set_anew_between_the_scan_and_the_upload(hours: float) -> None:
    """T24: the ticks and what the device knew of its error agree; where only two disagree, the pass itself decides;
    where nothing does, somebody has to look."""
    seen, sent = Clocks(off(SEEN, hours), 5 * MINUTE, "b"), Clocks(NOW, 45 * MINUTE, "b")
    ahead = hours * 60 * MINUTE
    assert reckon(seen, sent, NOW, ahead=ahead) == (SEEN, True)
    shown = SEEN - timedelta(seconds=20)
    assert reckon(seen, sent, NOW, shown=shown) == (SEEN, True)
    _at, sure = reckon(seen, sent, NOW)
    assert not sure


def test_after_the_page_was_closed_the_wall_clock_is_all_there_is() -> None:
    """T24: another boot: the ticks say nothing; a clock that stayed as it was is believed, one that was set is not."""
    seen, sent = Clocks(SEEN, 5 * MINUTE, "b"), Clocks(NOW, MINUTE, "another")
    assert reckon(seen, sent, NOW, ahead=0.0) == (SEEN, True)
    set_since = Clocks(off(NOW, 3), MINUTE, "another")
    assert reckon(seen, set_since, NOW, ahead=0.0)[1] is False
    assert reckon(seen, set_since, NOW, ahead=0.0, shown=SEEN) == (SEEN, True)


def test_a_phone_that_slept_counts_fewer_ticks() -> None:
    """T24: the ticks stand still in the sleep of some phones; the wall clock and its known error outvote them."""
    seen, sent = Clocks(SEEN, 5 * MINUTE, "b"), Clocks(NOW, 10 * MINUTE, "b")
    assert reckon(seen, sent, NOW, ahead=500.0)[1] is True
    assert abs(reckon(seen, sent, NOW, ahead=500.0)[0] - SEEN) <= timedelta(seconds=2)


def test_nothing_was_seen_after_it_was_sent() -> None:
    """T24: a moment that is still to come is no moment to believe; a second ahead is now."""
    later = NOW + timedelta(hours=2)
    assert reckon(Clocks(later), Clocks(), NOW)[1] is False
    assert reckon(Clocks(later), Clocks(NOW), NOW)[1] is False
    assert reckon(Clocks(NOW + timedelta(seconds=5)), Clocks(NOW), NOW) == (NOW, True)


def test_what_no_clock_can_tell_waits_for_the_office(
    clock: Any, device: Any, xiaoman: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T24, T25: parked with the reason, never lost, and the volunteer sees 待确认 and why; a forgery stays a forgery."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:40")
    tomorrow = wall_clock.now() + timedelta(days=1)
    body = {
        "service_day_id": day.id,
        "sent_at": wall_clock.now().isoformat(),
        "scans": [
            {"scan": "k-ahead", "code": xiaoman.volunteer_no, "seen_at": tomorrow.isoformat()},
            {"scan": "k-forged", "code": "0" * 48, "seen_at": tomorrow.isoformat()},
            {"scan": "k-not-a-number", "code": "0", "seen_at": wall_clock.now().isoformat(), "ticks": "NaN"},
        ],
    }
    results = device(lao_wang).post("/api/v1/checkins/kept", json=body).json["results"]
    assert [(one["outcome"], one["code"]) for one in results] == [
        ("parked", "checkin.clock"), ("refused", "signing.forged"), ("refused", "form.invalid"),
    ]  # fmt: skip
    assert db.session.query(KeptScan).filter_by(scan="k-ahead").one().volunteer_id == xiaoman.id
    assert db.session.query(checkin.Attendance).count() == 0


def test_the_volunteer_reads_that_the_clock_did_not_fit(
    clock: Any, visitor: Any, device: Any, xiaoman: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:  # fmt: skip
    """T24, T25."""
    test_what_no_clock_can_tell_waits_for_the_office(clock, device, xiaoman, lao_wang, day)
    page = visitor(xiaoman).get("/me/scans")
    assert "待确认" in page.words and "设备的时间对不上" in page.words
