"""A picture of the wall, taken there and sent to a friend at home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from volunteer import clock as times
from volunteer import qr, service_days

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    times.rehearse("2026-03-08T09:00:00+08:00")
    yield
    times.rehearse(None)


def test_a_screenshot_opens_in_time_and_not_half_a_minute_later(
    laptop, phone, lao_wang, xiaoman, daming, make_day, tmp_path: Path
):
    """T01: the wall's screenshot decoded by zxing-cpp opens at once, and at +31 s the code is stale."""
    day = make_day("2026-03-09", starts="09:00")
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    times.rehearse("2026-03-09T09:00:01+08:00")
    day_id = day.id
    here, at_home = phone(xiaoman), phone(daming)
    wall = laptop(lao_wang)
    wall.goto(f"/service-days/{day_id}/wall")
    expect(wall.locator("[data-code] svg")).to_be_visible()
    picture = tmp_path / "wall.png"
    wall.screenshot(path=picture)
    found = qr.read(picture.read_bytes())
    assert len(found) == 1, "one code, read from what the screen shows"
    address = urlsplit(found[0]).path
    assert address.startswith("/c/")

    here.goto(address)
    expect(here.locator("form[action='/checkins'] button")).to_be_visible()
    times.rehearse("2026-03-09T09:00:32+08:00")
    at_home.goto(address)
    expect(at_home.locator("main")).to_contain_text("这个码刚换过")
    expect(at_home.locator("form[action='/checkins']")).to_have_count(0)

    here.locator("form[action='/checkins'] button").click()  # whoever opened it there in time is not hurried
    expect(here.locator("h1")).to_contain_text("签到好了")
