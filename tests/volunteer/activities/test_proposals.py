"""Proposing an activity and having it published (O3, O12; SU-08)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from volunteer import activities, teams
from volunteer.activities import proposals, publication
from volunteer.ledger import rules
from volunteer.notices import Notice

GOOD = {
    "title": "清洁家园",
    "category": "低碳绿",
    "content": "一起清扫社区小路，捡拾垃圾。",
    "place_name": "南坑社区党群服务中心",
    "place_address": "南坑路 12 号",
    "risk": "路面湿滑，请穿防滑的鞋。",
    "guarantees": "提供手套和饮水。",
}


@pytest.fixture
def draft(team, lao_wang):
    return activities.propose(lao_wang, team, **GOOD)


def test_a_proposal_is_a_draft_of_its_team(draft, team, lao_wang):
    assert (draft.state, draft.category, draft.pay_kind, draft.coefficient) == ("draft", "green", "time", 10)
    assert (draft.team_id, draft.area_path, draft.leader_id) == (team.id, team.area_path, lao_wang.id)


@pytest.mark.parametrize("missing", ["title", "content", "place_name", "place_address", "risk", "guarantees"])
def test_nothing_that_people_must_know_is_left_out(team, lao_wang, missing):
    with pytest.raises(activities.Incomplete) as refused:
        activities.propose(lao_wang, team, **(GOOD | {missing: "  "}))
    assert refused.value.facts["field"] == missing


@pytest.mark.parametrize(
    ("pay", "kept"),
    [
        ({"pay_kind": "time", "coefficient": 14}, ("time", 14, None)),
        ({"pay_kind": "flat", "flat_points": 5}, ("flat", 10, 5)),
        ({"pay_kind": "flat", "flat_points": 0}, None),
        ({"pay_kind": "flat", "flat_points": 61}, None),
        ({"pay_kind": "cash"}, None),
    ],
)
def test_pay_is_by_time_or_flat(team, lao_wang, pay, kept):
    if kept is None:
        with pytest.raises(proposals.BadPay):
            activities.propose(lao_wang, team, **(GOOD | pay))
        return
    activity = activities.propose(lao_wang, team, **(GOOD | pay))
    assert (activity.pay_kind, activity.coefficient, activity.flat_points) == kept


@pytest.mark.parametrize("level", [0, 13, 16, 120, -12])
def test_a_difficulty_is_one_of_the_scheme(team, lao_wang, level):
    """V13: 1.0, 1.2 and 1.4 until a rule set says otherwise."""
    with pytest.raises(proposals.BadCoefficient) as refused:
        activities.propose(lao_wang, team, **(GOOD | {"pay_kind": "time", "coefficient": level}))
    assert refused.value.detail == "难度系数只有 1.0 / 1.2 / 1.4 这几档，请选一档。"


def test_a_scheme_with_other_levels_pays_by_those(here, clock, team, lao_wang, visitor):
    """V13, A3: the levels are the scheme's; the form offers them, with what half an hour brings there."""
    rules.publish(
        {"coefficients": [1, 1.5], "points_per_hour": 20},
        date(2026, 3, 8),
        "两档",
        area_path=team.area_path[:3],
    )
    clock.move("2026-03-08 09:00")
    here.commit()
    page = visitor(lao_wang).get("/activities/new")
    assert "每 30 分钟 10 分" in page.words and "1.5" in page.words and "1.4" not in page.words
    assert activities.propose(lao_wang, team, **(GOOD | {"coefficient": 15})).coefficient == 15
    with pytest.raises(proposals.BadCoefficient):
        activities.propose(lao_wang, team, **(GOOD | {"coefficient": 14}))


@pytest.mark.parametrize("word", ["green", "低碳绿", "低碳"])
def test_a_category_in_every_spelling(word):
    assert activities.category_of(word) == "green"


def test_a_category_we_do_not_have():
    with pytest.raises(proposals.UnknownCategory):
        activities.category_of("娱乐")


def test_danger_needs_insurance_and_grown_ups(team, lao_wang):
    with pytest.raises(proposals.Uninsured):
        activities.propose(lao_wang, team, **(GOOD | {"risk_level": "high"}))
    activity = activities.propose(
        lao_wang, team, **(GOOD | {"risk_level": "high", "insurance": "保单 2026-001"})
    )
    assert activity.min_age == 18


def test_what_is_not_service_is_refused_with_its_reason(team, lao_wang):
    with pytest.raises(activities.Ineligible) as refused:
        activities.propose(lao_wang, team, **(GOOD | {"title": "团建聚餐", "content": "大家一起吃饭。"}))
    assert "title" in refused.value.facts["errors"]


def test_a_draft_may_be_kept_unfit_but_not_published(team, lao_wang, office, here):
    activity = activities.propose(lao_wang, team, look=False, **(GOOD | {"title": "补录上周清洁"}))
    for ask in (activities.ask_publication, activities.publish):
        with pytest.raises(activities.Ineligible), here.signed_in(lao_wang):
            ask(activity)
    assert activity.state == "draft"


def test_the_leader_asks_and_the_office_publishes(here, db, draft, lao_wang, office):
    with here.signed_in(lao_wang):
        assert activities.ask_publication(draft).state == "pending"
        assert activities.ask_publication(draft).state == "pending"
    assert len(db.session.scalars(select(Notice).where(Notice.user_id == office.id)).all()) == 1
    with here.signed_in(office):
        assert activities.ask_publication(draft).state == "published"
    assert draft.decided_by == office.id


def test_the_office_next_door_only_asks(here, draft, other_office):
    with here.signed_in(other_office):
        assert activities.ask_publication(draft).state == "pending"


def test_a_proposal_comes_back_with_what_to_mend(here, draft, lao_wang):
    with here.signed_in(lao_wang):
        activities.ask_publication(draft)
    activities.reject(draft, "请写清集合地点")
    assert (draft.state, draft.reason) == ("rejected", "请写清集合地点")
    activities.edit(draft, **(GOOD | {"place_address": "南坑路 12 号一楼大厅"}))
    assert draft.state == "draft"


def test_only_what_waits_is_sent_back(draft):
    """SU-08."""
    with pytest.raises(publication.Decided):
        activities.reject(draft, "晚了")
    activities.publish(draft)
    with pytest.raises(publication.Decided):
        activities.reject(draft, "晚了")
    with pytest.raises(activities.NotOpen):
        activities.edit(draft, **GOOD)


def test_a_suspended_team_proposes_nothing(team, lao_wang):
    teams.suspend(team, "年审")
    with pytest.raises(teams.NotActive):
        activities.propose(lao_wang, team, **GOOD)
