"""Being in a team (V5)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from volunteer import teams
from volunteer.notices import Notice
from volunteer.teams import memberships


def test_a_volunteer_asks_and_the_leader_lets_them_in(db, team, xiaoman, lao_wang):
    asked = teams.join(xiaoman, team)
    assert (asked.state, team.members) == ("applied", 1)
    assert (
        db.session.scalars(select(Notice).where(Notice.user_id == lao_wang.id))
        .all()[-1]
        .link.endswith("/members")
    )
    teams.accept(asked)
    assert (asked.state, asked.main, team.members) == ("member", True, 2)
    assert teams.accept(asked) is asked and team.members == 2
    assert teams.is_member(team.id, xiaoman.id)


def test_asking_twice_is_one_question(team, xiaoman):
    assert teams.join(xiaoman, team) is teams.join(xiaoman, team)


def test_five_teams_are_the_most(lao_wang, nankeng, xiaoman):
    made = [
        teams.approve(teams.found(lao_wang, nankeng, f"第{n}志愿服务队", "residents")) for n in "一二三四五六"
    ]
    for team in made[:5]:
        teams.join(xiaoman, team)
    with pytest.raises(teams.TooManyTeams):
        teams.join(xiaoman, made[5])
    teams.leave(xiaoman, made[0])
    assert teams.join(xiaoman, made[5]).state == "applied"


def test_leaving_and_coming_back(team, xiaoman):
    teams.accept(teams.join(xiaoman, team))
    left = teams.leave(xiaoman, team)
    assert (left.state, left.main, team.members) == ("left", False, 1)
    assert teams.leave(xiaoman, team) is left and team.members == 1
    assert teams.join(xiaoman, team).state == "applied"


def test_somebody_turned_away_is_told_and_may_ask_again(db, team, xiaoman):
    membership = teams.refuse_member(teams.join(xiaoman, team))
    assert membership.state == "refused" and team.members == 1
    assert db.session.scalar(select(Notice).where(Notice.user_id == xiaoman.id)) is not None
    with pytest.raises(memberships.Answered):
        teams.accept(membership)
    assert teams.join(xiaoman, team).state == "applied"


def test_the_leader_stays(team, lao_wang, xiaoman):
    with pytest.raises(memberships.LeaderStays):
        teams.leave(lao_wang, team)
    with pytest.raises(teams.NotYours):
        teams.leave(xiaoman, team)


def test_nobody_joins_a_team_that_waits(lao_wang, nankeng, xiaoman):
    with pytest.raises(teams.NotActive):
        teams.join(xiaoman, teams.found(lao_wang, nankeng, "青年志愿服务队", "youth"))


def test_one_team_is_the_main_one(team, lao_wang, nankeng, xiaoman):
    other = teams.approve(teams.found(lao_wang, nankeng, "青年志愿服务队", "youth"))
    first, second = teams.accept(teams.join(xiaoman, team)), teams.accept(teams.join(xiaoman, other))
    assert (first.main, second.main) == (True, False)
    teams.choose_main(xiaoman, other)
    assert (first.main, second.main) == (False, True)
