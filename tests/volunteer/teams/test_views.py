"""The pages of teams."""

from __future__ import annotations

import pytest

from volunteer import teams


def test_a_team_from_the_form_to_the_first_member(visitor, lao_wang, office, xiaoman, nankeng):
    leader, boss, neighbour = visitor(lao_wang), visitor(office), visitor(xiaoman)
    leader.get("/teams/new")
    made = leader.post(
        "/teams",
        {"name": "巾帼志愿服务队", "kind": "women", "area_id": nankeng.id, "about": "周末陪老人聊天。"},
        follow=True,
    )
    assert made.h1 == "巾帼志愿服务队" and "等社区审核" in made.words
    team = teams.led_by(lao_wang.id)[0]
    assert neighbour.get(f"/teams/{team.id}").status_code == 404
    assert "通过" in boss.get(f"/teams/{team.id}").words
    assert "队长已经收到消息" in boss.post(f"/teams/{team.id}/approval", follow=True).words
    assert "申请加入" in neighbour.get(f"/teams/{team.id}").words
    assert "等队长答复" in neighbour.post(f"/teams/{team.id}/membership", follow=True).words
    people = leader.get(f"/teams/{team.id}/members")
    assert "小满" in people.words and "138****0001" in people.words
    (ask,) = [form for form in people.all("form") if form.get("action", "").endswith("/acceptance")]
    assert "队员 2 人" in leader.post(ask.get("action"), follow=True).words
    assert "退出队伍" in neighbour.get(f"/teams/{team.id}").words


def test_what_was_typed_is_never_lost(visitor, team, daming, nankeng):
    page = visitor(daming).post(
        "/teams", {"name": team.name, "kind": "party", "area_id": nankeng.id, "about": "周三晚上巡逻。"}
    )
    assert page.status_code == 422 and "换个名字" in page.words and "周三晚上巡逻。" in page.text


def test_who_may_decide(visitor, lao_wang, xiaoman, other_office, office, nankeng):
    team = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    for person, status in ((xiaoman, 403), (lao_wang, 403), (other_office, 404), (office, 302)):
        assert visitor(person).post(f"/teams/{team.id}/approval").status_code == status


def test_turning_a_team_down_needs_a_reason(visitor, lao_wang, office, nankeng):
    team = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    boss = visitor(office)
    assert boss.post(f"/teams/{team.id}/rejection", {"reason": " "}).status_code == 422
    boss.post(f"/teams/{team.id}/rejection", {"reason": "请写明联系人"})
    assert "请写明联系人" in visitor(lao_wang).get(f"/teams/{team.id}").words


def test_searching_keeps_its_words_in_the_address(visitor, team, xiaoman, yangmei, daming):
    teams.approve(teams.found(daming, yangmei, "杨美青年队", "youth"))
    page = visitor(xiaoman).get("/teams?q=青年&kind=youth")
    assert "杨美青年队" in page.words and team.name not in page.words
    assert page.all("input", name="q")[0].get("value") == "青年"
    assert "没有找到" in visitor(xiaoman).get(f"/teams?area={yangmei.id}&q=党员").words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(visitor, team, lao_wang, office, xiaoman, lang):
    teams.join(xiaoman, team)
    for person in (lao_wang, office, xiaoman):
        browser = visitor(person, lang=lang)
        for path in ("/teams", "/teams/new", f"/teams/{team.id}"):
            assert browser.get(path).status_code == 200
    for path in ("/office/teams", f"/teams/{team.id}/members"):
        assert visitor(lao_wang, lang=lang).get(path).status_code == 200
    assert "党员志愿服务队" in visitor(office).get("/office/teams").words


def test_the_office_next_door_sees_no_members(visitor, team, other_office):
    assert visitor(other_office).get(f"/teams/{team.id}/members").status_code == 404
