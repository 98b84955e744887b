"""Many give at once: the last points of a goal are given once, a month's limit holds, and a purse is not overdrawn."""

# ruff: noqa: F811 (a fixture is asked for by its name)
from __future__ import annotations

import time
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from rewards import giving
from rewards.giving import FamilyGift, Gift, Project, endings
from tests.rewards.giving.conftest import broken, deputy, draft, earn, family, make_project, project  # noqa: F401
from volunteer import accounts, ledger
from volunteer.batches import LostRace, lost_race
from volunteer.db import db, transaction
from volunteer.errors import Refusal

pytestmark = pytest.mark.races


def said(answers):
    """How often each answer came, refusals by their code."""
    return Counter(one.code if isinstance(one, Refusal) else type(one).__name__ for one in answers)


def inside(app, deed):
    """A deed of its own thread and transaction, done once more where a race was lost, as a request is."""

    def do():
        with app.app_context():
            for _again in range(8):
                try:
                    with transaction():
                        return deed()
                except LostRace:
                    continue
                except DBAPIError as fault:
                    if not lost_race(fault):
                        raise
        raise AssertionError("lost eight races")

    return do


def person(user_id):
    return db.session.get_one(accounts.User, user_id)


def giving_to(phone, project_id, key):
    """Give ten; where all the doors are taken, come again as `Retry-After` says, with the same key."""

    def ask():
        for _ in range(8):
            path = f"/api/v1/giving/projects/{project_id}/gifts"
            answer = phone.post(path, json={"points": 10}, headers={"Idempotency-Key": key})
            if answer.status_code != 503:
                break
            time.sleep(int(answer.headers["Retry-After"]))
        return answer

    return ask


def test_sixty_four_givers_share_the_last_hundred_points_of_a_goal(
    here, together, device, make_volunteers, earn, make_project, broken
):
    """A11, LG-32: ten of them give ten, everybody else is told kindly, and there is not a point too many."""
    project = make_project(goal=100, stops_at_goal=True)
    people = make_volunteers(64)
    for one in people:
        earn(one, 10)
    here.commit()
    phones = [device(one) for one in people]
    answers = together([giving_to(one, project.id, f"gift-{n:04}") for n, one in enumerate(phones)])
    assert Counter(one.json.get("code", "given") for one in answers) == {"given": 10, "giving.full": 54}
    db.session.expire_all()
    row = db.session.get_one(Project, project.id)
    assert (row.state, row.filled, giving.given(project.id)) == ("reached", 100, 100) and broken() == []


def test_twenty_gifts_to_family_from_a_hundred_points_are_one(
    app,
    here,
    together,
    xiaoman,
    grandma,
    family,
    earn,
    broken,
):
    """LG-32: 20 times 100 from 100 points."""
    earn(xiaoman, 100)
    here.commit()
    me, her = xiaoman.id, grandma.id
    answers = said(together([inside(app, lambda: giving.family.give(person(me), her, 100))] * 20))
    assert answers == {"FamilyGift": 1, "ledger.insufficient": 1, "family.given_enough": 18} or answers == {
        "FamilyGift": 1, "ledger.insufficient": 19,
    }  # fmt: skip
    assert ledger.balance(her) == 100 and ledger.balance(me) == 0 and broken() == []


def test_the_month_s_limit_holds_however_many_phones_give(
    app,
    here,
    together,
    xiaoman,
    grandma,
    family,
    earn,
    broken,
):
    """V21: both ways at once; nobody waits for ever, and nobody gets more than 200."""
    earn(xiaoman, 1000)
    earn(grandma, 1000)
    here.commit()
    me, her = xiaoman.id, grandma.id
    there = [inside(app, lambda: giving.family.give(person(me), her, 50))] * 10
    back = [inside(app, lambda: giving.family.give(person(her), me, 50))] * 10
    answers = said(together(there + back))
    assert answers == {"FamilyGift": 8, "family.given_enough": 12}
    sums = db.session.execute(
        select(FamilyGift.giver_id, func.sum(FamilyGift.points)).group_by(FamilyGift.giver_id)
    )
    assert dict(sums.all()) == {me: 200, her: 200} and broken() == []


def test_one_tap_sent_sixteen_times_is_one_gift(app, here, together, xiaoman, earn, project, broken):
    """ID-12, LG-24."""
    earn(xiaoman, 100)
    here.commit()
    me, to = xiaoman.id, project.id
    answers = together([inside(app, lambda: giving.give(person(me), to, 20, once="tap").id)] * 16)
    assert len(set(answers)) == 1 and giving.given(to) == 20 and broken() == []


def test_a_gift_is_taken_back_once(app, here, together, xiaoman, earn, make_project, broken):
    """V21: eight phones undo, four give: every point is in one place."""
    project = make_project(goal=100, stops_at_goal=True)
    earn(xiaoman, 160)
    gift = giving.give(xiaoman, project.id, 100)
    here.commit()
    me, to, gift_id = xiaoman.id, project.id, gift.id
    undoing = [inside(app, lambda: giving.undo(db.session.get_one(Gift, gift_id)))] * 8
    more = [inside(app, lambda: giving.give(person(me), to, 20))] * 4
    answers = said(together(undoing + more))
    assert set(answers) <= {"Gift", "giving.full", "ledger.insufficient"}
    db.session.expire_all()
    assert ledger.balance(me) + giving.given(to) == 160 and broken() == []


def test_nothing_is_given_to_a_project_that_has_closed(
    app, here, together, make_volunteers, earn, project, broken
):
    """A11: whoever was in time is counted, whoever was not is told; the closed sum stays what it is."""
    people = make_volunteers(15)
    for one in people:
        earn(one, 10)
    here.commit()
    to = project.id

    def close():
        giving.projects.close(db.session.get_one(Project, to, with_for_update=True, populate_existing=True))
        return giving.given(to)

    answers = together(
        [inside(app, close)]
        + [inside(app, lambda who=one.id: giving.give(person(who), to, 10)) for one in people]
    )
    assert set(said(answers)) <= {"int", "Gift", "giving.closed"}
    assert answers[0] == giving.given(to) == 10 * said(answers)["Gift"] and broken() == []


def test_the_last_evening_and_a_last_minute_gift_never_take_the_same_points(
    app,
    here,
    together,
    xiaoman,
    earn,
    project,
    clock,
    broken,
):
    """V14: while the timetable gives what ends, its owner gives by hand."""
    earn(xiaoman, 40, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-03-31 23:30")
    here.commit()
    me, to = xiaoman.id, project.id
    hand = [inside(app, lambda: giving.give(person(me), to, 30))] * 4
    evening = [inside(app, lambda: endings.give_what_ends(me, "2026-03"))] * 4
    together(hand + evening)
    assert giving.given(to) + ledger.balance(me, date(2026, 3, 31)) == 40 and broken() == []
