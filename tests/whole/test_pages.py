"""Every page, opened by everybody: an answer or a kind no, never a crash; every page in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from rewards import giving, offers, partners, vouchers
from volunteer import (
    accounts,
    activities,
    checkin,
    codes,
    community,
    households,
    ledger,
    patrols,
    service_days,
    sheets,
    teams,
)

#: Parts of a page, fetched by its script.
FRAGMENTS = {
    "checkin.my_pass_now",
    "households.pass_now",
    "rollcall.now",
    "vouchers.now",
    "mart.now",
    "service_days.preview",
}
ANSWERS = (200, 204, 302, 303, 400, 401, 403, 404, 409, 410, 422)


def team_area(team: teams.Team) -> community.Area:
    return community.get(team.area_id)


@pytest.fixture
def street(
    clock: Any,
    here: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
    team: teams.Team,
    activity: activities.Activity,
    tea_house: partners.Partner,
    tea: offers.Offer,
    give_points: Callable[..., None],
    office: accounts.User,
) -> dict[str, Any]:
    """A little of everything: a day with somebody in, a shop, an offer, a voucher; and how addresses name them."""
    route = patrols.routes.make(team_area(team), "周一夜查", team=team, by=lao_wang)
    point = patrols.routes.add_point(route, "东门岗亭", team_area(team), "看看消防通道", by=lao_wang)
    patrols.plans.choose(day, route, by=lao_wang)
    service_days.sign_up(xiaoman, day)
    give_points(xiaoman, 100)
    voucher = vouchers.claim(xiaoman, tea.id)
    hall = offers.publish(
        tea_house, title="球场", kind="venue", points=0, stock=9, by_slot=True, until_on=date(2026, 12, 31)
    )
    (slot,) = offers.slots.add(hall, date(2026, 4, 20), time(10), time(11), 3)
    clock.move("2026-03-08 09:00")
    stay = checkin.record(xiaoman, checkin.showing(day).code, "scan-one")
    found = patrols.findings.report(xiaoman, day, "fire", "消防通道堵了", sent="form-one")
    checkin.posters.make(day=day, by=lao_wang)
    area = team_area(team)
    station = community.open_station(
        area, "南坑暖蜂驿站", colour="warm", kind="暖蜂驿站", address="南坑路 3 号", open_hours="08:00–21:00"
    )
    proxy = households.proxies.register(lao_wang, xiaoman, "一起来登记的", office)
    households.helping.open_pass(proxy)
    project = giving.projects.propose(
        area, office, title="夏令营", story="两周。", goal=500, from_on=date(2026, 3, 1), until_on=None
    )
    giving.projects.approve(project, lao_wang)
    pool = giving.pools.of(area.path)
    why = {"title": "清洁", "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": 20}}
    ledger.award(xiaoman.id, 20, key="giving-1", why=why, on=date(2026, 3, 8), area_path=area.path)
    gift = giving.give(xiaoman, pool.id, 10)
    here.commit()
    return {
        "project_id": project.id,
        "gift_id": gift.id,
        "route_id": route.id,
        "point_id": point.id,
        "finding_id": found.id,
        "proxy_id": proxy.id,
        "day_id": day.id,
        "attendance_id": stay.id,
        "team_id": team.id,
        "activity_id": activity.id,
        "series_id": 1,
        "partner_id": tea_house.id,
        "visit_id": 1,
        "basket_id": 1,
        "count_id": 1,
        "year": 2025,
        "complaint_id": partners.complaints.file(tea_house, "manner", "店员不理人", by=xiaoman).id,
        "offer_id": tea.id,
        "slot_id": slot.id,
        "voucher_id": voucher.id,
        "statement_id": 1,
        "share_id": 1,
        "import_id": 1,
        "area_id": team.area_id,
        "station_id": station.id,
        "person_id": xiaoman.id,
        "user_id": xiaoman.id,
        "record_id": 1,
        "supplement_id": 1,
        "sheet_id": sheets.printing.draw_up(day, blanks=0, by=lao_wang)[0].id,
        "reversal_id": 1,
        "draft_id": 1,
        "appeal_id": 1,
        "notice_id": 1,
        "number": tea_house.plaque_no,
        "picture_id": 1,
        "digest": "0" * 64,
        "month": "2026-03",
        "name": "points",
        "purpose": "photo",
        "part": "sessions",
        "secret": "a-feed-that-was-never-made",
        "token": "a-link-that-was-never-made",
        "kind": "csv",
        "form": "png",
        "screen_code": "7KQ2M9",
        "screen_id": 1,
        "code": checkin.showing(day).code,
        "key": codes.encode(b"12345678"),
        "stall_code": service_days.layout.stand(day, ["三号桌"])[0].public,
        "filename": "css/tokens.css",
    }


def _addresses(app: Any, street: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            missing = rule.arguments - set(street)
            assert not missing, f"{rule}: say what {missing} is, in the fixture"
            found.append(
                (rule.endpoint, app.url_for(rule.endpoint, **{name: street[name] for name in rule.arguments}))
            )
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_answers_everybody(
    app: Any,
    street: dict[str, Any],
    visitor: Any,
    xiaoman: accounts.User,
    lao_wang: accounts.User,
    azhen: accounts.User,
    office: accounts.User,
    street_office: accounts.User,
    auditor: accounts.User,
    passer_by: accounts.User,
    language: str,
) -> None:
    people = [None, xiaoman, lao_wang, azhen, office, street_office, auditor, passer_by]
    for person in people:
        browser = visitor(person, lang=language) if person else visitor(lang=language)
        for endpoint, address in _addresses(app, street):
            answer = browser.get(address, headers={"HX-Request": "true"} if endpoint in FRAGMENTS else {})
            assert answer.status_code in ANSWERS or (
                endpoint == "health.ready" and answer.status_code == 503
            ), f"{endpoint} {address} said {answer.status_code} to {person.name if person else 'a stranger'}"
