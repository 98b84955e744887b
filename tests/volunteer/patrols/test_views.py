"""Routes, walks and findings as people open them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from tests.volunteer.patrols.conftest import code_of, stops_of
from volunteer import accounts, checkin, community, patrols, service_days, teams
from volunteer.db import db
from volunteer.events import Happened
from volunteer.ledger.tariff import Share, Tariff
from volunteer.patrols import Finding, PointCode, Route, Visit


def photo() -> bytes:
    made, held = Image.new("RGB", (320, 240), "grey"), io.BytesIO()
    made.save(held, "JPEG")
    return held.getvalue()


# ── the walker ──


def test_a_scanned_checkpoint_is_one_tap_and_shows_the_way_on(
    visitor: Any, xiaoman: accounts.User, route: Route, walk: Any, come: Callable[..., None]
) -> None:
    """O15."""
    come(xiaoman)
    browser, code = visitor(xiaoman), code_of(route, 1)
    page = browser.get(f"/w/{code}")
    assert page.h1 == "周一夜查第1点" and "我到了" in page.words
    answer = browser.post(f"/w/{code}/visits", follow=True)
    assert answer.h1 == "周一夜查" and "“周一夜查第1点”打好了" in answer.words
    assert "1 / 5 个点" in answer.words and "再走 3 个点" in answer.words
    assert "下一个：周一夜查第2点" in answer.words and "看看2号楼的消防通道" in answer.words


def test_the_scanner_page_leads_on_to_the_checkpoint(
    visitor: Any, xiaoman: accounts.User, route: Route, come: Callable[..., None]
) -> None:
    come(xiaoman)
    code = code_of(route, 1)
    answer = visitor(xiaoman).post(
        "/checkins", {"code": f"http://localhost/w/{code}", "scan": "scan-of-a-page"}
    )
    assert (answer.status_code, answer.location) == (303, f"/w/{code}")


def test_a_stranger_is_sent_to_sign_in_and_comes_back(visitor: Any, route: Route) -> None:
    """T10: no password field behind a code."""
    code = code_of(route, 1)
    page = visitor().get(f"/w/{code}")
    assert page.status_code == 200 and not page.all("input", type="password")
    assert any(f"next=%2Fw%2F{code}" in link or f"next=/w/{code}" in link for link in page.links)
    assert visitor().post(f"/w/{code}/visits", {}).status_code in (302, 303, 401)


def test_a_refusal_is_a_card_with_one_button(
    visitor: Any, clock: Any, xiaoman: accounts.User, walk: Any, route: Route
) -> None:
    clock.move("2026-03-08 09:00")
    answer = visitor(xiaoman).post(f"/w/{code_of(route, 1)}/visits", {})
    assert answer.status_code == 409 and "先签到，再扫打卡点" in answer.words
    assert "/scan" in answer.links and db.session.scalar(select(Visit.id)) is None


@pytest.mark.parametrize("stops, needed", [(1, 1), (3, 3), (4, 4), (5, 4), (6, 5), (10, 8)])
def test_the_page_asks_for_as_many_as_the_rule(
    visitor: Any, clock: Any, xiaoman: accounts.User, make_route: Any, day: Any, stops: int, needed: int
) -> None:
    """O15: four fifths of six are five; what the page promises is what is counted."""
    patrols.plans.choose(day, make_route(stops=stops), by=None)
    service_days.sign_up(xiaoman, day)
    assert f"再走 {needed} 个点，时长就全记" in visitor(xiaoman).get(f"/me/patrols/{day.id}").words
    numbers = Tariff()
    assert numbers.in_full(Share(needed, stops)) and not numbers.in_full(Share(needed - 1, stops))


def test_the_whole_route_walked(
    visitor: Any, clock: Any, xiaoman: accounts.User, route: Route, walk: Any, come: Callable[..., None]
) -> None:
    come(xiaoman)
    for nth in range(1, 6):
        clock.pass_(minutes=5)
        patrols.visits.visit(xiaoman, code_of(route, nth))
    page = visitor(xiaoman).get(f"/me/patrols/{walk.id}")
    assert "5 / 5 个点" in page.words and "时长全记" in page.words and "全部走完了" in page.words


def test_before_and_after_the_walk_the_page_says_what_comes(
    visitor: Any, clock: Any, xiaoman: accounts.User, walk: Any, go: Callable[..., Any]
) -> None:
    service_days.sign_up(xiaoman, walk)
    browser = visitor(xiaoman)
    assert "先签到，再打卡" in browser.get(f"/me/patrols/{walk.id}").words
    assert f"/me/patrols/{walk.id}" in browser.get(f"/service-days/{walk.id}").links
    clock.move(walk.starts_at)
    checkin.record(xiaoman, checkin.showing(walk).code, "scan-in-1")
    go(xiaoman)
    assert "已经签退" in browser.get(f"/me/patrols/{walk.id}").words
    assert "Checked out" in visitor(xiaoman, lang="en").get(f"/me/patrols/{walk.id}").words


def test_whoever_has_no_part_in_it_does_not_find_it(
    visitor: Any, xiaoman: accounts.User, daming: accounts.User, walk: Any, day: Any
) -> None:
    """T13."""
    assert visitor(daming).get(f"/me/patrols/{walk.id}").status_code == 404
    assert visitor(daming).get(f"/me/patrols/{walk.id}/findings/new").status_code == 404


def test_checking_in_leads_on_to_the_walk_and_a_plain_day_does_not(
    visitor: Any, clock: Any, xiaoman: accounts.User, walk: Any, come: Callable[..., None],
    make_day: Callable[..., service_days.ServiceDay],
) -> None:  # fmt: skip
    come(xiaoman)
    browser = visitor(xiaoman)
    assert f"/me/patrols/{walk.id}" in browser.get("/checkins/1").links
    assert f"/me/patrols/{walk.id}" in browser.get("/").links
    plain = make_day("2026-03-15")
    service_days.sign_up(xiaoman, plain)
    assert f"/me/patrols/{plain.id}" not in browser.get(f"/service-days/{plain.id}").links


# ── what one finds ──


def test_reporting_with_a_photo_and_hearing_of_it(
    visitor: Any, here: Any, xiaoman: accounts.User, office: accounts.User, lao_wang: accounts.User,
    walk: Any, come: Callable[..., None],
) -> None:  # fmt: skip
    """O15, A9: from the checkpoint to the answer."""
    come(xiaoman)
    phone, desk = visitor(xiaoman), visitor(office)
    stop = stops_of(walk)[3]
    form = phone.get(f"/me/patrols/{walk.id}/findings/new?stop={stop.id}")
    chosen = [one.get("value") for one in form.all("option") if one.get("selected") is not None]
    assert chosen == [f"stop:{stop.id}"]
    sent = form.all("input", name="sent")[0].get("value")
    typed = {"sent": sent, "kind": "fire", "where": f"stop:{stop.id}", "words": "消防通道停满了电动车"}
    shown = phone.post(
        f"/me/patrols/{walk.id}/findings", typed | {"photo": (io.BytesIO(photo()), "a.jpg")}, follow=True
    )
    assert shown.h1 == "消防安全" and "新上报" in shown.words and shown.all("img", alt="上报时拍的照片")
    again = phone.post(f"/me/patrols/{walk.id}/findings", typed, follow=True)
    assert "新上报" in again.words and len(db.session.scalars(select(Finding)).all()) == 1

    found = db.session.scalar(select(Finding))
    assert found is not None
    assert "消防通道停满了电动车" in desk.get("/office/inbox").words
    assert "消防通道停满了电动车" in desk.get("/office/findings?state=reported&kind=fire").words
    assert "这里没有发现的问题" in desk.get("/office/findings?kind=clean").words
    picture = desk.get(f"/findings/{found.id}/photo")
    assert picture.mimetype == "image/jpeg" and "no-store" in picture.headers["Cache-Control"]
    assert visitor(lao_wang).get(f"/findings/{found.id}").status_code == 200
    desk.post(f"/findings/{found.id}/acceptance", {})
    solved = desk.post(
        f"/findings/{found.id}/resolution",
        {"reason": "已经搬走", "photo": (io.BytesIO(photo()), "b.jpg")},
        follow=True,
    )
    assert "已解决" in solved.words and "何*兰" not in phone.get(f"/findings/{found.id}").words
    mine = phone.get("/me/findings")
    assert "已解决" in mine.words and "已经搬走" in mine.words
    assert phone.get(f"/findings/{found.id}/photo?which=after").status_code == 200
    assert "1 1" not in mine.words
    public = visitor().get("/patrols")
    assert "南坑社区" in public.words and "电动车" not in public.words and "小满" not in public.text


def test_findings_stay_in_reach(
    visitor: Any, xiaoman: accounts.User, daming: accounts.User, other_office: accounts.User, walk: Any,
    come: Callable[..., None],
) -> None:  # fmt: skip
    """T13: for the next community, and for other volunteers, there is nothing."""
    come(xiaoman)
    made = patrols.findings.report(xiaoman, walk, "fire", "消防通道堵了", sent="form-one", photo=photo())
    for person in (other_office, daming):
        browser = visitor(person)
        assert browser.get(f"/findings/{made.id}").status_code == 404
        assert browser.get(f"/findings/{made.id}/photo").status_code == 404
    assert "消防通道堵了" not in visitor(other_office).get("/office/findings").words
    assert visitor(other_office).post(f"/findings/{made.id}/acceptance", {}).status_code == 404
    assert visitor(xiaoman).post(f"/findings/{made.id}/acceptance", {}).status_code == 403


def test_a_form_half_filled_comes_back(visitor: Any, xiaoman: accounts.User, walk: Any, come: Any) -> None:
    come(xiaoman)
    browser = visitor(xiaoman)
    back = browser.post(f"/me/patrols/{walk.id}/findings", {"kind": "fire", "where": "nowhere", "words": ""})
    assert back.status_code == 422
    bad = {
        "kind": "fire",
        "where": f"stop:{stops_of(walk)[0].id}",
        "words": "堵了",
        "photo": (io.BytesIO(b"no"), "a.jpg"),
    }
    back = browser.post(f"/me/patrols/{walk.id}/findings", bad)
    assert back.status_code == 422 and "打不开" in back.words and "堵了" in back.text
    assert db.session.scalar(select(Finding.id)) is None


def test_the_list_leaves_as_a_file_without_names(
    visitor: Any, xiaoman: accounts.User, office: accounts.User, walk: Any, come: Callable[..., None]
) -> None:
    """U5: who takes it is written down; a cell runs nothing."""
    come(xiaoman)
    patrols.findings.report(xiaoman, walk, "fire", "=cmd|' /C calc'!A0", sent="form-one")
    file = visitor(office).post("/office/findings/export?state=reported", {"reason": "月报"})
    assert file.mimetype == "text/csv" and "'=cmd" in file.text and "消防安全" in file.text
    assert "小满" not in file.text and "2026-03-08 09:00" in file.text
    assert db.session.scalar(select(Happened.id).where(Happened.kind == "dashboards.Exported"))


# ── the organiser ──


def test_a_leader_makes_a_route_prints_it_and_chooses_it(
    visitor: Any, here: Any, lao_wang: accounts.User, team: teams.Team, nankeng: community.Area, day: Any
) -> None:
    """O15, T10: host in words, sheet number."""
    browser = visitor(lao_wang)
    assert "还没有路线" in browser.get("/office/routes").words
    assert "还没有路线" in browser.get(f"/service-days/{day.id}/patrol").words
    assert f"/service-days/{day.id}/patrol" in browser.get(f"/service-days/{day.id}/desk").links
    made = browser.post("/office/routes", {"name": "周一夜查", "owner": f"team:{team.id}"}, follow=True)
    assert made.h1 == "周一夜查" and "还没有打卡点" in made.words
    taken = browser.post("/office/routes", {"name": "周一夜查", "owner": f"team:{team.id}"})
    assert taken.status_code == 422 and "换个名字" in taken.words
    assert browser.post("/office/routes", {"name": "x", "owner": f"area:{nankeng.id}"}).status_code == 422
    route = db.session.scalars(select(Route)).one()
    typed = {"called": "东门岗亭", "area_id": str(nankeng.id), "hint": "左手边的墙上"}
    browser.post(f"/office/routes/{route.id}/points", typed)
    page = browser.post(f"/office/routes/{route.id}/points", typed | {"called": "西门"}, follow=True)
    assert "1. 东门岗亭" in page.words and "2. 西门" in page.words
    sheet = browser.get(f"/office/routes/{route.id}/sheets")
    code = db.session.scalars(select(PointCode)).first()
    assert code is not None
    assert (
        "localhost" in sheet.words
        and f"张号 {code.id:04d}" in sheet.words
        and f"{code.code[:4]} {code.code[4:8]}" in sheet.words
    )
    assert len(browser.get(f"/office/routes/{route.id}/sheets?size=a6").all("div", class_="quarter")) == 2
    chosen = browser.post(f"/service-days/{day.id}/patrol", {"route_id": str(route.id)}, follow=True)
    assert chosen.h1 == "周一夜查" and "路线选好了" in chosen.words


def test_points_are_changed_moved_renewed_and_dropped(
    visitor: Any, lao_wang: accounts.User, make_route: Callable[..., Route], team: teams.Team
) -> None:
    route = make_route(team=team)
    browser = visitor(lao_wang)
    last = patrols.routes.points(route)[-1]
    at = f"/office/routes/{route.id}/points/{last.id}"
    typed = {"called": "新东门", "area_id": str(last.area_id), "hint": "", "nth": "1"}
    assert "1. 新东门" in browser.post(at, typed, follow=True).words
    old = code_of(route, 1)
    assert "张号" in browser.post(f"{at}/code", {}, follow=True).words
    assert code_of(route, 1) != old and browser.get(f"/w/{old}").status_code == 410
    assert "新东门" not in browser.post(f"{at}/removal", {}, follow=True).all("table")[0].itertext()
    assert browser.get(at).status_code == 404
    assert browser.post(f"/office/routes/{route.id}/closing", {}, follow=True).status_code == 200
    assert "收起来了" in browser.post(f"/office/routes/{route.id}", {"name": "西线"}, follow=True).words
    assert browser.post(f"/office/routes/{route.id}/reopening", {}, follow=True).h1 == "西线"


def test_the_organiser_sees_who_is_where_and_prints_it(
    visitor: Any, clock: Any, xiaoman: accounts.User, lao_wang: accounts.User, walk: Any, route: Route,
    come: Callable[..., None],
) -> None:  # fmt: skip
    come(xiaoman)
    browser = visitor(lao_wang)
    assert "还没有打卡" in browser.get(f"/service-days/{walk.id}/patrol").words
    for nth in range(1, 5):
        clock.pass_(seconds=10 if nth == 2 else 120)
        patrols.visits.visit(xiaoman, code_of(route, nth))
    patrols.findings.report(xiaoman, walk, "clean", "垃圾满了", sent="form-one", stop=stops_of(walk)[1])
    page = browser.get(f"/service-days/{walk.id}/patrol")
    assert "4 / 5 · 80%" in page.words and "1 个点扫得太快" in page.words and "周一夜查第4点" in page.words
    assert "小满" not in page.words
    summary = browser.get(f"/service-days/{walk.id}/patrol/summary")
    assert (
        "1 人参加，1 人走到八成以上；5 个打卡点，发现问题 1 条" in summary.words
        and "垃圾满了" in summary.words
    )
    assert "小" not in summary.words.replace("小结", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_walk_nobody_came_to(
    visitor: Any, clock: Any, lao_wang: accounts.User, walk: Any, lang: str
) -> None:
    clock.move("2026-03-08 09:30")
    page = visitor(lao_wang, lang=lang).get(f"/service-days/{walk.id}/patrol")
    assert ("还没有人签到" if lang == "zh" else "Nobody has checked in yet") in page.words
    assert visitor(lao_wang, lang=lang).get(f"/service-days/{walk.id}/patrol/summary").status_code == 200


def test_a_day_that_is_no_walk_has_no_summary(visitor: Any, lao_wang: accounts.User, day: Any) -> None:
    assert visitor(lao_wang).get(f"/service-days/{day.id}/patrol/summary").status_code == 404
