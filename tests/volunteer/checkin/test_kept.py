"""Scans kept without signal: each settled by itself, none lost."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from typing import Any

import pytest

from volunteer import accounts, checkin, service_days
from volunteer import clock as wall_clock
from volunteer.checkin import kept
from volunteer.db import db


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


def test_a_number_typed_into_a_device_proves_no_more_because_it_was_kept(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T04: twelve digits anybody can read out make no proven stay, uploaded at once or late."""
    number = signed_up.volunteer_no
    clock.move("2026-03-08 09:00")
    checkin.keep(day, [kept.Scan("k-number-in", number, wall_clock.now())], lao_wang)
    clock.move("2026-03-08 11:30")
    checkin.keep(day, [kept.Scan("k-number-out", number, wall_clock.now())], lao_wang)
    stay = db.session.query(checkin.Attendance).one()
    assert (stay.in_how, stay.out_how, stay.state, stay.grade) == ("number", "number", "stale", None)
    clock.move("2026-03-08 12:30")
    checkin.confirm(day, [signed_up.id], lao_wang)
    assert (stay.grade, stay.points) == ("C", 0)


def test_a_number_sent_late_waits_for_the_organiser(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T25."""
    clock.move("2026-03-08 09:10")
    late = kept.Scan("k-number-late", signed_up.volunteer_no, wall_clock.now() - timedelta(minutes=20))
    (result,) = checkin.keep(day, [late], lao_wang)
    assert result.outcome == "to_confirm"


def test_two_devices_that_saw_the_same_person_make_one_stay(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T26."""
    clock.move("2026-03-08 09:10")
    first = checkin.keep(day, [_scan(signed_up, "k-device-a", 2)], lao_wang)
    second = checkin.keep(day, [_scan(signed_up, "k-device-b", 1)], lao_wang)
    assert [first[0].outcome, second[0].outcome] == ["recorded", "repeated"]


@pytest.mark.parametrize(
    ("uploaded", "outcome", "code"),
    [
        ("2026-03-08 09:11", "recorded", None),
        ("2026-03-11 11:30", "to_confirm", None),
        ("2026-03-11 12:31", "parked", "checkin.late_review"),
        ("2026-04-20 09:00", "parked", "checkin.late_review"),
    ],
)
def test_three_days_after_the_day_somebody_has_to_look(
    clock: Any,
    signed_up: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
    uploaded: str,
    outcome: str,
    code: str | None,
) -> None:
    """T25: a minute later, 71 hours, 73 hours, after the month's settlement: accepted, accepted, review, review."""
    clock.move("2026-03-08 09:10")
    scan = _scan(signed_up, "k-sunday")
    clock.move(uploaded)
    (result,) = checkin.keep(day, [scan], lao_wang)
    assert (result.outcome, result.code) == (outcome, code)
    rows = db.session.scalars(db.select(checkin.models.KeptScan)).all()
    assert [(row.scan, row.outcome) for row in rows] == [("k-sunday", outcome)], "uploaded is stored"


@pytest.mark.parametrize("hours_off", [-24, -5, -0.05, 0, 0.05, 3, 24])
def test_a_device_whose_clock_is_wrong_names_the_right_moment(
    clock: Any,
    device: Any,
    signed_up: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
    hours_off: float,
) -> None:
    """T24: a clock up to a day off, told as it sends: the moment is right to two seconds."""
    off = timedelta(hours=hours_off)
    clock.move("2026-03-08 09:10")
    code, seen = checkin.my_pass(signed_up).code, wall_clock.now()
    clock.pass_(minutes=20)
    body = {
        "service_day_id": day.id,
        "sent_at": (wall_clock.now() + off).isoformat(),
        "scans": [{"scan": "k-wrong-clock", "code": code, "seen_at": (seen + off).isoformat()}],
    }
    answer = device(lao_wang).post("/api/v1/checkins/kept", json=body)
    assert answer.json["results"] == [{"scan": "k-wrong-clock", "outcome": "to_confirm", "code": None}]
    stay = db.session.scalars(db.select(checkin.Attendance)).one()
    assert abs(stay.in_at - seen) <= timedelta(seconds=2)


#: Many orders of few scans, and few orders of many: people, orders.
SHUFFLED = [(12, 100), (500, 4)] if os.environ.get("HYPOTHESIS_PROFILE") == "long" else [(12, 3)]


@pytest.mark.parametrize(("crowd", "orders"), SHUFFLED)
def test_five_devices_in_any_order_come_to_the_same(
    crowd: int,
    orders: int,
    clock: Any,
    here: Any,
    lao_wang: accounts.User,
    make_day: Any,
    make_activity: Any,
    make_volunteers: Any,
) -> None:
    """T26: what five devices saw, uploaded in shuffled batches up to three times each: one stay a person, the same
    minutes whatever the order (100 orders, and 10⁴ scans, with HYPOTHESIS_PROFILE=long)."""
    seed = random.randrange(2**32)
    people = make_volunteers(crowd)
    stall = make_activity(walk_ins=True, plan="分五组，每组一台扫码设备，组长在门口。")
    chance = random.Random(seed)
    sights = [
        (who, device, way, chance.randrange(*((-20 * 60, 25 * 60) if way == "in" else (136 * 60, 200 * 60))))
        for who in range(len(people))
        for way in ("in", "out")
        for device in chance.sample(range(5), chance.randint(1, 5))
    ]
    came_to = set()
    for order in range(orders):
        on = date(2026, 3, 13) + timedelta(days=2 * order)
        day = make_day(on.isoformat(), of=stall, capacity=49 if crowd < 49 else 600)
        scans = []
        for who, device, way, second in sights:
            at = day.starts_at + timedelta(seconds=second)
            scans.append(
                (
                    device,
                    kept.Scan(
                        f"k{order}-{device}-{who}-{way}", checkin.my_pass(people[who], at).code, at, way
                    ),
                )
            )
        clock.move(day.ends_at + timedelta(hours=2))
        batches = [
            batch
            for device in range(5)
            for batch in _cut([scan for its, scan in scans if its == device], chance)
            for _again in range(chance.randint(1, 3))
        ]
        chance.shuffle(batches)
        for batch in batches:
            checkin.keep(day, batch, lao_wang)
        stays = db.session.scalars(db.select(checkin.Attendance).filter_by(service_day_id=day.id)).all()
        assert len(stays) == len(people), f"seed {seed}"
        came_to.add(
            tuple(
                sorted(
                    (one.volunteer_id, one.in_at - day.starts_at, one.out_at - day.starts_at, one.minutes)
                    for one in stays
                )
            )
        )
        kept_rows = db.session.scalars(
            db.select(checkin.models.KeptScan).filter_by(service_day_id=day.id)
        ).all()
        assert len(kept_rows) == len(sights), f"seed {seed}"
        here.commit()
    assert len(came_to) == 1, f"seed {seed}"


def _cut(scans: list[kept.Scan], chance: random.Random) -> list[list[kept.Scan]]:
    chance.shuffle(scans)
    size = chance.randint(1, max(1, len(scans)))
    return [scans[at : at + size] for at in range(0, len(scans), size)]


@pytest.mark.parametrize("first", [True, False])
def test_a_stale_picture_moves_no_stay(
    first: bool, clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T26, T01: a picture of a pass, scanned early at another gate, makes nobody come earlier: before the stay or after it."""
    starts = day.starts_at
    sights = [starts + timedelta(minutes=3), starts + timedelta(minutes=140)]
    good = [
        kept.Scan(f"k-{n}", checkin.my_pass(signed_up, at).code, at, way)
        for n, (at, way) in enumerate(zip(sights, ("in", "out"), strict=True))
    ]
    early = starts - timedelta(minutes=20)
    stale = kept.Scan("k-stale", checkin.my_pass(signed_up, early - timedelta(minutes=9)).code, early)
    clock.move(day.ends_at + timedelta(hours=2))
    for batch in [[stale], good] if first else [good, [stale]]:
        results = checkin.keep(day, batch, lao_wang)
        if batch == [stale]:
            assert [(one.outcome, one.code) for one in results] == [("parked", "checkin.stale_code")]
    assert [one.in_at for one in db.session.scalars(db.select(checkin.Attendance))] == [sights[0]]
