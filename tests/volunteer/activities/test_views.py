"""The pages of activities."""

from __future__ import annotations

import pytest

from volunteer import activities
from volunteer.activities import queries

TYPED = {
    "title": "清洁家园",
    "category": "green",
    "content": "一起清扫社区小路，捡拾垃圾。",
    "place_name": "南坑社区党群服务中心",
    "place_address": "南坑路 12 号",
    "risk": "路面湿滑，请穿防滑的鞋。",
    "risk_level": "low",
    "guarantees": "提供手套和饮水。",
    "pay_kind": "time",
    "coefficient": "12",
}


def test_from_the_form_to_publication(visitor, db, team, lao_wang, office):
    leader, boss = visitor(lao_wang), visitor(office)
    assert leader.get("/activities/new").status_code == 200
    sent = leader.post("/activities", TYPED | {"team_id": team.id, "publish": "1"}, follow=True)
    assert sent.h1 == "清洁家园" and "等社区审核" in sent.words
    (activity,) = db.session.query(activities.Activity).all()
    assert (activity.coefficient, activity.state) == (12, "pending")
    assert "清洁家园" in boss.get("/office/inbox").words
    assert "等你审核" in boss.get(f"/activities/{activity.id}").words
    page = boss.post(f"/activities/{activity.id}/publication", follow=True)
    assert "还没有排服务日" in page.words
    assert "排一个系列" in leader.get(f"/activities/{activity.id}/days").words


def test_every_finding_stands_beside_its_field(visitor, team, lao_wang):
    browser = visitor(lao_wang)
    page = browser.post(
        "/activities",
        TYPED | {"team_id": team.id, "title": "团建聚餐", "content": "一起吃饭。", "publish": "1"},
    )
    assert page.status_code == 422 and page.all("p", id="title-error") and "团建聚餐" in page.text
    live = browser.post(
        "/activities/findings", TYPED | {"title": "补录上周清洁"}, headers={"HX-Request": "true"}
    )
    assert "补录" in live.words and "发布前要改" in live.words
    good = browser.post("/activities/findings", TYPED, headers={"HX-Request": "true"})
    assert "看着没问题" in good.words


def test_a_draft_may_be_unfit_and_is_mended_later(visitor, db, team, lao_wang):
    browser = visitor(lao_wang)
    draft = TYPED | {"team_id": team.id, "title": "补录上周清洁", "draft": "1"}
    assert "草稿" in browser.post("/activities", draft, follow=True).words
    (activity,) = db.session.query(activities.Activity).all()
    assert "发布前要改" in browser.get(f"/activities/{activity.id}/edit").words
    mended = TYPED | {"team_id": team.id, "publish": "1"}
    assert "等社区审核" in browser.post(f"/activities/{activity.id}", mended, follow=True).words


def test_what_is_missing_is_named_and_nothing_typed_is_lost(visitor, team, lao_wang):
    page = visitor(lao_wang).post("/activities", TYPED | {"team_id": team.id, "risk": "", "draft": "1"})
    assert page.status_code == 422 and page.all("p", id="risk-error") and "捡拾垃圾" in page.text
    danger = visitor(lao_wang).post(
        "/activities", TYPED | {"team_id": team.id, "risk_level": "high", "publish": "1"}
    )
    assert danger.status_code == 422 and danger.all("p", id="insurance-error")
    flat = visitor(lao_wang).post(
        "/activities", TYPED | {"team_id": team.id, "pay_kind": "flat", "publish": "1"}
    )
    assert flat.status_code == 422 and "固定分" in flat.words


def test_sending_it_back_needs_a_reason(visitor, here, team, lao_wang, office):
    activity = activities.propose(lao_wang, team, **(TYPED | {"coefficient": 12}))
    with here.signed_in(lao_wang):
        activities.ask_publication(activity)
    boss = visitor(office)
    assert boss.post(f"/activities/{activity.id}/rejection", {"reason": ""}).status_code == 422
    boss.post(f"/activities/{activity.id}/rejection", {"reason": "请写清集合地点"})
    assert "请写清集合地点" in visitor(lao_wang).get(f"/activities/{activity.id}").words


def test_who_may_look_and_who_may_decide(
    visitor, here, activity, lao_wang, xiaoman, other_office, auditor, office
):
    for person, status in (
        (xiaoman, 403),
        (other_office, 404),
        (auditor, 200),
        (office, 200),
        (lao_wang, 200),
    ):
        assert visitor(person).get(f"/activities/{activity.id}").status_code == status
    assert visitor(auditor).post(f"/activities/{activity.id}/publication").status_code == 404
    assert visitor(xiaoman).get("/activities/new").status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(visitor, here, activity, team, lao_wang, office, lang):
    draft = activities.propose(
        lao_wang, team, look=False, **(TYPED | {"title": "补录上周清洁", "coefficient": 12})
    )
    for person in (lao_wang, office):
        browser = visitor(person, lang=lang)
        for path in ("/activities", "/activities?q=清洁&state=published", f"/activities/{activity.id}"):
            assert browser.get(path).status_code == 200
    leader = visitor(lao_wang, lang=lang)
    assert leader.get("/activities/new").status_code == 200
    assert leader.get(f"/activities/{draft.id}/edit").status_code == 200


def test_what_a_team_does_is_for_everybody(activity, team):
    assert [one.title for one in queries.of_team(team.id)] == ["清洁家园"]
