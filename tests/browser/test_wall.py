"""The wall changes its code by itself; nobody touches it all morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from volunteer import checkin, qr, service_days
from volunteer import clock as times

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Time runs: it is ten seconds past nine when the test begins, five before the code changes."""
    times.rehearse("2026-03-08T09:00:10+08:00")
    yield
    times.rehearse(None)


def test_the_code_changes_by_itself_and_shows_who_came(laptop, seen, lao_wang, xiaoman, make_day):
    day = make_day("2026-03-09", starts="09:00")  # made in time; opened a day later
    service_days.sign_up(xiaoman, day)
    times.rehearse("2026-03-09T09:00:10+08:00")
    day_id = day.id
    wall = laptop(lao_wang)
    wall.goto(f"/service-days/{day_id}/wall")
    code = wall.locator("[data-code] svg path").last
    before = code.get_attribute("d")
    expect(wall.locator("[data-host]")).to_contain_text("localhost")
    ring = wall.locator("[data-ring]")
    at_first = ring.get_attribute("stroke-dashoffset")

    seen(lambda: checkin.record(xiaoman, checkin.showing(day).code, "phone-1"))

    expect(code).not_to_have_attribute("d", before or "", timeout=16_000)
    expect(ring).not_to_have_attribute("stroke-dashoffset", at_first or "")
    expect(wall.locator("[data-in]")).to_have_text("1")
    expect(wall.locator("[data-recent]")).to_contain_text("小*")
    box = wall.locator("[data-code]").bounding_box()
    assert box and box["height"] >= 0.6 * 800, "the code is the largest thing on the wall"
    assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nothing scrolls"


def test_without_a_signal_a_stale_code_is_not_left_standing(laptop, lao_wang, make_day):
    day = make_day("2026-03-09", starts="09:00")
    times.rehearse("2026-03-09T09:00:00+08:00")
    day_id = day.id
    wall = laptop(lao_wang)
    wall.clock.install()
    wall.goto(f"/service-days/{day_id}/wall")
    lost = wall.locator("[data-lost]")
    expect(wall.locator("[data-code] svg")).to_be_visible()
    expect(lost).to_be_hidden()
    wall.context.set_offline(True)
    wall.clock.run_for(45_000)
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("没有信号")
    wall.context.set_offline(False)
    expect(lost).to_be_hidden()


def test_a_wall_that_may_goes_on_for_twenty_minutes_without_a_signal(
    laptop, seen, lao_wang, xiaoman, make_day
):
    """T01, trust.md codes (a): the codes it was handed ahead are ours, one after the other; with a signal it is as before."""
    day = make_day("2026-03-09", starts="09:00")
    service_days.sign_up(xiaoman, day)
    service_days.keep_wall(day, True)
    times.rehearse("2026-03-09T09:00:00+08:00")
    day_id = day.id
    wall = laptop(lao_wang)
    wall.clock.install()
    wall.goto(f"/service-days/{day_id}/wall")
    code = wall.locator("[data-code] svg")
    expect(code).to_be_visible()
    for _handed in range(10):
        wall.clock.run_for(4_000)
        wall.wait_for_timeout(500)  # what was asked for comes meanwhile, on a busy machine, too
    wall.context.set_offline(True)
    wall.clock.run_for(20 * 60_000)
    going = wall.locator("[data-ahead]")
    expect(going).to_be_visible()
    expect(going).to_contain_text("码照样能用到")
    expect(wall.locator("[data-lost]")).to_be_hidden()
    before = code.screenshot()
    (found,) = qr.read(before)
    wall.clock.run_for(15_000)
    (later,) = qr.read(code.screenshot())
    assert found != later

    def scan() -> None:
        times.rehearse("2026-03-09T09:20:40+08:00")
        day = service_days.ServiceDay.query.one()
        shown = [checkin.showing(day, times.now() + timedelta(seconds=15 * n)).url for n in range(-3, 4)]
        assert later in shown, "what it shows alone is what we would show"

    seen(scan)
    wall.clock.run_for(30 * 60_000)
    expect(wall.locator("[data-lost]")).to_be_visible()
