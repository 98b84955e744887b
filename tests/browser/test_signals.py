"""What a scan came to, by ear and by hand: three patterns, a switch that this device remembers, quiet where it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from volunteer import checkin, service_days
from volunteer import clock as times

pytestmark = pytest.mark.browser

#: A phone's motor and loudspeaker, written down.
WRITTEN = """
window.felt = []; window.heard = [];
navigator.vibrate = (pattern) => { window.felt.push([pattern].flat().join(" ")); return true; };
window.AudioContext = class {
  currentTime = 0; destination = {};
  createGain() { return { gain: {}, connect: (next) => next }; }
  createOscillator() { const tone = { frequency: {}, connect: (next) => next, stop() {}, start() { window.heard.push(tone.frequency.value); } }; return tone; }
};
"""


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    times.rehearse("2026-03-08T09:00:10+08:00")
    yield
    times.rehearse(None)


def typed(page: Page, code: str, waits_for: str) -> tuple[str, list[int]]:
    """Type a code into the scanner; what the hand feels and the ear hears of the answer."""
    page.evaluate("felt.length = heard.length = 0")
    page.fill("[data-scan-form] [name=code]", code)
    page.click("[data-scan-form] button[type=submit]")
    expect(page.locator("#answer")).to_contain_text(waits_for)
    page.wait_for_function("felt.length > 0 || document.querySelector('[data-signals][aria-pressed=false]')")
    felt, heard = page.evaluate("[felt.join('|'), heard]")
    page.keyboard.press("Escape")
    return felt, heard


def test_three_answers_feel_and_sound_different_and_the_switch_is_remembered(
    laptop, seen, lao_wang, xiaoman, daming, make_day
):
    """CK-17: it counts, it has been counted, it is refused; off stays off after the page was closed."""
    day = make_day("2026-03-09", starts="09:00")
    service_days.sign_up(xiaoman, day)
    times.rehearse("2026-03-09T09:00:10+08:00")
    day_id, good, bad = day.id, xiaoman.volunteer_no, daming.volunteer_no
    page = laptop(lao_wang)
    page.add_init_script(WRITTEN)
    page.goto(f"/service-days/{day_id}/scanner")
    said = [
        typed(page, good, "签到好了"),
        typed(page, good, "已经签过到了"),
        typed(page, bad, "要先报名"),
    ]
    assert [felt for felt, _heard in said] == ["60", "90 70 90", "350"]
    assert [heard for _felt, heard in said] == [[1175], [587, 587], [220]]
    page.click("[data-signals]")
    expect(page.locator("[data-signals]")).to_have_text("声音和振动：关")
    page.reload()
    expect(page.locator("[data-signals]")).to_have_attribute("aria-pressed", "false")
    assert typed(page, bad, "要先报名") == ("", [])


def test_where_the_system_asks_for_calm_it_begins_quiet(laptop, lao_wang, make_day):
    """CK-17."""
    day = make_day("2026-03-09", starts="09:00")
    day_id = day.id
    page = laptop(lao_wang)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/service-days/{day_id}/scanner")
    expect(page.locator("[data-signals]")).to_have_attribute("aria-pressed", "false")


def test_the_wall_chimes_and_grows_when_it_is_asked_to(laptop, seen, lao_wang, xiaoman, make_day):
    """CK-01: both begin off, and are remembered on this device."""
    day = make_day("2026-03-09", starts="09:00")
    service_days.sign_up(xiaoman, day)
    times.rehearse("2026-03-09T09:00:10+08:00")
    day_id = day.id
    wall = laptop(lao_wang)
    wall.add_init_script(WRITTEN)
    wall.goto(f"/service-days/{day_id}/wall")
    expect(wall.locator("[data-chime]")).to_have_attribute("aria-pressed", "false")
    small = wall.locator(".wall-title").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    wall.click("[data-large]")
    large = wall.locator(".wall-title").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert large > small * 1.25
    assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nothing scrolls"
    wall.click("[data-chime]")
    wall.evaluate("heard.length = 0")
    seen(lambda: checkin.record(xiaoman, checkin.showing(day).code, "phone-1"))
    expect(wall.locator("[data-in]")).to_have_text("1", timeout=16_000)
    assert wall.evaluate("heard") == [784]
    wall.reload()
    expect(wall.locator(".wall-face")).to_have_class("wall-face is-large")


def test_a_tv_becomes_the_wall_by_itself(laptop, seen, lao_wang, make_day):
    """CK-01: nobody touches the TV: it asks for its code, and shows the wall once it is paired."""
    day = make_day("2026-03-09", starts="09:00")
    times.rehearse("2026-03-09T09:00:10+08:00")
    tv = laptop(None)
    tv.goto("/wall")
    typed_code = tv.locator(".screen-typed").inner_text().strip()
    seen(lambda: checkin.screens.pair(typed_code, day, by=lao_wang))
    expect(tv.locator("[data-code] svg")).to_be_visible(timeout=10_000)
    seen(lambda: checkin.screens.take_back(day, checkin.screens.of(day)[0].id))
    expect(tv.locator("h1")).to_contain_text("收回了", timeout=15_000)
