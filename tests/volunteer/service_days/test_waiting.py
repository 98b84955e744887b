"""A place that is given back is offered to the first who waits, kept for them, and theirs once they say so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from volunteer import accounts, clock, events, ledger, service_days
from volunteer.errors import Refusal
from volunteer.notices import Notice
from volunteer.service_days import Signup, gates, signups, waiting


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def states(db, day):
    db.session.expire_all()
    rows = select(Signup.state).where(Signup.service_day_id == day.id).order_by(Signup.id)
    return list(db.session.scalars(rows))


@pytest.fixture
def line(make_day, make_volunteers):
    """A day a fortnight ahead with one place, and five people in a line: the first has it."""
    day = make_day("2026-03-21", capacity=1)
    people = make_volunteers(5)
    for person in people:
        service_days.sign_up(person, day)
    return day, people


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        ("2026-03-07 09:00", "2026-03-21 09:00", "2026-03-08 09:00"),  # a day
        ("2026-03-18 09:00", "2026-03-21 09:00", "2026-03-19 09:00"),
        ("2026-03-18 09:01", "2026-03-21 09:00", "2026-03-18 15:01"),  # six hours
        ("2026-03-20 09:00", "2026-03-21 09:00", "2026-03-20 15:00"),
        ("2026-03-20 09:01", "2026-03-21 09:00", "2026-03-20 10:01"),  # one
        ("2026-03-18 18:00", "2026-03-21 09:00", "2026-03-19 08:00"),  # not in the night
        ("2026-03-20 21:30", "2026-03-21 09:00", "2026-03-21 08:00"),
        ("2026-03-21 03:00", "2026-03-21 06:00", "2026-03-21 06:00"),  # and not past the start
        ("2026-03-21 07:00", "2026-03-21 09:00", "2026-03-21 08:00"),
        ("2026-03-21 07:01", "2026-03-21 09:00", None),
        ("2026-03-21 09:01", "2026-03-21 09:00", None),
    ],
)
def test_an_offer_stands_for_hours_fewer_near_the_day_and_never_in_the_night(now, starts, until):
    """SU-06: no offer after the start."""
    assert waiting.answer_by(at(now), at(starts)) == (until and at(until))


def test_a_freed_place_is_kept_for_the_first_who_waits(db, line):
    """SU-04, SU-06: never more offers than free places, each takes its place, strictly first come."""
    day, (first, *_others) = line
    service_days.leave(first, day)
    assert states(db, day) == ["left", "offered", "waitlisted", "waitlisted", "waitlisted"]
    assert day.accepted == 1 and ledger.inspect() == []


def test_more_places_make_as_many_offers_and_no_more(db, line):
    """SU-04."""
    day, _people = line
    service_days.changes.resize(day, 3)
    assert states(db, day) == ["accepted", "offered", "offered", "waitlisted", "waitlisted"]
    assert waiting.offer(day) == [] and day.accepted == 3


def test_a_place_that_is_kept_is_nobody_elses(db, line, xiaoman):
    day, (first, *_others) = line
    service_days.leave(first, day)
    signup = service_days.sign_up(xiaoman, day)
    assert (signup.state, service_days.place(signup)) == ("waitlisted", 4)


def test_saying_yes_makes_it_theirs_and_saying_it_again_changes_nothing(db, line):
    day, (first, second, *_others) = line
    service_days.leave(first, day)
    signup = service_days.confirm(second, day)
    assert (signup.state, signup.offer_until, day.accepted) == ("accepted", None, 1)
    assert service_days.confirm(second, day) is signup
    told = db.session.scalars(select(events.Happened.kind).order_by(events.Happened.id)).all()
    assert told.count("service_days.Promoted") == 1


def test_only_whoever_was_offered_a_place_can_confirm_it(line, xiaoman):
    """SU-08: confirm only what was offered."""
    day, (first, second, third, *_others) = line
    for person in (third, xiaoman):
        with pytest.raises(waiting.NoOffer):
            service_days.confirm(person, day)
    service_days.leave(first, day)
    service_days.leave(second, day)
    with pytest.raises(waiting.NoOffer):
        service_days.confirm(second, day)


@pytest.mark.parametrize("moment", ["2026-03-08 09:00:00", "2026-03-08 09:00:01"])
def test_the_last_second_counts_and_the_next_does_not(clock, db, line, moment):
    """SU-05: saying yes and running out look at the same moment, and one of the two is true."""
    day, (first, second, *_others) = line
    service_days.leave(first, day)
    clock.move(moment)
    if moment.endswith("00"):
        assert service_days.lapse(day) == 0
        assert service_days.confirm(second, day).state == "accepted"
        assert states(db, day)[:3] == ["left", "accepted", "waitlisted"]
    else:
        with pytest.raises(waiting.Lapsed):
            service_days.confirm(second, day)
        assert service_days.lapse(day) == 1
        assert states(db, day)[:3] == ["left", "lapsed", "offered"]
    assert service_days.lapse(day) == 0 and day.accepted == 1


def test_an_offer_nobody_answers_goes_to_the_next_and_says_so(clock, db, line):
    day, (first, second, third, *_others) = line
    service_days.leave(first, day)
    clock.move("2026-03-08 09:05")
    service_days.lapse(day)
    told = select(Notice.text).order_by(Notice.id)
    assert "没有确认" in db.session.scalars(told.where(Notice.user_id == second.id)).all()[-1]
    assert "给你留到" in db.session.scalars(told.where(Notice.user_id == third.id)).all()[-1]
    signup = service_days.sign_up(second, day)
    assert (signup.state, service_days.place(signup)) == ("waitlisted", 3), "at the end, once more"


def test_turning_an_offer_down_needs_no_reason_and_goes_on(clock, db, line):
    """SU-06: cancelling frees the place and does not re-arm."""
    day, (first, second, third, *_others) = line
    service_days.leave(first, day)
    service_days.leave(second, day)
    service_days.confirm(third, day)
    service_days.leave(third, day)
    assert states(db, day) == ["left", "left", "left", "offered", "waitlisted"]
    assert day.accepted == 1 and ledger.inspect() == []


def test_nobody_is_offered_a_place_near_the_start(clock, db, line):
    """SU-06."""
    day, (first, *_others) = line
    clock.move("2026-03-21 07:01")
    service_days.leave(first, day, "发烧")
    assert states(db, day)[1:] == ["waitlisted"] * 4 and day.accepted == 0


def test_nothing_is_kept_past_the_start_when_a_day_moves_forward(clock, db, line):
    day, (first, *_others) = line
    service_days.leave(first, day)
    service_days.move(day, starts_at=at("2026-03-08 07:00"), ends_at=at("2026-03-08 08:30"))
    db.session.expire_all()
    assert db.session.scalar(select(Signup.offer_until).where(Signup.state == "offered")) == day.starts_at


def test_whoever_was_offered_a_place_and_comes_has_answered(clock, db, line):
    day, (first, second, *_others) = line
    service_days.leave(first, day)
    clock.move("2026-03-08 08:59")
    assert service_days.take_walk_in(second.id, day).state == "accepted"
    assert day.accepted == 1


def test_nobody_stands_in_a_queue_twice(db, line, nankeng):
    """SU-03: not by asking again, not with the same number written otherwise; the place in the line is told."""
    day, people = line
    signup = service_days.sign_up(people[3], day)
    assert (signup.state, service_days.place(signup)) == ("waitlisted", 3)
    with pytest.raises(Refusal):
        accounts.register(name="另一个", phone="+86 137 0000 0004", home=nankeng)
    assert len(states(db, day)) == 5


#: from → what sign-up, yes, leaving, running out, the draw's end, the roll, and being seen after all make of it.
TABLE = {
    None: {"sign_up": "accepted", "confirm": waiting.NoOffer, "leave": signups.NotSignedUp},
    "waitlisted": {"sign_up": "waitlisted", "confirm": waiting.NoOffer, "leave": "left", "lapse": "offered"},
    "offered": {"sign_up": "accepted", "confirm": "accepted", "leave": "left", "lapse": "lapsed"},
    "accepted": {
        "sign_up": "accepted", "confirm": "accepted", "leave": "left", "lapse": "accepted", "absent": "no_show",
        "come": "attended",
    },
    "lapsed": {"sign_up": "accepted", "confirm": waiting.NoOffer, "leave": "lapsed", "absent": "lapsed", "come": "lapsed"},
    "left": {"sign_up": "accepted", "confirm": waiting.NoOffer, "leave": "left", "absent": "left", "come": "left"},
    "no_show": {"sign_up": gates.Over, "leave": signups.Begun, "absent": "no_show", "come": "attended"},
    "attended": {"sign_up": "attended", "confirm": "attended", "leave": signups.Begun, "absent": "attended", "come": "attended"},
    "cancelled": {"sign_up": gates.CalledOff, "confirm": waiting.NoOffer, "leave": "cancelled", "come": "cancelled"},
}  # fmt: skip


@pytest.mark.parametrize(("state", "act"), [(state, act) for state, acts in TABLE.items() for act in acts])
def test_from_each_state_each_act_goes_where_it_may(clock, db, make_day, xiaoman, lao_wang, state, act):
    """SU-10, SU-08: every pair; a no-show who came late after all has attended."""
    day = make_day("2026-03-09", capacity=2)
    if state is not None:
        db.session.add(
            Signup(
                service_day_id=day.id,
                volunteer_id=xiaoman.id,
                state=state,
                queued_at=clock.move("2026-03-07 09:00"),
                offer_until=at("2026-03-07 15:00") if state == "offered" else None,
            )
        )
        day.accepted = int(state in ("accepted", "offered", "attended", "no_show"))
        day.state = {"no_show": "closed", "cancelled": "cancelled"}.get(state, "open")
        db.session.flush()
    if act == "lapse":
        clock.move("2026-03-07 15:01")
    if act == "absent" or state == "no_show":
        clock.move("2026-03-09 09:20")
    want = TABLE[state][act]

    def do():
        if act in ("sign_up", "confirm", "leave"):
            getattr(service_days, act)(xiaoman, day)
        elif act == "lapse":
            service_days.lapse(day)
        elif act == "absent":
            service_days.absences.absent(day, [xiaoman.id], lao_wang)
        else:
            service_days.mark_attended(day.id, [xiaoman.id])

    if isinstance(want, str):
        do()
        db.session.expire_all()
        got = db.session.scalar(select(Signup.state).where(Signup.volunteer_id == xiaoman.id))
        assert got == want
    else:
        with pytest.raises(want):
            do()


def test_whoever_waits_first_is_offered_what_is_free_two_days_before(clock, db, make_day, xiaoman, daming):
    """O14: waiting first is not staying out."""
    day = make_day("2026-03-21", capacity=2)
    signup = service_days.sign_up(xiaoman, day)
    signup.state, signup.behind, day.accepted = "waitlisted", True, 0
    db.session.flush()
    assert waiting.offer(day) == [] and waiting.owed(clock.move("2026-03-19 08:59")) == []
    clock.move("2026-03-19 09:00")
    assert waiting.owed(at("2026-03-19 09:00")) == [day.id]
    assert service_days.lapse(day) == 0
    assert states(db, day) == ["offered"] and day.accepted == 1
    assert signup.offer_until - at("2026-03-19 09:00") == timedelta(hours=6)
