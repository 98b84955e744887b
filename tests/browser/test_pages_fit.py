"""Every page on a small phone: nothing runs off the side, in Chinese and in English; the busy ones pass axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from rewards import offers, partners, vouchers
from volunteer import accounts, activities, checkin, codes, service_days, sheets, teams
from volunteer.service_days import ServiceDay

pytestmark = pytest.mark.browser

#: No pages of their own: files, feeds, parts that a script fetches, doors that only lead on.
NO_PAGES = {
    "static", "health.alive", "health.ready", "metrics.metrics_now", "openapi.openapi", "openapi.docs",
    "offline.manifest", "offline.now", "offline.worker",
    "checkin.wall_now", "checkin.wall_ahead", "screens.now", "screens.ahead", "checkin.my_pass_now", "vouchers.now", "mart.now", "preferences.set", "service_days.preview",
    "rollcall.now", "vouchers.confirm", "offer_pictures.show", "offer_pictures.look",
}  # fmt: skip
FILES = (".csv", ".ics", ".json", ".xlsx", ".pdf", ".png", ".svg")
#: The sheets for a printer are as wide as their paper.
PAPER = {
    "service_days.poster", "service_days.stall_sheet", "partners.plaque_sheet", "partner_visits.sheet", "ledger.paper", "settlements.paper", "checkin.wall", "sheets.paper", "sheets.slips", "giving.note", "mart_office.labels", "mart_office.sheet",
}  # fmt: skip

WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > wide + 1)
    .slice(-4)
    .map((one) => `${one.tagName.toLowerCase()}.${[...one.classList].join('.')}: ${one.innerText?.slice(0, 40)}`);
}"""
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@pytest.fixture
def street(
    clock: Any,
    here: Any,
    xiaoman: accounts.User,
    daming: accounts.User,
    lao_wang: accounts.User,
    nankeng: Any,
    team: teams.Team,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., ServiceDay],
    tea_house: partners.Partner,
    azhen: accounts.User,
    make_offer: Callable[..., Any],
    give_points: Callable[..., None],
) -> dict[str, Any]:
    """A street on which something has happened; how its addresses name things. It is 8 March, 11:20."""
    long = "春风十里志愿同行邻里守望便民服务大集暨学雷锋主题活动"
    activity = make_activity(title=long, coefficient=12, walk_ins=True)
    made = service_days.schedule(
        activity, "FREQ=MONTHLY;BYDAY=2SU", date(2026, 3, 8), time(9), time(11, 30), 12,
        posts=[{"name": "秩序引导和停车疏导", "capacity": 6, "min_age": 16, "skill": "普通话和粤语"}],
    )  # fmt: skip
    day, april = made.days[:2]
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(xiaoman, april)
    service_days.sign_up(daming, day)
    teams.join(daming, team)
    teams.found(daming, nankeng, "四季花城阳光长者陪伴与上门探访志愿服务队", "elderly", "")
    activities.ask_publication(
        activities.propose(
            lao_wang, team,
            title="陪伴老人", category="warm", content="到老人家里陪他们说说话、读报、下棋。",
            place_name="南坑社区", place_address="南坑路 12 号", risk="上下楼梯小心。", guarantees="有保险。",
            pay_kind="flat", flat_points=8,
        )
    )  # fmt: skip
    give_points(xiaoman, 12345)
    tea = make_offer(title="凉茶一壶配手工桂花糕一份，可以坐下来慢慢喝", points=1234, stock=50, per_person=9)
    make_offer(title="剪发一次", kind="service", points=20_000)
    hall = make_offer(title="羽毛球场一号场地周末一小时", kind="venue", points=123, stock=50, by_slot=True)
    slots = offers.slots.add(hall, date(2026, 4, 20), time(10), time(11, 30), 12, weeks=3)
    vouchers.claim(xiaoman, hall.id, slot_id=slots[0].id)
    used, shown, kept = (vouchers.claim(xiaoman, tea.id) for _ in range(3))
    vouchers.redeem(vouchers.present(used).code, "scan-1", azhen)
    vouchers.cancel(kept)
    vouchers.present(shown)
    clock.move("2026-03-08 09:05")
    stay = checkin.record(xiaoman, checkin.showing(day).code, "scan-one")
    checkin.record(daming, checkin.showing(day).code, "scan-two")
    clock.move("2026-03-08 11:20")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-three")
    vouchers.present(shown)
    stall_code = service_days.layout.stand(april, ["量血压和慢性病咨询（社康中心）", "修伞"])[0].public
    sheet = sheets.printing.draw_up(day, blanks=5, by=lao_wang)[0]
    here.commit()
    return {
        "sheet_id": sheet.id,
        "day_id": day.id,
        "attendance_id": stay.id,
        "team_id": team.id,
        "activity_id": activity.id,
        "series_id": made.series.id,
        "partner_id": tea_house.id,
        "offer_id": hall.id,
        "slot_id": slots[0].id,
        "voucher_id": shown.id,
        "area_id": nankeng.id,
        "user_id": xiaoman.id,
        "number": tea_house.plaque_no,
        "month": "2026-03",
        "code": checkin.showing(day).code,
        "key": codes.encode(b"12345678"),
        "stall_code": stall_code,
    }


