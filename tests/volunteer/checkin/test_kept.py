"""Scans kept without signal: each settled by itself, none lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from volunteer import accounts, checkin, service_days
from volunteer import clock as wall_clock
from volunteer.checkin import kept


@pytest.fixture
def signed_up(xiaoman: accounts.User, daming: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    return xiaoman


def _scan(person: accounts.User, name: str, minutes_ago: int = 0) -> kept.Scan:
    at = wall_clock.now() - timedelta(minutes=minutes_ago)
    return kept.Scan(name, checkin.my_pass(person, at).code, at)


def test_a_batch_has_one_outcome_each(
    clock: Any,
    signed_up: accounts.User,
    daming: accounts.User,
    grandma: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    """CK-07, CK-13, CK-14, T25: recorded, to confirm, parked, refused; the good ones do not wait for the bad."""
    clock.move("2026-03-08 09:10")
    results = checkin.keep(
        day,
        [
            _scan(signed_up, "k-recorded", 1),
            _scan(daming, "k-late-scan", 20),
            _scan(grandma, "k-stranger", 1),
            kept.Scan("k-forged-1", "0" * 48, wall_clock.now()),
        ],
        lao_wang,
    )
    assert [(one.outcome, one.code) for one in results] == [
        ("recorded", None),
        ("to_confirm", None),
        ("parked", "checkin.not_signed_up"),
        ("refused", "signing.forged"),
    ]


def test_sending_a_batch_again_repeats_its_answers(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T26, CK-03, T26."""
    clock.move("2026-03-08 09:10")
    batch = [_scan(signed_up, "k-recorded", 1), kept.Scan("k-forged-1", "0" * 48, wall_clock.now())]
    checkin.keep(day, batch, lao_wang)
    again = checkin.keep(day, batch, lao_wang)
    assert [one.outcome for one in again] == ["repeated", "refused"]


def test_two_devices_that_saw_the_same_person_make_one_stay(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T26."""
    clock.move("2026-03-08 09:10")
    first = checkin.keep(day, [_scan(signed_up, "k-device-a", 2)], lao_wang)
    second = checkin.keep(day, [_scan(signed_up, "k-device-b", 1)], lao_wang)
    assert [first[0].outcome, second[0].outcome] == ["recorded", "repeated"]
