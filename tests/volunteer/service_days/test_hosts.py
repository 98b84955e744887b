"""A day two teams hold together, and people who did not sign up (O17, V8)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from volunteer import accounts, checkin, hours, service_days, teams
from volunteer.notices import Notice
from volunteer.service_days import hosts


@pytest.fixture
def second(nankeng, daming):
    """邻里互助队, led by 大明."""
    return teams.approve(teams.found(daming, nankeng, "邻里互助队", "community", "帮邻居。"))


def test_the_second_teams_leader_sees_the_roster_and_runs_the_gate(
    clock, here, visitor, day, second, xiaoman, daming, lao_wang
):
    """O17: roster, wall and scanner; nothing of planning, and nothing before they are named."""
    service_days.sign_up(xiaoman, day)
    pages = [f"/service-days/{day.id}/{page}" for page in ("desk", "roll", "wall", "scanner")]
    assert [visitor(daming).get(page).status_code for page in pages] == [404] * 4
    service_days.share(day, second)
    other = visitor(daming)
    assert [other.get(page).status_code for page in pages] == [200] * 4
    assert "小*" in other.get(pages[0]).words and "小满" not in other.get(pages[0]).words
    assert "清洁家园" in other.get("/office/days").words
    assert other.get(f"/service-days/{day.id}/setup").status_code == 404
    for act in ("capacity", "cancellation", "move", "walk-ins", "cohost", "absences", "roll/confirmation"):
        assert other.post(f"/service-days/{day.id}/{act}", data={"reason": "x"}).status_code == 404, act
    service_days.share(day, None)
    assert [visitor(daming).get(page).status_code for page in pages] == [404] * 4


def test_hours_count_once_for_the_team_whose_day_it_is(clock, here, db, team, second, day, xiaoman, daming):
    """O17."""
    service_days.share(day, second)
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    with here.signed_in(daming):
        checkin.scan_pass(daming, day.id, checkin.my_pass(xiaoman).code, "s-in")
        clock.move("2026-03-08 11:30")
        checkin.scan_pass(daming, day.id, checkin.my_pass(xiaoman).code, "s-out")
    theirs = select(func.count(), func.min(hours.ServiceRecord.team_id)).where(
        hours.ServiceRecord.volunteer_id == xiaoman.id
    )
    assert tuple(db.session.execute(theirs).one()) == (1, team.id)


def test_naming_a_team_tells_its_leader_once(db, day, second, daming):
    for _again in range(2):
        service_days.share(day, second)
    assert (
        db.session.scalar(
            select(func.count()).where(Notice.user_id == daming.id, Notice.text.contains("合办"))
        )
        == 1
    )


def test_a_team_cannot_hold_a_day_with_itself_or_with_one_that_rests(day, team, second):
    with pytest.raises(hosts.SameTeam):
        service_days.share(day, team)
    teams.suspend(second, "年审")
    with pytest.raises(teams.NotActive):
        service_days.share(day, second)


def test_the_leader_names_the_team_on_the_page(here, visitor, day, second, lao_wang):
    desk = visitor(lao_wang)
    done = desk.post(f"/service-days/{day.id}/cohost", data={"team": str(second.id)}, follow=True)
    assert "和“邻里互助队”合办" in done.words
    assert "和邻里互助队合办" in visitor().get(f"/service-days/{day.id}").words
    assert desk.post(f"/service-days/{day.id}/cohost", data={"team": "999999"}).status_code == 422


@pytest.mark.parametrize(("activity_says", "day_says", "welcome"), [
    (True, None, True), (False, None, False), (True, False, False), (False, True, True),
])  # fmt: skip
def test_each_day_may_say_otherwise_about_walk_ins(
    clock, here, scan_wall, make_day, make_activity, xiaoman, activity_says, day_says, welcome
):
    """V8: the day's own word, else the activity's."""
    day = make_day(of=make_activity(title="便民服务", walk_ins=activity_says))
    service_days.welcome(day, day_says)
    clock.move("2026-03-08 09:00")
    assert scan_wall(xiaoman, day) is welcome


@pytest.fixture
def scan_wall():
    """Whether somebody who did not sign up gets in."""

    def scan(person: accounts.User, day: service_days.ServiceDay) -> bool:
        try:
            checkin.record(person, checkin.showing(day).code, "scan-in")
        except checkin.refusals.NotSignedUp:
            return False
        return True

    return scan
