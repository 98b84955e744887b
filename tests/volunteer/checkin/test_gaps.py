"""What a device says it scanned and never sent shows in the office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.volunteer.devices.test_devices import Gadget
from volunteer import accounts, checkin, devices, service_days
from volunteer import clock as wall_clock
from volunteer.checkin import gaps, kept


@pytest.fixture
def row(
    clock: Any, here: Any, lao_wang: accounts.User, xiaoman: accounts.User, day: service_days.ServiceDay
) -> Any:
    """Five scans of one device as it keeps them, each with its number and what the one before comes to."""
    (place,) = devices.places(lao_wang)
    gate = devices.enrol(lao_wang, place, name="北门手机", public_key=Gadget().public)
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:10")
    scans, prev = [], ""
    for seq in range(1, 6):
        at = wall_clock.now() - timedelta(seconds=60 - seq)
        facts = {"seq": seq, "prev": prev, "said": at.isoformat()}
        one = kept.Scan(f"k-{seq}", checkin.my_pass(xiaoman, at).code, at, facts=facts)
        scans.append(one)
        prev = gaps.link(one.scan, one.code, facts)
    return scans, gate.id


def told(here: Any, office: accounts.User) -> list[tuple[str, list[int], list[int]]]:
    with here.signed_in(office):
        return [(one.device, one.missing, one.torn) for one in gaps.recent()]


def test_a_scan_that_stayed_behind_leaves_a_gap(
    row: Any, here: Any, visitor: Any, lao_wang: accounts.User, office: accounts.User, other_office: accounts.User,
    day: service_days.ServiceDay,
) -> None:  # fmt: skip
    """T26: in whatever order the others come; when it comes at last, the gap is gone. Next door sees nothing."""
    scans, device_id = row
    checkin.keep(day, [scans[4], scans[0]], lao_wang, device_id=device_id)
    checkin.keep(day, [scans[3]], lao_wang, device_id=device_id)
    assert told(here, office) == [("北门手机", [2, 3], [])]
    assert told(here, other_office) == []
    page = visitor(office).get("/office/scans")
    assert "少了第 2、3 条" in page.words and "北门手机" in page.words
    checkin.keep(day, scans, lao_wang, device_id=device_id)
    assert told(here, office) == []
    assert "少了第" not in visitor(office).get("/office/scans").words


def test_a_scan_that_was_altered_does_not_follow(
    row: Any, here: Any, lao_wang: accounts.User, office: accounts.User, day: service_days.ServiceDay
) -> None:
    """T26: one scan put in another's place breaks the link of the next."""
    scans, device_id = row
    scans[1] = kept.Scan("k-other", scans[1].code, scans[1].seen_at, facts=scans[1].facts)
    checkin.keep(day, scans, lao_wang, device_id=device_id)
    assert told(here, office) == [("北门手机", [], [3])]
