"""What the stories of late hours share."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from volunteer import accounts, service_days, supplements


def sheet(text: bytes = b"") -> bytes:
    """A photo as a phone sends it, with where it was taken written beside it."""
    held, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken in front of 12 Nankeng Road"
    exif[0x8825] = {1: "N", 2: (22.0, 37.0, 1.0), 3: "E", 4: (114.0, 3.0, 2.0)}
    Image.new("RGB", (320, 200), (250, 240, 230)).save(held, "JPEG", exif=exif)
    return held.getvalue() + text


@pytest.fixture
def deputy(nankeng: Any) -> accounts.User:
    """郑副主任, who looks after 南坑社区 too."""
    person = accounts.register(name="郑国强", phone="13800000051", home=nankeng)
    accounts.appoint(person, "community_admin", area=nankeng)
    return person


@pytest.fixture
def second_leader(team: Any, nankeng: Any) -> accounts.User:
    """Another leader of the team, who did not lead that day."""
    person = accounts.register(name="周敏", phone="13800000052", home=nankeng)
    accounts.appoint(person, "team_leader", team_id=team.id)
    return person


@pytest.fixture
def after(clock: Any, day: service_days.ServiceDay) -> service_days.ServiceDay:
    """Sunday's day is over; it is Monday morning, nine o'clock."""
    clock.move("2026-03-09 09:00")
    return day


@pytest.fixture
def filed(xiaoman: accounts.User, after: service_days.ServiceDay) -> supplements.Supplement:
    """小满 asks for two hours of Sunday."""
    return supplements.file(xiaoman, after, 120, "一直在门口指路，手机没电了。", by=xiaoman, photo=sheet())


@pytest.fixture
def shown(
    filed: supplements.Supplement, office: accounts.User, deputy: accounts.User
) -> supplements.Supplement:
    """Two have agreed: it is in the public notice, from Monday to Thursday."""
    supplements.agree(filed, by=office)
    return supplements.agree(filed, by=deputy)
