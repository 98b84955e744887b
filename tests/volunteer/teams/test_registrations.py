"""A team comes to be (O1, O2; SU-08)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from volunteer import accounts, events, teams
from volunteer.notices import Notice
from volunteer.teams import registrations


def test_a_registered_team_waits_for_the_community(lao_wang, nankeng):
    team = teams.found(lao_wang, nankeng, "  巾帼志愿服务队 ", "women")
    assert (team.state, team.name, team.area_path, team.members) == (
        "pending",
        "巾帼志愿服务队",
        nankeng.path,
        0,
    )
    assert teams.found(lao_wang, nankeng, "巾帼志愿服务队", "women") is team


def test_on_approval_who_registered_it_leads_it(here, db, team, lao_wang, nankeng):
    assert (team.state, team.members) == ("active", 1)
    assert teams.is_member(team.id, lao_wang.id)
    assert [hold.role for hold in lao_wang.holds if hold.team_id == team.id] == ["team_leader"]
    assert teams.approve(team).members == 1
    assert teams.led_by(lao_wang.id) == [team]
    (told,) = db.session.scalars(select(Notice).where(Notice.user_id == lao_wang.id))
    assert told.link == f"/teams/{team.id}"


def test_who_decided_is_remembered(here, office, lao_wang, nankeng):
    team = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    with events.acting(office.id):
        teams.approve(team)
    assert team.decided_by == office.id


def test_another_team_of_the_area_cannot_have_the_name(lao_wang, daming, nankeng, yangmei):
    teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    with pytest.raises(teams.NameTaken):
        teams.found(daming, nankeng, "青年志愿服务队", "youth")
    assert teams.found(daming, yangmei, "青年志愿服务队", "youth").state == "pending"


def test_a_team_turned_down_may_ask_again(lao_wang, nankeng):
    team = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    teams.reject(team, "请写明联系人")
    assert (team.state, team.reason) == ("rejected", "请写明联系人")
    again = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth", "联系人王建国")
    assert again is team and (team.state, team.reason) == ("pending", None)


def test_only_what_waits_is_decided(team, lao_wang, nankeng):
    """SU-08: approve only from pending."""
    with pytest.raises(registrations.Decided):
        teams.reject(team, "晚了")
    other = teams.found(lao_wang, nankeng, "青年志愿服务队", "youth")
    teams.reject(other, "重名")
    with pytest.raises(registrations.Decided):
        teams.approve(other)
    with pytest.raises(registrations.Decided):
        teams.suspend(other, "年审")


def test_a_team_is_suspended_and_goes_on(team):
    assert teams.suspend(team, "年审").state == "suspended"
    with pytest.raises(teams.NotActive):
        teams.require_active(team)
    assert teams.resume(team).state == "active"


def test_a_minor_leads_no_team(nankeng):
    young = accounts.register(
        name="小豆",
        phone="13800000077",
        home=nankeng,
        birth_on=date(2010, 3, 8),
        guardian_phone="13800000078",
    )
    with pytest.raises(registrations.TooYoung):
        teams.found(young, nankeng, "少年志愿服务队", "youth")
