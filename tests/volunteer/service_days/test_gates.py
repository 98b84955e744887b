"""Why somebody cannot sign up: every reason, one at a time, in its order (V6; SU-01, SU-09)."""

from __future__ import annotations

from datetime import date

import pytest

from volunteer import accounts, service_days, teams
from volunteer.errors import NotFound
from volunteer.service_days import gates, queries


def test_of_all_reasons_the_first_is_told_and_mending_it_tells_the_next(
    clock, db, make_day, make_activity, team, nankeng, xiaoman
):
    """SU-01: signed, called off, over, team, person, risk, guardian, role (age, skill), collision; full comes last,
    because whoever may come may also wait."""
    activity = make_activity(title="义诊")
    day = make_day(
        of=activity, capacity=1, posts=[{"name": "量血压", "capacity": 1, "min_age": 18, "skill": "护士证"}]
    )
    (post,) = queries.posts(day)
    other = make_day("2026-03-08", "10:00", "12:00", of=make_activity(title="便民剪发"))
    child = accounts.register(
        name="小豆",
        phone="13800000077",
        home=nankeng,
        birth_on=date(2012, 1, 1),
        guardian_phone="13800000078",
    )
    service_days.sign_up(xiaoman, day, None)  # the last place

    def refused(**given):
        with pytest.raises(Exception) as told:
            service_days.sign_up(child, day, post, **given)
        return type(told.value)

    child.state, day.state, activity.state, team.state = "suspended", "cancelled", "closed", "suspended"
    clock.move("2026-03-08 12:00")
    assert refused(risk_known=False) is gates.CalledOff
    day.state = "open"
    assert refused(risk_known=False) is NotFound
    activity.state = "published"
    assert refused(risk_known=False) is gates.Over
    clock.move("2026-03-07 09:00")
    assert refused(risk_known=False) is gates.TeamAway
    team.state = "active"
    assert refused(risk_known=False) is gates.Suspended
    child.state = "active"
    assert refused(risk_known=False) is gates.RiskUnread
    assert refused() is gates.NeedsGuardian
    child.birth_on = date(2009, 1, 1)
    child.birth_on = date(2000, 1, 1)
    child.birth_on = None
    assert refused() is gates.TooYoung
    child.birth_on = date(2000, 1, 1)
    assert refused() is gates.Unskilled
    child.skills = ["护士证"]
    service_days.sign_up(child, other)
    assert refused() is service_days.Overlaps
    service_days.leave(child, other)
    signup = service_days.sign_up(child, day, post)
    assert (signup.state, service_days.place(signup)) == ("waitlisted", 1)
    day.state = "cancelled"
    assert service_days.sign_up(child, day, post) is signup, "signed comes before everything"


def test_what_overlaps_is_named_and_one_tap_away(make_day, make_activity, xiaoman, visitor):
    """SU-01, V6: the refusal says with what, and its button leads there."""
    day = make_day()
    other = make_day("2026-03-08", "11:00", "12:00", of=make_activity(title="便民剪发"))
    service_days.sign_up(xiaoman, day)
    with pytest.raises(service_days.Overlaps) as refused:
        service_days.sign_up(xiaoman, other)
    assert refused.value.facts["service_day_id"] == day.id
    answer = visitor(xiaoman).post(f"/service-days/{other.id}/signups", data={"risk_known": "y"})
    assert answer.status_code == 409 and "清洁家园" in answer.words
    assert f"/service-days/{day.id}" in answer.links


def test_a_post_may_be_for_people_up_to_an_age(db, make_day, nankeng, xiaoman, grandma):
    """SU-09: both ends of the age are looked at, on the day's own date; an unknown birth date fails."""
    day = make_day("2026-05-20", posts=[{"name": "搬桌椅", "capacity": 5, "min_age": 18, "max_age": 36}])
    (post,) = queries.posts(day)
    with pytest.raises(gates.TooOld):
        service_days.sign_up(grandma, day, post)
    assert service_days.sign_up(xiaoman, day, post).state == "accepted"  # 36 on that very day
    xiaoman_older = make_day("2027-05-20", posts=[{"name": "搬桌椅", "capacity": 5, "max_age": 36}])
    with pytest.raises(gates.TooOld):
        service_days.sign_up(xiaoman, xiaoman_older, queries.posts(xiaoman_older)[0])
    ageless = accounts.register(name="无龄", phone="13800000066", home=nankeng)
    with pytest.raises(gates.AgeUnknown):
        service_days.sign_up(ageless, xiaoman_older, queries.posts(xiaoman_older)[0])
    assert service_days.sign_up(ageless, xiaoman_older).state == "accepted", "no post, no age"


def test_ages_the_wrong_way_round_are_refused(make_day):
    with pytest.raises(service_days.days.BadAges):
        make_day(posts=[{"name": "搬桌椅", "capacity": 5, "min_age": 40, "max_age": 30}])


def test_a_team_that_rests_takes_nobody(make_day, team, xiaoman):
    day = make_day()
    teams.suspend(team, "年审")
    with pytest.raises(gates.TeamAway):
        service_days.sign_up(xiaoman, day)
