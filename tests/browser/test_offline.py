"""The scanner without signal, in a real Chromium: it opens, says green, amber or red at once, keeps every scan, sends them later."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_camera import camera  # noqa: F401 - a fixture
from tests.browser.test_device import enrol
from volunteer import checkin, codes, service_days
from volunteer import clock as wall_clock
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance, KeptScan
from volunteer.db import db

pytestmark = pytest.mark.browser

#: Hand a code to the page as its camera does.
SCAN = """([code, scan]) => document.querySelector("[data-scanner]").dispatchEvent(new CustomEvent("scanned",
  { bubbles: true, detail: { code, scan: scan ?? crypto.randomUUID(), seenAt: new Date().toISOString() } }))"""
STORED = """async () => {
  const base = await new Promise((then) => { const asked = indexedDB.open("liyu"); asked.onsuccess = () => then(asked.result); });
  const read = (name) => new Promise((then) => { const all = base.transaction(name).objectStore(name).getAll(); all.onsuccess = () => then(all.result); });
  const keys = await read("keys");
  const taken = await Promise.all(keys.map((one) => crypto.subtle.exportKey(one.privateKey ? "pkcs8" : "raw", one.privateKey ?? one).then(() => "taken", () => "kept")));
  const rosters = await read("rosters");
  const text = rosters.map((one) => [...new Uint8Array(one.sealed)].map((byte) => String.fromCharCode(byte)).join("")).join("");
  return { taken, scans: await read("scans"), rosters: rosters.map((one) => one.day), sealed: text };
}"""


@pytest.fixture
def ready(phone: Any, clock: Any) -> Callable[..., Page]:
    """The organiser's phone, enrolled, the page on the device, the day's roster in it, at nine on the day."""

    def prepare(leader: Any, day_id: int, at: str = "2026-03-08 09:00", **options: Any) -> Page:
        clock.move(at)
        page = phone(leader, **options)
        page.clock.install(time=wall())
        enrol(page, "北门手机")
        page.goto(f"/scanner?day={day_id}")
        expect(page.locator("[data-roster]")).to_contain_text("存在本机")
        expect(page.locator("[data-ready='1']")).to_be_attached()
        return page

    return prepare


def wall() -> Any:
    """What a clock that runs with ours shows."""
    return wall_clock.now().astimezone()


def verdict(page: Page) -> Any:
    return page.locator("[data-verdict-place] > section")


def scan(page: Page, code: str, scan_name: str | None = None) -> None:
    page.evaluate(SCAN, [code, scan_name])


def kept(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(STORED)["scans"]
    return found


def test_fifty_scans_without_signal_each_count_once(
    ready: Any, site: Any, clock: Any, here: Any, seen: Any, lao_wang: Any, make_activity: Any, make_day: Any, make_volunteers: Any,
) -> None:  # fmt: skip
    """T25, T26: no signal: the page opens by its service worker, fifty passes are green at once; the tab is closed,
    signal returns, and each is on the server once."""
    people = make_volunteers(50)
    stall = make_activity(plan="分五组，每组一台扫码设备，组长在门口。")
    day = make_day("2026-03-13", of=stall, capacity=60)
    for one in people:
        service_days.sign_up(one, day)
    day_id = day.id
    page = ready(lao_wang, day_id, "2026-03-13 09:00")
    context: BrowserContext = page.context
    context.set_offline(True)
    page.close()

    page = context.new_page()
    page.clock.install(time=wall())
    page.goto("/scanner")  # by the icon on the desk: the only day there is opens by itself
    expect(page.locator("[data-title]")).to_contain_text("清洁家园")
    expect(page.locator("[data-signal=no]")).to_be_visible()
    for n, code in enumerate(seen(lambda: [checkin.my_pass(one).url for one in people])):
        scan(page, code, f"offline-{n:02d}")
    expect(page.locator("[data-kept-count]")).to_have_text("留在本机的扫码 50 条")
    expect(page.get_by_text("没有信号：50 个码留在这台设备里")).to_be_visible()
    assert {(one["verdict"], one["why"]) for one in kept(page)} == {("good", "in")}
    assert sorted(one["seq"] for one in kept(page)) == list(range(1, 51))
    assert seen(lambda: db.session.query(KeptScan).count()) == 0
    page.close()

    clock.pass_(minutes=1)
    context.set_offline(False)
    page = context.new_page()
    page.clock.install(time=wall())
    page.goto(f"/service-days/{day_id}/scanner")  # wherever he looks next, they go out
    expect(page.get_by_text("50 个码已经上传。")).to_be_visible()
    rows = seen(lambda: [(one.scan, one.outcome) for one in db.session.query(KeptScan)])
    assert sorted(rows) == [(f"offline-{n:02d}", "recorded") for n in range(50)]
    stays = seen(lambda: [one.volunteer_id for one in db.session.query(Attendance)])
    assert sorted(stays) == sorted(one.id for one in people)
    assert {one["outcome"] for one in kept(page)} == {"recorded"}


def test_green_amber_and_red(
    ready: Any,
    clock: Any,
    seen: Any,
    lao_wang: Any,
    xiaoman: Any,
    daming: Any,
    grandma: Any,
    day: Any,
    app: Any,
) -> None:
    """T05, T28, CK-16, CK-22: a pass of the roster is green; a stranger's, a card's or a number's amber; a forged, stale,
    revoked or own one red, and what is no volunteer's code is not kept at all. Never a false green."""
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    day_id, at = day.id, wall_clock.moment("2026-03-08T09:00:00+08:00")
    keyring = app.extensions["keyring"]
    public = codes.decode(xiaoman.public, passes.VOLUNTEER_BYTES)
    his = codes.decode(daming.public, passes.VOLUNTEER_BYTES)
    good = checkin.my_pass(xiaoman, at).url
    shown = {
        good: ("good", "小*"),
        checkin.my_pass(daming, at).code.lower(): ("good", "陈*明"),
        checkin.my_pass(grandma, at).code: ("caution", "要先报名"),
        seen(lambda: checkin.cards.face(checkin.cards.make(xiaoman, xiaoman), xiaoman).url): (
            "caution",
            "志愿者卡",
        ),
        xiaoman.volunteer_no: ("caution", "编号"),
        # the seal of another's key, of another day's, of another revision
        passes.pass_code(keyring, his, daming.pass_revision + 1, at): ("refused", "对不上"),
        f"{checkin.my_pass(daming, at).code[:-2]}00": ("refused", "对不上"),
        passes.card_code(keyring, public, 0, at.date()): ("refused", "作废"),
        checkin.my_pass(xiaoman, wall_clock.moment("2026-03-08T08:57:00+08:00")).code: (
            "refused",
            "过了时间",
        ),
        checkin.my_pass(xiaoman, wall_clock.moment("2026-03-08T09:03:00+08:00")).code: (
            "refused",
            "过了时间",
        ),
        checkin.my_pass(xiaoman, wall_clock.moment("2026-03-07T09:00:00+08:00")).code: (
            "refused",
            "过了时间",
        ),
        checkin.my_pass(lao_wang, at).code: ("refused", "自己的码"),
    }
    dropped = {
        checkin.showing(day, at).url: ("refused", "大屏"),
        "https://evil.example/m/" + checkin.my_pass(xiaoman, at).code: ("refused", "不是我们"),
        "WIFI:S:free;;": ("refused", "不是我们"),
    }
    page = ready(lao_wang, day_id)
    page.context.set_offline(True)
    for code, (colour, words) in {**shown, **dropped}.items():
        scan(page, code)
        expect(verdict(page)).to_have_attribute("data-verdict", colour)
        expect(verdict(page)).to_contain_text(words)
        expect(verdict(page)).to_contain_text(
            "没有存下" if code in dropped else "存" if colour != "caution" else "留着"
        )
        verdict(page).get_by_role("button").click()
    assert len(kept(page)) == len(shown), "nothing with our shape is thrown away, nothing else is kept"
    assert sum(one["verdict"] == "good" for one in kept(page)) == 2
    page.context.set_offline(False)
    expect(page.locator("[data-kept-words]")).to_contain_text("已经上传", timeout=45_000)
    outcomes = {one["code"]: one["outcome"] for one in kept(page)}
    greens = {one["code"] for one in kept(page) if one["verdict"] == "good"}
    assert {outcomes[code] for code in greens} == {"recorded"}
    assert "refused" in outcomes.values() and "parked" in outcomes.values()


