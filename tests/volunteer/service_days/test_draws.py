"""Days whose places are drawn: applications, one draw, the losers wait in its order, anybody can check (feature 16)."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from volunteer import clock as our_clock
from volunteer import events, ledger, service_days
from volunteer.notices import Notice
from volunteer.service_days import Signup, absences, draws, lottery


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=our_clock.ZONE)


@pytest.fixture
def drawn_day(make_day):
    """A day of two places a fortnight ahead, drawn on 10 March at nine."""
    return draws.plan(make_day("2026-03-21", capacity=2), at("2026-03-10 09:00"))


def states(db, day):
    db.session.expire_all()
    rows = select(Signup.number, Signup.state).where(Signup.service_day_id == day.id)
    return dict(db.session.execute(rows).all())


def test_nobody_has_a_place_before_the_draw(db, drawn_day, make_volunteers):
    signups = [service_days.sign_up(person, drawn_day) for person in make_volunteers(3)]
    assert [(one.state, one.number, service_days.place(one)) for one in signups] == [
        ("applied", 1, None),
        ("applied", 2, None),
        ("applied", 3, None),
    ]
    assert drawn_day.accepted == 0 and ledger.inspect() == []


def test_whoever_leaves_and_applies_again_keeps_the_number(drawn_day, make_volunteers):
    one, two = make_volunteers(2)
    service_days.sign_up(one, drawn_day)
    service_days.sign_up(two, drawn_day)
    assert service_days.leave(one, drawn_day).state == "left"
    assert service_days.sign_up(one, drawn_day).number == 1


def test_the_draw_gives_the_places_and_the_others_wait_in_its_order(clock, db, drawn_day, make_volunteers):
    for person in make_volunteers(6):
        service_days.sign_up(person, drawn_day)
    clock.move("2026-03-10 08:59:59")
    assert draws.draw(drawn_day).drawn_at is None
    clock.move("2026-03-10 09:00")
    draws.draw(drawn_day)
    there = draws.of(drawn_day)
    assert [one["number"] for one in there.order] == [
        one.number for one in lottery.order(there.seed, [lottery.Entry(n, 6) for n in range(1, 7)])
    ]
    won = {one["number"] for one in there.order if one["place"]}
    assert won == {one["number"] for one in there.order[:2]}
    assert {n for n, state in states(db, drawn_day).items() if state == "accepted"} == won
    waiting = db.session.scalars(
        select(Signup).where(Signup.state == "waitlisted").order_by(Signup.queued_at, Signup.id)
    ).all()
    assert [one.number for one in waiting] == [one["number"] for one in there.order[2:]]
    assert drawn_day.accepted == 2 and ledger.inspect() == []
    told = db.session.scalars(select(Notice.text)).all()
    assert sum("抽中了" in text for text in told) == 2 and sum("没有抽中" in text for text in told) == 4


def test_drawing_again_changes_nothing(clock, db, drawn_day, make_volunteers):
    for person in make_volunteers(4):
        service_days.sign_up(person, drawn_day)
    clock.move("2026-03-10 09:00")
    draws.draw(drawn_day)
    before, order = states(db, drawn_day), draws.of(drawn_day).order
    clock.pass_(minutes=5)
    assert draws.owed(at("2026-03-10 09:05")) == []
    draws.draw(drawn_day)
    assert (states(db, drawn_day), draws.of(drawn_day).order) == (before, order)
    kinds = db.session.scalars(select(events.Happened.kind)).all()
    assert kinds.count("service_days.Drawn") == 1


def test_whoever_comes_after_the_draws_moment_stands_behind_those_who_lost(
    clock, db, drawn_day, make_volunteers
):
    people = make_volunteers(5)
    for person in people[:4]:
        service_days.sign_up(person, drawn_day)
    clock.move("2026-03-10 09:02")
    late = service_days.sign_up(people[4], drawn_day)
    assert (late.state, late.number, drawn_day.accepted) == ("waitlisted", None, 0)
    clock.move("2026-03-10 09:05")
    draws.draw(drawn_day)
    assert service_days.place(late) == 3


def test_a_place_given_back_after_the_draw_is_offered_to_the_next_drawn(
    clock, db, drawn_day, make_volunteers
):
    people = make_volunteers(5)
    for person in people:
        service_days.sign_up(person, drawn_day)
    clock.move("2026-03-10 09:05")
    draws.draw(drawn_day)
    order = draws.of(drawn_day).order
    first, third = (people[order[n]["number"] - 1] for n in (0, 2))
    service_days.leave(first, drawn_day)
    assert states(db, drawn_day)[order[2]["number"]] == "offered"
    assert service_days.confirm(third, drawn_day).state == "accepted"


def test_a_post_is_part_of_the_draw(clock, db, make_day, make_volunteers):
    day = make_day(
        "2026-03-21", capacity=4, posts=[{"name": "急救", "capacity": 1}, {"name": "扫地", "capacity": 3}]
    )
    draws.plan(day, at("2026-03-10 09:00"))
    (nurse, _sweep) = service_days.queries.posts(day)
    for person in make_volunteers(4):
        service_days.sign_up(person, day, nurse)
    clock.move("2026-03-10 09:05")
    draws.draw(day)
    db.session.expire_all()
    assert (day.accepted, nurse.accepted) == (1, 1)


def test_lots_follow_what_people_did_lately(clock, db, make_day, make_volunteers, lao_wang):
    """Served twice: four. Absent once: four. Absent three times: none, after everybody else."""
    new, busy, absent, away = make_volunteers(4)
    for n, on in enumerate(("2026-02-10", "2026-02-20", "2026-02-25")):
        clock.move(f"{on} 07:00")
        day = make_day(on, capacity=9)
        for person in (busy, absent, away):
            service_days.sign_up(person, day)
        clock.move(f"{on} 12:40")
        service_days.mark_attended(day.id, [busy.id] if n < 2 else [])
        service_days.close(day)
        absences.absent(day, [away.id] + ([absent.id] if n == 0 else []), lao_wang)
        db.session.execute(
            Signup.__table__.delete().where(Signup.service_day_id == day.id, Signup.state == "accepted")
        )
    clock.move("2026-03-07 09:00")
    day = draws.plan(make_day("2026-03-21", capacity=4), at("2026-03-10 09:00"))
    for person in (new, busy, absent, away):
        service_days.sign_up(person, day)
    clock.move("2026-03-10 09:05")
    draws.draw(day)
    order = draws.of(day).order
    assert {one["number"]: one["lots"] for one in order} == {1: 6, 2: 4, 3: 4, 4: 0}
    assert order[-1]["number"] == 4 and not order[-1]["place"], "waits first, even beside a free place"


def test_only_a_day_nobody_joined_changes_its_way(make_day, drawn_day, xiaoman, daming):
    plain = make_day("2026-03-28")
    service_days.sign_up(xiaoman, plain)
    with pytest.raises(draws.Joined):
        draws.plan(plain, at("2026-03-20 09:00"))
    service_days.sign_up(daming, drawn_day)
    for change in (lambda: draws.drop(drawn_day), lambda: draws.plan(drawn_day, at("2026-03-12 09:00"))):
        with pytest.raises(draws.Joined):
            change()
    service_days.leave(daming, drawn_day)
    assert draws.drop(drawn_day).draws_at is None and draws.of(drawn_day) is None


def test_another_moment_keeps_the_seed(drawn_day):
    before = draws.of(drawn_day).seed
    draws.plan(drawn_day, at("2026-03-12 09:00"))
    assert draws.of(drawn_day).seed == before


@pytest.mark.parametrize("moment", ["2026-03-07 09:59", "2026-03-20 21:01"])
def test_people_must_have_time_to_apply_and_to_plan(make_day, moment):
    with pytest.raises(draws.BadMoment):
        draws.plan(make_day("2026-03-21"), at(moment))


def test_a_series_is_drawn_day_by_day(clock, db, activity, xiaoman):
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=SA", date(2026, 3, 7), time(14), time(16), 5)
    service_days.sign_up(xiaoman, made.days[1])
    assert draws.plan_series(made.series, 48) == 4, "today is too near, and somebody joined the next one"
    assert [bool(day.draws_at) for day in made.days] == [False, False, True, True, True, True]
    assert made.days[2].draws_at == made.days[2].starts_at - (at("2026-03-03 00:00") - at("2026-03-01 00:00"))
    clock.move("2026-03-15 02:10")
    new = service_days.extend(made.series)[-1]
    assert new.draws_at is not None and draws.of(new).fingerprint
    service_days.stop(made.series)
    assert draws.plan_series(made.series, None) == 0


def test_before_the_draw_only_the_fingerprint_is_seen_and_after_it_everything(
    clock, here, db, visitor, drawn_day, make_volunteers
):
    people = make_volunteers(3)
    for person in people:
        service_days.sign_up(person, drawn_day)
    there = draws.of(drawn_day)
    seed, mark = there.seed, there.fingerprint
    for who in (None, people[1]):
        page = visitor(who).get(f"/service-days/{drawn_day.id}/draw")
        assert mark in page.words and seed not in page.text
    assert "你的签号是 2" in page.words
    clock.move("2026-03-10 09:05")
    draws.draw(drawn_day)
    page = visitor().get(f"/service-days/{drawn_day.id}/draw")
    assert seed in page.words and lottery.fingerprint(seed) == mark
    assert all(f"********{person.volunteer_no[-4:]}" in page.words for person in people)
    assert not any(person.volunteer_no in page.text for person in people)


def test_a_day_without_a_draw_says_so(visitor, day):
    assert "先报先得" in visitor().get(f"/service-days/{day.id}/draw").words


def test_the_seed_is_in_no_event_before_the_draw(db, drawn_day):
    seed = draws.of(drawn_day).seed
    assert not any(seed in str(facts) for facts in db.session.scalars(select(events.Happened.facts)))


def test_the_organiser_switches_and_the_volunteer_applies(clock, here, visitor, make_day, lao_wang, xiaoman):
    day = make_day("2026-03-21", capacity=1)
    desk = visitor(lao_wang)
    assert "先报先得" in desk.get(f"/service-days/{day.id}/setup").words
    bad = desk.post(f"/service-days/{day.id}/draw", data={"on": "2026-03-21", "at": "08:00"})
    assert bad.status_code == 422 and "开始前 12 小时" in bad.words
    done = desk.post(f"/service-days/{day.id}/draw", data={"on": "2026-03-15", "at": "20:00"}, follow=True)
    assert "抽签，3月15日(周日) 20:00 截止" in done.words
    phone = visitor(xiaoman)
    assert "抽签决定" in phone.get(f"/service-days/{day.id}").words
    sent = phone.post(f"/service-days/{day.id}/signups", data={"risk_known": "y"}, follow=True)
    assert "你的签号是 1" in sent.words and "等抽签" in phone.get("/me/days").words
    refused = desk.post(f"/service-days/{day.id}/draw/cancellation")
    assert refused.status_code == 409 and "已经有 1 个人报名了" in refused.words
