"""Signing up, waiting, moving up, leaving (V6, V7; SU-01, SU-03, SU-04, SU-06, SU-08, SU-10)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from volunteer import accounts, clock, events, identity, service_days, teams
from volunteer.errors import NotFound
from volunteer.notices import Notice
from volunteer.service_days import gates, signups


def heard(db, person):
    """What somebody found in their inbox, oldest first."""
    return db.session.scalars(
        select(Notice.text).where(Notice.user_id == person.id).order_by(Notice.id)
    ).all()


def test_a_volunteer_takes_a_place(db, day, xiaoman):
    signup = service_days.sign_up(xiaoman, day)
    assert (signup.state, service_days.place(signup), day.accepted) == ("accepted", 1, 1)


def test_signing_up_twice_is_one_place(day, xiaoman):
    first = service_days.sign_up(xiaoman, day)
    assert service_days.sign_up(xiaoman, day) is first
    assert day.accepted == 1


def test_whoever_comes_after_the_last_place_waits_in_order(make_day, xiaoman, daming, grandma):
    day = make_day(capacity=1)
    states = [service_days.sign_up(person, day) for person in (xiaoman, daming, grandma)]
    assert [(one.state, service_days.place(one)) for one in states] == [
        ("accepted", 1),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]


def test_the_queue_moves_up_when_somebody_leaves(db, make_day, xiaoman, daming, grandma):
    day = make_day("2026-03-09", capacity=1)
    for person in (xiaoman, daming, grandma):
        service_days.sign_up(person, day)
    service_days.leave(xiaoman, day)
    assert states(db, day) == {"小满": "left", "陈大明": "offered", "李桂芳": "waitlisted"}
    assert service_days.sign_up(daming, day).state == "accepted"
    assert service_days.sign_up(grandma, day).state == "waitlisted"
    assert day.accepted == 1
    assert heard(db, daming) == [
        "有名额了：{at|moment} “{title}”，给你留到 {until|moment}。点进去确认才算报上。"
    ]


def test_nobody_moves_up_within_two_hours_of_the_start(clock, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    clock.move("2026-03-08 07:01")
    service_days.leave(xiaoman, day, "发烧了")
    assert service_days.sign_up(daming, day).state == "waitlisted"
    assert day.accepted == 0


def test_two_hours_before_is_still_in_time(clock, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    clock.move("2026-03-08 07:00")
    service_days.leave(xiaoman, day, "发烧了")
    assert service_days.sign_up(daming, day).state == "accepted"


def test_who_left_and_comes_back_stands_at_the_end(clock, make_day, xiaoman, daming, grandma):
    day = make_day("2026-03-10", capacity=1)
    for person in (xiaoman, daming, grandma):
        service_days.sign_up(person, day)
        clock.pass_(seconds=1)
    service_days.leave(daming, day)
    clock.pass_(seconds=1)
    assert service_days.place(service_days.sign_up(daming, day)) == 2
    service_days.leave(xiaoman, day)
    assert service_days.sign_up(grandma, day).state == "accepted"


def test_leaving_is_free_until_the_day_before(clock, make_day, xiaoman):
    day = make_day("2026-03-08", "10:00", "12:00")
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-07 10:00")
    assert service_days.leave(xiaoman, day).state == "left"
    assert service_days.leave(xiaoman, day).state == "left"
    assert day.accepted == 0


def test_leaving_late_needs_a_reason(clock, make_day, xiaoman):
    day = make_day("2026-03-08", "10:00", "12:00")
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-07 10:01")
    with pytest.raises(service_days.NeedsReason):
        service_days.leave(xiaoman, day, "  ")
    assert day.accepted == 1
    assert service_days.leave(xiaoman, day, "孩子发烧").reason == "孩子发烧"


def test_whoever_only_waits_may_leave_at_any_hour_without_a_reason(clock, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    clock.move("2026-03-08 08:00")
    assert service_days.leave(daming, day).state == "left"
    assert day.accepted == 1


def test_nobody_leaves_a_day_that_has_begun(clock, day, xiaoman, daming):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    with pytest.raises(signups.Begun):
        service_days.leave(xiaoman, day, "不想来了")
    with pytest.raises(signups.NotSignedUp):
        service_days.leave(daming, day)


def test_two_days_at_the_same_time_are_refused(make_day, make_activity, xiaoman):
    day = make_day()
    other = make_day("2026-03-08", "11:00", "12:00", of=make_activity(title="便民剪发"))
    after = make_day("2026-03-08", "11:30", "12:30", of=make_activity(title="电器维修"))
    service_days.sign_up(xiaoman, day)
    with pytest.raises(service_days.Overlaps) as refused:
        service_days.sign_up(xiaoman, other)
    assert refused.value.detail.startswith("这个时间你已经报了“清洁家园”（3月8日(周日) 09:00–11:30）")
    assert other.accepted == 0
    assert service_days.sign_up(xiaoman, after).state == "accepted"


def test_a_place_in_a_queue_also_takes_the_time(make_day, make_activity, xiaoman, daming):
    full = make_day(capacity=1)
    service_days.sign_up(daming, full)
    service_days.sign_up(xiaoman, full)
    with pytest.raises(service_days.Overlaps):
        service_days.sign_up(
            xiaoman, make_day("2026-03-08", "10:00", "12:00", of=make_activity(title="便民剪发"))
        )


def test_the_first_of_several_reasons_is_told(clock, here, make_day, activity, team, xiaoman):
    """SU-01: called off, over, team, suspended, risk; the whole order is in test_gates."""
    day = make_day()
    xiaoman.state = "suspended"
    with pytest.raises(gates.Suspended):
        service_days.sign_up(xiaoman, day, risk_known=False)
    xiaoman.state = "active"
    with pytest.raises(gates.RiskUnread):
        service_days.sign_up(xiaoman, day, risk_known=False)
    teams.suspend(team, "年审")
    with pytest.raises(gates.TeamAway):
        service_days.sign_up(xiaoman, day, risk_known=False)
    service_days.call_off(day, "下大雨")
    clock.move("2026-03-08 12:00")
    with pytest.raises(gates.CalledOff) as refused:
        service_days.sign_up(xiaoman, day, risk_known=False)
    assert "下大雨" in refused.value.detail


def test_signing_up_is_open_as_long_as_checking_in_is(clock, day, xiaoman, daming):
    clock.move("2026-03-08 09:30")
    assert service_days.sign_up(xiaoman, day).state == "accepted"
    clock.move("2026-03-08 09:31")
    with pytest.raises(gates.Over):
        service_days.sign_up(daming, day)


def test_a_day_of_an_activity_that_is_no_longer_published_does_not_exist(activity, day, xiaoman):
    activity.state = "closed"
    with pytest.raises(NotFound):
        service_days.sign_up(xiaoman, day)


def test_a_minor_without_a_guardian_cannot_sign_up(day, nankeng):
    """T38."""
    child = accounts.register(
        name="小豆",
        phone="13800000077",
        home=nankeng,
        birth_on=date(2012, 1, 1),
        guardian_phone="13800000078",
    )
    with pytest.raises(gates.NeedsGuardian):
        service_days.sign_up(child, day)


def test_posts_have_places_of_their_own(make_day, xiaoman, daming, grandma):
    day = make_day(posts=[{"name": "发传单", "capacity": 1}, {"name": "扫地", "capacity": 5}])
    leaflets = day_posts(day)["发传单"]
    assert service_days.sign_up(xiaoman, day, leaflets).state == "accepted"
    assert service_days.sign_up(daming, day, leaflets).state == "waitlisted"
    assert (day.accepted, leaflets.accepted) == (1, 1)
    assert service_days.sign_up(grandma, day, day_posts(day)["扫地"]).state == "accepted"


def test_the_queue_of_a_post_moves_up_past_those_who_want_another(make_day, make_volunteers):
    day = make_day(
        "2026-03-10", capacity=2, posts=[{"name": "发传单", "capacity": 1}, {"name": "扫地", "capacity": 1}]
    )
    leaflets, brooms = day_posts(day).values()
    a, b, c, d = make_volunteers(4)
    service_days.sign_up(a, day, leaflets)
    service_days.sign_up(b, day, brooms)
    service_days.sign_up(c, day, leaflets)
    service_days.sign_up(d, day, brooms)
    service_days.leave(b, day)
    assert service_days.sign_up(c, day).state == "waitlisted"
    assert service_days.sign_up(d, day).state == "accepted"
    assert (day.accepted, leaflets.accepted, brooms.accepted) == (2, 1, 1)


def test_a_post_asks_for_an_age_and_a_skill(db, make_day, nankeng, xiaoman):
    """SU-09: an unknown birth date fails the test of age."""
    day = make_day(posts=[{"name": "急救", "capacity": 2, "min_age": 18, "skill": "急救证"}])
    post = day_posts(day)["急救"]
    ageless = accounts.register(name="无龄", phone="13800000066", home=nankeng)
    with pytest.raises(gates.TooYoung):
        service_days.sign_up(ageless, day, post)
    with pytest.raises(gates.Unskilled):
        service_days.sign_up(xiaoman, day, post)
    xiaoman.skills = ["急救证"]
    assert service_days.sign_up(xiaoman, day, post).state == "accepted"


def test_a_post_of_another_day_is_refused(make_day, xiaoman):
    day = make_day()
    other = make_day("2026-03-15", posts=[{"name": "扫地", "capacity": 5}])
    with pytest.raises(gates.OtherDay):
        service_days.sign_up(xiaoman, day, day_posts(other)["扫地"])


def test_a_walk_in_takes_a_place_while_there_is_one(clock, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    clock.move("2026-03-08 09:10")
    signup = service_days.take_walk_in(xiaoman.id, day)
    assert service_days.take_walk_in(xiaoman.id, day) is signup
    with pytest.raises(service_days.Full):
        service_days.take_walk_in(daming.id, day)
    assert day.accepted == 1


def test_somebody_who_waited_walks_in_after_another_has_left(clock, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    clock.move("2026-03-08 08:55")
    service_days.leave(xiaoman, day, "堵车")
    assert service_days.take_walk_in(daming.id, day).state == "accepted"


def test_who_was_put_down_as_missing_may_still_have_come(clock, db, day, xiaoman, daming):
    """SU-10: no_show → attended, and who came stays attended."""
    service_days.sign_up(xiaoman, day)
    service_days.sign_up(daming, day)
    assert service_days.mark_attended(day.id, [xiaoman.id]) == 1
    clock.move("2026-03-08 12:31")
    service_days.close(day)
    assert states(db, day) == {"小满": "attended", "陈大明": "accepted"}
    clock.move("2026-03-12 02:30")
    service_days.absences.write_down(day)
    assert states(db, day) == {"小满": "attended", "陈大明": "no_show"}
    service_days.mark_attended(day.id, [xiaoman.id, daming.id])
    assert states(db, day) == {"小满": "attended", "陈大明": "attended"}
    assert (day.state, day.accepted) == ("closed", 2)


def test_signing_up_is_remembered(db, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    happened = db.session.scalar(
        select(events.Happened).where(events.Happened.kind == "service_days.SignedUp")
    )
    assert (happened.within, happened.whom, happened.facts["state"]) == (
        f"service_day:{day.id}",
        xiaoman.id,
        "accepted",
    )
    assert clock_is_aware(happened.at) and "小满" not in str(happened.facts)


def test_a_reason_carries_no_unseen_letters(clock, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 06:00")
    with pytest.raises(identity.BadText):
        service_days.leave(xiaoman, day, "有事\u202e")


def day_posts(day):
    from volunteer.service_days.queries import posts

    return {post.name: post for post in posts(day)}


def states(db, day):
    from volunteer.accounts import User
    from volunteer.service_days import Signup

    db.session.expire_all()
    rows = db.session.execute(
        select(User.name, Signup.state)
        .join(User, User.id == Signup.volunteer_id)
        .where(Signup.service_day_id == day.id)
    )
    return dict(rows.all())


def clock_is_aware(at):
    return at.tzinfo is not None and at <= clock.now()
