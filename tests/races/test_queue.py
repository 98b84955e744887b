"""Coming, leaving, moving up and calling off at one instant: the count is the rows, nobody waits beside a free place."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import select

from volunteer import accounts, ledger, service_days, teams
from volunteer.db import transaction
from volunteer.service_days import ServiceDay, Signup
from volunteer.teams import Membership, Team

pytestmark = pytest.mark.races


@pytest.fixture
def phones(visitor, here):
    """A phone for each person: `phone.ask("POST", "/service-days/1/signups")` → (status, JSON)."""

    class Phone:
        def __init__(self, person):
            self.token, self.browser = accounts.tokens.issue(person), visitor().browser

        def ask(self, method, path, body=None):
            answer = self.browser.open(
                f"/api/v1{path}", method=method, json=body, headers={"Authorization": f"Bearer {self.token}"}
            )
            return answer.status_code, json.loads(answer.get_data(as_text=True))

    def hand_out(people):
        handed = [Phone(person) for person in people]
        here.commit()
        return handed

    return hand_out


def presses(phones, day, method="POST", end="signups", body=None):
    path = f"/service-days/{day.id}/{end}"  # read here: a thread must not touch our session
    return [lambda phone=phone: phone.ask(method, path, body) for phone in phones]


def states(db, day):
    db.session.expire_all()
    return Counter(db.session.scalars(select(Signup.state).where(Signup.service_day_id == day.id)))


def holds(db, day):
    """What must be true whatever happened."""
    seen = states(db, day)
    day = db.session.get_one(ServiceDay, day.id)
    assert (
        day.accepted
        == seen["accepted"] + seen["offered"] + seen["attended"] + seen["no_show"]
        <= day.capacity
    )
    assert day.accepted == day.capacity or not seen["waitlisted"], "somebody waits beside a free place"
    assert {finding.name for finding in ledger.inspect()} & {
        "service_days.capacity",
        "service_days.accepted",
    } == set()


def test_a_post_has_a_last_place_of_its_own(db, together, make_volunteers, make_day, phones):
    day = make_day("2026-03-15", capacity=20, posts=[{"name": "急救", "capacity": 2}])
    (post,) = service_days.queries.posts(day)
    answers = together(presses(phones(make_volunteers(12)), day, body={"post_id": post.id}))
    assert Counter(body["state"] for _status, body in answers) == {"accepted": 2, "waitlisted": 10}
    db.session.expire_all()
    assert (post.accepted, db.session.get_one(ServiceDay, day.id).accepted) == (2, 2)


def test_people_leave_while_others_come_and_the_queue_moves(db, together, make_volunteers, make_day, phones):
    """SU-05, SU-07: nobody gets a place twice, no place is lost."""
    day = make_day("2026-03-15", capacity=5)
    people = make_volunteers(30)
    for person in people[:20]:
        service_days.sign_up(person, day)
    held = phones(people)
    leaving = presses(held[:5], day, "DELETE", "signups/me") + presses(
        held[8:16], day, "DELETE", "signups/me"
    )
    answers = together(leaving + presses(held[20:], day))
    assert all(status in (200, 201) for status, _body in answers), answers
    assert states(db, day) == {"offered": 5, "waitlisted": 12, "left": 13}
    holds(db, day)


def test_one_comes_while_the_only_one_leaves(db, together, make_volunteers, make_day, phones):
    """Whoever comes is not left waiting for a place that was given back a moment before."""
    people = make_volunteers(16)
    days = [make_day(f"2026-03-{n}", capacity=1) for n in range(15, 23)]
    for n, day in enumerate(days):
        service_days.sign_up(people[n], day)
    held = phones(people)
    acts = []
    for n, day in enumerate(days):
        acts += presses([held[n]], day, "DELETE", "signups/me") + presses([held[n + 8]], day)
    together(acts)
    for day in days:
        # Whoever came a moment before the other left stood in the queue, and the place is kept for them.
        assert states(db, day) in ({"left": 1, "accepted": 1}, {"left": 1, "offered": 1})
        holds(db, day)


def test_everyone_leaves_at_once(db, together, make_volunteers, make_day, phones):
    day = make_day("2026-03-15", capacity=4)
    people = make_volunteers(12)
    for person in people:
        service_days.sign_up(person, day)
    answers = together(presses(phones(people), day, "DELETE", "signups/me"))
    assert {status for status, _body in answers} == {200}
    assert states(db, day) == {"left": 12}
    holds(db, day)


def test_two_phones_of_one_person_are_one_place(db, together, make_day, xiaoman, phones):
    day = make_day("2026-03-15")
    answers = together(presses(phones([xiaoman] * 6), day))
    assert {(status, body["state"], body["place"]) for status, body in answers} == {(201, "accepted", 1)}
    holds(db, day)


def test_two_phones_cannot_be_in_two_places(db, together, make_day, make_activity, xiaoman, phones):
    day = make_day("2026-03-15")
    other = make_day("2026-03-15", "10:00", "12:00", of=make_activity(title="义剪进小区"))
    one, two = phones([xiaoman] * 2)
    answers = together(presses([one], day) + presses([two], other))
    assert sorted(status for status, _body in answers) == [201, 409]
    assert [body["code"] for status, body in answers if status == 409] == ["signup.overlaps"]


def test_calling_off_meets_people_who_sign_up(app, db, together, make_volunteers, make_day, phones):
    """Nobody is left holding a place, or waiting, on a day that is off."""
    day = make_day("2026-03-15", capacity=5)
    held, day_id = phones(make_volunteers(16)), day.id

    def call_off():
        with app.app_context(), transaction():
            service_days.call_off(db.session.get_one(ServiceDay, day_id), "台风预警")

    answers = together([*presses(held[:8], day), call_off, *presses(held[8:], day)])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert set(states(db, day)) <= {"cancelled"}
    day = db.session.get_one(ServiceDay, day_id)
    assert (day.state, day.accepted) == ("cancelled", 0)


def test_letting_somebody_in_five_times_is_one_member(app, together, db, team, xiaoman):
    membership_id, team_id = teams.join(xiaoman, team).id, team.id

    def accept():
        with app.app_context(), transaction():
            teams.accept(db.session.get_one(Membership, membership_id))

    together([accept] * 5)
    db.session.expire_all()
    assert db.session.get_one(Team, team_id).members == 2