def test_a_pass_revoked_after_the_roster_was_taken_never_counts(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T28, CK-16: the device cannot know and says green; the server says no, and the list on the device says why."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    page.context.set_offline(True)
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code), "lost-phone")
    expect(verdict(page)).to_have_attribute("data-verdict", "good")

    def lose() -> None:
        xiaoman.pass_revision += 1

    seen(lose)
    page.context.set_offline(False)
    expect(page.locator("[data-kept-words]")).to_contain_text("已经上传", timeout=45_000)
    (one,) = kept(page)
    assert (one["outcome"], one["refusal"]) == ("parked", "checkin.revoked_pass")
    page.locator("[data-kept-list] summary").click()
    expect(page.locator(".kept-item")).to_contain_text("等社区看")
    expect(page.locator(".kept-item")).to_contain_text("本人已经换了新的码")
    assert seen(lambda: db.session.query(Attendance).count()) == 0
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-roster]")).to_contain_text("存在本机")
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    # The roster it took with its signal knows the new one.
    expect(verdict(page)).to_have_attribute("data-verdict", "good")


def test_a_phone_whose_clock_is_wrong_keeps_the_right_time(
    phone: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T24: a phone three hours ahead: it learns so with the roster, judges by our time, and the scan counts at it."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    clock.move("2026-03-08 09:00")
    page = phone(lao_wang)
    page.clock.install(time="2026-03-08T12:00:00+08:00")
    enrol(page, "钟快三小时")
    page.goto(f"/scanner?day={day_id}")
    expect(page.locator("[data-roster]")).to_contain_text("存在本机")
    page.context.set_offline(True)
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    expect(verdict(page)).to_have_attribute("data-verdict", "good")
    expect(verdict(page)).to_contain_text(re.compile("09:0[0-2]"))
    page.context.set_offline(False)
    expect(page.locator("[data-kept-words]")).to_contain_text("已经上传", timeout=45_000)
    came = seen(lambda: db.session.query(Attendance).one().in_at)
    assert abs((came - wall_clock.moment("2026-03-08T09:00:00+08:00")).total_seconds()) < 60


def test_a_phone_whose_clock_was_set_meanwhile_says_it_cannot_tell(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T24: opened anew without signal, the clock set an hour ahead: red or amber, never green; kept all the same."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    page.context.set_offline(True)
    page.clock.set_system_time("2026-03-08T10:00:00+08:00")
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    expect(verdict(page)).to_have_attribute("data-verdict", re.compile("caution|refused"))
    assert len(kept(page)) == 1


def test_what_lies_on_the_device_tells_nobody_anything(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T29, S01: no key can be taken out, the roster lies sealed, no page of anybody is kept; with the day it is gone, and the
    scan that was not sent stays."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    for address in (
        "/",
        "/me",
        "/me/hours",
        f"/service-days/{day_id}/roll",
        "/me/pass",
        f"/service-days/{day_id}/scanner",
    ):
        page.goto(address)
    page.goto(f"/scanner?day={day_id}")
    expect(page.locator("[data-at-work]")).to_be_visible()
    page.context.set_offline(True)
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    expect(verdict(page)).to_have_attribute("data-verdict", "good")
    stored = page.evaluate(STORED)
    assert set(stored["taken"]) == {"kept"} and len(stored["taken"]) == 2
    assert stored["rosters"] == [day_id]
    for words in ("小*", xiaoman.public, xiaoman.volunteer_no[-4:] + '"', "people"):
        assert words not in stored["sealed"]
    assert "小" not in json.dumps(stored["scans"], ensure_ascii=False)
    names = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
          (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""
    )
    assert set(names) >= {"/scanner", "/static/js/device.js"}
    assert {one for one in names if not one.startswith("/static/")} == {"/scanner", "/counter/offline"}
    page_text = page.evaluate(
        "async () => (await (await caches.match('/scanner', { ignoreSearch: true })).text())"
    )
    for secret in ("csrf", "王建国", "清洁家园"):
        assert secret not in page_text

    page.clock.set_system_time("2026-03-09T09:00:00+08:00")
    page.reload()
    expect(page.locator("[data-days]")).to_be_attached()
    stored = page.evaluate(STORED)
    assert stored["rosters"] == [] and len(stored["scans"]) == 1 and len(stored["taken"]) == 1


def test_two_tabs_number_one_row(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, make_volunteers: Any, day: Any
) -> None:
    """T26: two tabs of one phone: no number twice, none missing, each sent once."""
    people = make_volunteers(8)
    for one in people:
        service_days.sign_up(one, day)
    day_id = day.id
    first = ready(lao_wang, day_id)
    second = first.context.new_page()
    second.clock.install(time=wall())
    second.goto(f"/scanner?day={day_id}")
    expect(second.locator("[data-roster]")).to_contain_text("存在本机")
    first.context.set_offline(True)
    for n, code in enumerate(seen(lambda: [checkin.my_pass(one).code for one in people])):
        scan((first, second)[n % 2], code)
    expect(first.locator("[data-kept-count]")).to_have_text("留在本机的扫码 8 条")
    expect(second.locator("[data-kept-count]")).to_have_text("留在本机的扫码 8 条")
    assert sorted(one["seq"] for one in kept(first)) == list(range(1, 9))
    first.context.set_offline(False)
    expect(second.locator("[data-kept-words]")).to_be_hidden(timeout=45_000)
    expect(first.locator(".kept-item .badge-good")).to_have_count(8, timeout=45_000)
    assert seen(lambda: db.session.query(KeptScan).count()) == 8


def test_a_session_that_ended_meanwhile_costs_no_scan(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """S04, T25: signed out while there was no signal: the page says so, keeps all, and sends it after sign-in."""
    from volunteer import accounts

    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    page.context.set_offline(True)
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    expect(verdict(page)).to_have_attribute("data-verdict", "good")
    seen(lambda: accounts.sessions.close_all(lao_wang))
    page.context.set_offline(False)
    expect(page.locator("[data-trouble=sign_in]")).to_be_visible(timeout=45_000)
    assert [one.get("outcome") for one in kept(page)] == [None]
    cookie = seen(lambda: accounts.sessions.open(lao_wang))
    page.context.add_cookies([{"name": "sid", "value": cookie, "url": page.url}])
    page.reload()
    expect(page.locator("[data-kept-words]")).to_contain_text("已经上传", timeout=45_000)
    assert [one["outcome"] for one in kept(page)] == ["recorded"]


def test_the_camera_reads_without_signal(
    ready: Any, camera: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any  # noqa: F811
) -> None:  # fmt: skip
    """T25: the page and its reader from the service worker, the camera on a real code: green."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    text = checkin.my_pass(xiaoman, wall_clock.moment("2026-03-08T09:00:00+08:00")).url
    page = ready(lao_wang, day_id, within=camera(text), permissions=["camera"])
    expect(page.locator(".kept-item .badge-good")).to_have_count(
        1, timeout=30_000
    )  # seen at once, with signal
    context = page.context
    context.set_offline(True)
    page.close()
    page = context.new_page()
    page.clock.install(time=wall())
    page.goto(f"/service-days/{day_id}/scanner")
    expect(page.locator("[data-kept-count]")).to_have_text("留在本机的扫码 2 条", timeout=30_000)
    (one,) = (one for one in kept(page) if "outcome" not in one)
    # "again" where the first look had the roster already
    assert one["verdict"] == "good" and one["why"] in ("in", "again")


def test_the_first_scan_may_come_before_anything_is_drawn(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T25: a camera that opens at once is faster than the page: the scan belongs to its day, and is judged by its roster."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    code = seen(lambda: checkin.my_pass(xiaoman).code)
    page.context.set_offline(True)
    page.add_init_script(
        f"""const send = document.addEventListener.bind(document);
        document.addEventListener = (name, act, ...more) => {{
          send(name, act, ...more);
          if (name === "scanned") ({SCAN})(["{code}", "first"]);
        }};"""
    )
    page.reload()
    expect(verdict(page)).to_have_attribute("data-verdict", "good")
    assert [(one["day"], one["why"]) for one in kept(page)] == [(day_id, "in")]


def test_taking_it_off_leaves_the_scans_and_nothing_else(
    ready: Any, clock: Any, seen: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """T29: unregistered, roster and page wiped, the scan that was not sent still there."""
    service_days.sign_up(xiaoman, day)
    day_id = day.id
    page = ready(lao_wang, day_id)
    page.context.set_offline(True)
    scan(page, seen(lambda: checkin.my_pass(xiaoman).code))
    expect(verdict(page)).to_be_visible()
    verdict(page).get_by_role("button").click()
    page.locator(".gate-leave summary").click()
    page.locator("[data-leave]").click()
    expect(page).not_to_have_url(re.compile("/scanner"))
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto("/")
    left = page.evaluate(
        "async () => [(await navigator.serviceWorker.getRegistrations()).length, (await caches.keys()).length]"
    )
    assert left == [0, 0]
    stored = page.evaluate(STORED)
    assert stored["rosters"] == [] and len(stored["scans"]) == 1


def test_inside_wechat_it_says_where_to_open_it(phone: Any, lao_wang: Any, day: Any) -> None:
    """Codes (c): WeChat cannot install a page, so none is registered there."""
    page = phone(lao_wang, user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/120 MicroMessenger/8.0.50")
    page.goto("/scanner")
    expect(page.get_by_text("微信里打不开离线扫码")).to_be_visible()
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
