"""What an enrolled scanner holds for a day without signal: masked, of one day, on the record, and taken back."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.volunteer.devices.test_devices import Gadget
from volunteer import accounts, checkin, codes, devices, service_days, signing
from volunteer import clock as wall_clock
from volunteer.checkin import passes, rosters
from volunteer.db import db
from volunteer.devices.models import Device
from volunteer.events import Happened


@pytest.fixture
def gadget() -> Gadget:
    return Gadget()


@pytest.fixture
def gate(gadget: Gadget, lao_wang: accounts.User, team: Any) -> Device:
    """The phone at the north gate, 老王's."""
    (place,) = devices.places(lao_wang)
    return devices.enrol(lao_wang, place, name="北门手机", public_key=gadget.public)


@pytest.fixture
def ask(device: Any, gadget: Gadget, gate: Device, lao_wang: accounts.User) -> Any:
    """Ask for a day's roster as a device does, signed."""

    def post(day_id: int, *, person: accounts.User = lao_wang, signed: bool = True) -> Any:
        path, body = f"/api/v1/service-days/{day_id}/roster", b"{}"
        headers = gadget.headers(gate, path, body) if signed else {"Content-Type": "application/json"}
        return device(person).post(path, data=body, headers=headers)

    return post


def test_a_scanner_reads_a_pass_with_the_key_of_the_day(
    ask: Any, clock: Any, xiaoman: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T29, CK-18: the roster names 小* and four digits, has one day's key each, and that key fits her pass."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 08:50")
    answer = ask(day.id)
    assert answer.status_code == 200
    told = answer.json
    (person,) = told["people"]
    assert (person["name"], person["last"]) == ("小*", xiaoman.volunteer_no[-4:])
    assert told["dates"] == ["2026-03-08"] and told["mine"] == lao_wang.public
    token = codes.take_apart(checkin.my_pass(xiaoman).code, codes.PASS)
    key = base64.b64decode(person["keys"][0])
    assert signing.mac(key, "pass", token.body) == token.seal
    tomorrow = wall_clock.now() + timedelta(days=1)
    other = codes.take_apart(checkin.my_pass(xiaoman, tomorrow).code, codes.PASS)
    assert signing.mac(key, "pass", other.body) != other.seal, "a key of one day makes no pass of the next"
    said = json.dumps(told, ensure_ascii=False)
    for secret in (xiaoman.name, xiaoman.volunteer_no, "13800000001", "138****0001"):
        assert secret not in said


def test_who_may_hold_it_and_when(
    ask: Any, clock: Any, gate: Device, make_day: Any, make_activity: Any, lao_wang: accounts.User, xiaoman: accounts.User,
    office: accounts.User, day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T13, T29: an enrolled gate of the one who asks, of a day within reach, from the day before until the day is over."""
    clock.move("2026-03-08 08:50")
    assert ask(day.id).status_code == 200
    assert ask(day.id, signed=False).json["code"] == "device.unknown"
    assert ask(day.id, person=office).json["code"] == "device.unknown", "another's device"
    assert ask(day.id, person=xiaoman).status_code == 401
    assert ask(987_654).status_code == 404
    end = service_days.windows(day).checkout_closes
    opens = service_days.windows(day).checkin_opens
    for at, status in (
        (opens - timedelta(hours=24, minutes=1), 409), (opens - timedelta(hours=24), 200),
        (end, 200), (end + timedelta(minutes=1), 409),
    ):  # fmt: skip
        clock.move(at)
        answer = ask(day.id)
        assert answer.status_code == status, at
        assert status == 200 or answer.json["code"] == "roster.not_now"
    clock.move("2026-03-08 08:50")
    devices.revoke(gate, by=lao_wang)
    assert ask(day.id).json["code"] == "device.revoked"


def test_a_cancelled_day_has_none(
    ask: Any, clock: Any, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    clock.move("2026-03-08 08:00")
    service_days.call_off(day, "下大雨")
    assert ask(day.id).json["code"] == "checkin.cancelled"


def test_each_time_leaves_a_line_in_the_trail(
    ask: Any, clock: Any, here: Any, gate: Device, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    """S31, S32: which device, which day, how many; no name."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 08:50")
    ask(day.id)
    (line,) = db.session.scalars(db.select(Happened).filter_by(kind="checkin.RosterTaken")).all()
    assert line.facts == {"device_id": gate.id, "people": 1}
    assert (line.about, line.within) == (f"device:{gate.id}", f"service_day:{day.id}")


def test_who_was_shut_out_is_named_as_such_and_who_came_is_marked(
    clock: Any, here: Any, gate: Device, xiaoman: accounts.User, daming: accounts.User, lao_wang: accounts.User,
    office: accounts.User, day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T28, CK-16: somebody suspended has no key on the device; what his card brings is refused here as well."""
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "s-in")
    code = checkin.my_pass(daming).code
    with here.signed_in(office):
        accounts.suspend(daming, "冒用别人的码")
    told = rosters.take(day, device_id=gate.id, by=lao_wang)
    assert told["revoked"] == [daming.public]
    assert [(one["who"], one.get("flags")) for one in told["people"]] == [(xiaoman.public, ["in"])]
    (result,) = checkin.keep(day, [checkin.Scan("k-shut-out", code, wall_clock.now())], lao_wang)
    assert (result.outcome, result.code) == ("parked", "checkin.suspended")


def test_a_day_past_midnight_has_a_key_for_each_date(
    clock: Any, here: Any, gate: Device, xiaoman: accounts.User, lao_wang: accounts.User, make_day: Any
) -> None:
    night = make_day("2026-03-08", starts="22:00", ends="23:59")
    service_days.sign_up(xiaoman, night)
    clock.move("2026-03-08 21:50")
    told = rosters.take(night, device_id=gate.id, by=lao_wang)
    after = service_days.windows(night).checkout_closes.astimezone(wall_clock.ZONE).date()
    assert told["dates"] == [date(2026, 3, 8), after] and after == date(2026, 3, 9)
    public = codes.decode(xiaoman.public, passes.VOLUNTEER_BYTES)
    keyring = signing.Keyring.of(",".join(("x" * 40,)))
    assert len(told["people"][0]["keys"]) == 2 and passes.day_key(keyring, public, 1, after)


def test_five_hundred_people_are_sixty_kilobytes(
    ask: Any, clock: Any, make_volunteers: Any, make_activity: Any, make_day: Any, gate: Device
) -> None:
    """Codes (c), CK-52: a whole crowd's roster in a few statements and about 60 KB."""
    people = make_volunteers(500)
    day = make_day("2026-03-14", of=make_activity(plan="分十组，组长在门口。"), capacity=500)
    for one in people:
        service_days.sign_up(one, day)
    clock.move("2026-03-14 08:50")
    answer = ask(day.id)
    assert len(answer.json["people"]) == 500
    assert len(answer.data) < 72_000
    assert len(answer.statements) <= 20