@pytest.fixture
def pages(app: Flask, street: dict[str, Any]) -> Callable[..., list[tuple[str, str]]]:
    """`pages("public")` are the addresses of every page with this right, each with its endpoint."""

    def find(*rights: str) -> list[tuple[str, str]]:
        found = []
        with app.test_request_context():
            for rule in app.url_map.iter_rules():
                view = app.view_functions[rule.endpoint]
                if (
                    "GET" not in (rule.methods or ())
                    or rule.endpoint in NO_PAGES | PAPER
                    or rule.rule.startswith("/api/")
                    or rule.rule.endswith(FILES)
                    or rule.arguments - set(street)
                    or (rights and getattr(view, "allow", "") not in rights)
                    or (not rights and getattr(view, "allow", "") in ("public", "self"))
                ):
                    continue
                values = {name: street[name] for name in rule.arguments}
                found.append((rule.endpoint, app.url_for(rule.endpoint, **values)))
        return found

    return find


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_runs_off_the_side_at_360_pixels(
    phone, pages, lang, xiaoman, lao_wang, boss_lin, street_office, nankeng
):
    """Each page as one of the people it is for; what they may not see is a page, too."""
    tours = [
        (None, pages("public")),
        (xiaoman, pages("self") + (pages("public") if lang == "zh" else [])),
        (lao_wang, pages()),
        (street_office, pages()),
        (
            boss_lin,
            [
                one
                for one in pages()
                if one[0].split(".")[0] in ("offers", "vouchers", "settlements", "partners")
            ],
        ),
    ]
    faults, opened = [], 0
    for person, tour in tours:
        name = person.name if person else "a stranger"
        page: Page = phone(person, lang=lang)
        for endpoint, address in tour:
            answer = page.goto(address)
            assert answer is not None and answer.status < 500, f"{endpoint} {address}"
            if answer.status == 403:
                continue
            opened += 1
            assert "download" not in (answer.headers.get("content-disposition") or "")
            if wider := page.evaluate(WIDER):
                faults.append(f"{endpoint} as {name}: " + " | ".join(wider))
            if page.evaluate("document.documentElement.lang.slice(0, 2)") != lang:
                faults.append(f"{endpoint} as {name} is not in {lang}")
        page.context.close()
    assert not faults, "\n".join(faults)
    assert opened > 80, f"only {opened} pages were opened"


def faults_of(page: Page) -> list[str]:
    """What axe finds, a line each."""
    told = Axe().run(page, options=RULES).response
    assert len(told["passes"]) > 10, "axe has looked at nothing"
    found = told["violations"]
    return [
        f"{one['id']}: {one['help']} — " + "; ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in found
    ]


def test_the_busy_pages_have_no_fault_that_axe_can_find(phone, street, xiaoman, lao_wang, azhen, office):
    """Contrast, labels, landmarks, headings, targets: in Chinese, on a small phone."""
    day, voucher, offer = street["day_id"], street["voucher_id"], street["offer_id"]
    tours = [
        (None, ["/", "/sign-in", "/register", "/calendar", f"/service-days/{day}"]),
        (
            xiaoman,
            [
                "/", f"/service-days/{day}", "/scan", f"/c/{street['code']}",
                f"/checkins/{street['attendance_id']}", "/me", "/me/pass", "/me/points", "/offers",
                f"/offers/{offer}", f"/vouchers/{voucher}",
            ],
        ),
        (azhen, ["/counter"]),
        (
            lao_wang,
            [
                f"/service-days/{day}/desk", f"/service-days/{day}/roll", f"/service-days/{day}/scanner",
                f"/service-days/{day}/wall", "/activities/new", f"/activities/{street['activity_id']}/series/new",
            ],
        ),
        (office, ["/office", "/office/inbox"]),
    ]  # fmt: skip
    faults = []
    for person, addresses in tours:
        page = phone(person)
        for address in addresses:
            page.goto(address)
            faults += [f"{address}: {fault}" for fault in faults_of(page)]
        page.context.close()
    assert not faults, "\n".join(faults)
