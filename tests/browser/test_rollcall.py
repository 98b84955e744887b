"""The roll-call in mid-service: digits on one phone, typed on another, gone after a minute and a half; and it fits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.test_pages_fit import RULES, WIDER
from volunteer import accounts, activities, checkin, service_days, signing
from volunteer.checkin import rollcall

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("ROLL_CALL_PICTURES")


@pytest.fixture
def crowd(
    clock: Any,
    here: Any,
    make_day: Callable[..., service_days.ServiceDay],
    make_activity: Callable[..., activities.Activity],
    make_volunteers: Callable[[int], list[accounts.User]],
) -> tuple[int, list[accounts.User]]:
    """Six who scanned in at nine; it is ten o'clock."""
    day = make_day(of=make_activity(walk_ins=True), capacity=40)
    people = make_volunteers(6)
    clock.move("2026-03-08 09:00")
    for person in people:
        checkin.record(person, checkin.showing(day).code, signing.scan_id())
    clock.move("2026-03-08 10:00")
    here.commit()
    return day.id, people


def fits(page: Page, name: str) -> None:
    """Nothing runs off the side and axe has nothing to say; keeps a picture where one is asked for."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert page.evaluate(WIDER) == [], name
    # A press leaves the page where it was; a button half under the bar that stays on top is no fault of its size.
    page.evaluate("scrollTo(0, 0)")
    found = Axe().run(page, options=RULES).response["violations"]
    assert found == [], f"{name}: {[(one['id'], one['nodes'][0]['target']) for one in found]}"


def test_digits_are_shown_typed_and_gone(
    clock: Any, phone: Any, seen: Any, crowd: Any, lao_wang: accounts.User
) -> None:
    """T02: the ring shrinks, the count follows, and when time is over the page puts the digits away by itself."""
    day_id, people = crowd
    leader, hers = phone(lao_wang), phone(people[0])
    leader.clock.install()
    leader.goto(f"/service-days/{day_id}/roll-call")
    leader.get_by_role("button", name="出三位数字").click()
    digits = leader.locator(".digits-code")
    expect(digits).to_be_visible()
    code = digits.inner_text()
    assert len(code) == 3
    ring = leader.locator("[data-ring]")
    at_first = float(ring.get_attribute("stroke-dashoffset") or 0)
    fits(leader, "digits")

    hers.goto("/")
    hers.get_by_label("三位数字").fill(code)
    fits(hers, "home")
    hers.get_by_role("button", name="我在").click()
    expect(hers.get_by_text("答到了，谢谢。", exact=True)).to_be_visible()
    fits(hers, "answered")

    leader.clock.run_for(20_000)
    expect(leader.locator(".digits-so-far")).to_contain_text("1 / 6")
    assert float(ring.get_attribute("stroke-dashoffset") or 0) > at_first + 15
    clock.pass_(seconds=91)
    leader.clock.run_for(71_000)
    expect(leader.get_by_text("数字收起来了")).to_be_visible()
    expect(leader.locator(".digits-code")).to_have_count(0)
    fits(leader, "digits-over")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("wide", [360, 1280])
def test_the_lists_fit(
    sit: Any,
    seen: Any,
    crowd: Any,
    lao_wang: accounts.User,
    office: accounts.User,
    lang: str,
    wide: int,
) -> None:
    """T02: drawn, half marked, and what the office sees of it; on a small phone and on a desk."""
    day_id, _people = crowd
    size = {"width": wide, "height": 780}
    leader, desk = sit(lao_wang, size=size, lang=lang), sit(office, size=size, lang=lang)
    leader.goto(f"/service-days/{day_id}/roll-call")
    fits(leader, f"begin-{lang}-{wide}")
    leader.locator("button[type=submit]", has_text="抽几位" if lang == "zh" else "Draw a few").click()
    missing = leader.get_by_role("button", name="没找到" if lang == "zh" else "Not found")
    missing.first.click()
    expect(missing).to_have_count(2)
    fits(leader, f"sample-{lang}-{wide}")

    def again() -> None:
        from volunteer.db import db

        day = db.session.get_one(service_days.ServiceDay, day_id)
        rollcall.close(day)
        rollcall.begin(day, "digits", lao_wang)
        rollcall.close(day)

    seen(again)
    leader.goto(f"/service-days/{day_id}/roll")
    leader.locator("summary", has_text="是怎样抽的" if lang == "zh" else "was drawn").click()
    fits(leader, f"roll-{lang}-{wide}")
    desk.goto("/office/gate")
    fits(desk, f"gate-{lang}-{wide}")
