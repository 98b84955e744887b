"""Many at once on the same books, on both engines. LG-10, LG-26, LG-32, LG-34, T08, T30."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.races.hammer import TRIES, award, hammer, insist
from volunteer import clock as wall_clock
from volunteer import ledger
from volunteer.db import db, read_only
from volunteer.ledger import chart

pytestmark = pytest.mark.races

ROOT = Path(__file__).resolve().parents[2]
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


@pytest.fixture
def at_once(app, together):
    """Do acts at the same instant, each in a transaction of its own, and return what each came to: a word."""

    def at_once(*acts, tries=TRIES):
        def outside(act):
            def go():
                with app.app_context():
                    try:
                        return insist(act, tries)
                    finally:
                        db.session.remove()

            return go

        answers = together([outside(act) for act in acts])
        return [
            answer.code if hasattr(answer, "code") else answer if isinstance(answer, Exception) else "done"
            for answer in answers
        ]

    return at_once


@pytest.fixture
def sound():
    """Whether the books hold, as far as they are the ledger's."""
    return lambda: [found for found in ledger.inspect() if found.name.startswith("ledger.")] == []


def spend(person, points, voucher):
    return lambda: ledger.spend(person, points, to=chart.held(voucher), key=f"claim:{voucher}", why={})


def test_twenty_phones_spend_the_same_hundred_points(xiaoman, at_once, sound):
    """LG-32: one succeeds, nineteen are told what is missing, and nobody had to try twice: the purse is locked."""
    person = xiaoman.id
    award(person, 100, "record:1")
    came = Counter(at_once(*(spend(person, 100, voucher) for voucher in range(1, 21)), tries=1))
    assert came == {"done": 1, "ledger.insufficient": 19}
    assert (ledger.balance(person), ledger.held_total(person)) == (0, 100) and sound()


def test_points_for_seven_make_seven_winners(xiaoman, at_once, sound):
    """T08, over two purses."""
    person = xiaoman.id
    award(person, 35, "record:1", date(2026, 1, 5))
    award(person, 39, "record:2")
    came = Counter(at_once(*(spend(person, 10, voucher) for voucher in range(1, 21))))
    assert came == {"done": 7, "ledger.insufficient": 13}
    assert ledger.balance(person) == 4 and sound()


def test_phones_at_once_while_somebody_adds_everything_up(make_volunteers, app, at_once, together, sound):
    """T08: 2 to 64 phones, points for exactly k: k winners, and whoever sums up meanwhile always gets nought and sees no
    purse below it (500 rounds with HYPOTHESIS_PROFILE=long)."""
    seed = random.randrange(2**32)
    dice, rounds, most = random.Random(seed), 500 if LONG else 3, 64 if LONG else 12
    for nth, person in enumerate(make_volunteers(rounds)):
        k, phones = dice.randint(1, 8), dice.randint(2, most)
        award(person.id, 10 * k + dice.randint(0, 9), f"record:{nth}")
        seen, going = [], [phones]

        def one(act, going=going):
            def go():
                try:
                    return act()
                finally:
                    going[0] -= 1

            return go

        def reading(seen=seen, going=going):
            while True:
                seen.append((_sum_of_everything(), _lowest()))
                db.session.rollback()
                if going[0] <= 0:
                    return

        acts = [one(spend(person.id, 10, 1000 * nth + phone)) for phone in range(1, phones + 1)]
        came = Counter(at_once(*acts, reading)[:phones])
        assert came["done"] == min(k, phones), f"seed {seed}, round {nth}: {came}"
        assert set(came) <= {"done", "ledger.insufficient"}, f"seed {seed}, round {nth}: {came}"
        assert {total for total, _low in seen} == {0} and min(low for _total, low in seen) >= 0, (
            f"seed {seed}"
        )
    assert sound()


def test_one_record_is_paid_once_however_often_it_is_said(xiaoman, at_once, sound):
    person = xiaoman.id
    assert set(at_once(*(lambda: award(person, 18, "record:1") for _ in range(16)))) == {"done"}
    assert ledger.balance(person) == 18 and sound()


def test_the_first_use_of_a_purse_by_many(xiaoman, at_once, sound):
    """LG-10."""
    person = xiaoman.id
    acts = [lambda n=n: award(person, n, f"record:{n}") for n in range(1, 17)]
    assert set(at_once(*acts)) == {"done"}
    assert ledger.balance(person) == sum(range(1, 17)) and sound()


def test_one_claim_is_given_back_or_redeemed_and_never_both(xiaoman, at_once, sound):
    person = xiaoman.id
    award(person, 50, "record:1")
    for voucher in range(1, 6):
        spend(person, 10, voucher)()
    for voucher in range(1, 6):
        back = [partial(ledger.release, f"claim:{voucher}", key=f"release:{voucher}:{n}") for n in range(4)]
        step = (chart.held(voucher), chart.owed(7), 10)
        used = [partial(ledger.transfer, step, move="redeem", key=f"redeem:{voucher}:{n}") for n in range(4)]
        came = at_once(*back, *used)
        assert came.count("done") == 1
        assert set(came) <= {"done", "ledger.reversed", "ledger.spent", "ledger.insufficient"}
    assert ledger.balance(person) + ledger.at(chart.owed(7)) == 50 and sound()


def test_an_award_is_taken_back_once_while_it_is_being_spent(xiaoman, at_once, sound):
    person = xiaoman.id
    award(person, 30, "record:1")
    came = at_once(
        *(
            lambda n=n: ledger.reverse("record:1", move="reversal", new_key=f"back:{n}", why={})
            for n in range(5)
        ),
        *(spend(person, 20, voucher) for voucher in range(1, 6)),
    )
    assert came.count("done") == 1 and sound()
    assert (ledger.balance(person), ledger.held_total(person)) in [(0, 0), (10, 20)]


def test_spending_in_the_last_second_while_the_sweep_runs(make_volunteers, at_once, sound):
    """T30: each point ends in exactly one place."""
    people = [person.id for person in make_volunteers(6)]
    for person in people:
        award(person, 40, f"record:{person}", date(2026, 1, 5))

    def last_second(person):
        def act():
            with wall_clock.stopped("2028-01-31T23:59:59+08:00"):
                return spend(person, 30, person)()

        return act

    def sweep():
        with wall_clock.stopped("2028-02-01T00:20:00+08:00"):
            return ledger.expire(date(2028, 2, 1))

    came = at_once(*(last_second(person) for person in people), sweep, sweep)
    assert set(came) <= {"done", "ledger.insufficient"}
    held = sum(ledger.held_total(person) for person in people)
    with wall_clock.stopped("2028-01-31T23:59:59+08:00"):
        left = sum(ledger.balance(person) for person in people)
    assert held == 30 * came[:6].count("done")
    assert held + left + ledger.at(chart.EXPIRED) == 240 and sound()


def test_around_the_second_of_expiry_each_point_ends_in_one_place(make_volunteers, at_once, sound):
    """T30: a redemption in the last seconds or the first, the sweep at any moment of the night, in whatever order
    (10,000 rounds with HYPOTHESIS_PROFILE=long): spent or expired, never both, never neither."""
    seed = random.randrange(2**32)
    dice, rounds = random.Random(seed), 10_000 if LONG else 12
    people = [person.id for person in make_volunteers(min(rounds, 50))]
    spent = expired = 0
    for nth in range(rounds):
        person, points = people[nth % len(people)], dice.randint(1, 40)
        award(person, points, f"record:{nth}", date(2026, 1, 5))
        moment = datetime(2028, 2, 1, tzinfo=wall_clock.ZONE) + timedelta(
            milliseconds=dice.randint(-1500, 1500)
        )

        def redeem(person=person, points=points, nth=nth, moment=moment):
            with wall_clock.stopped(moment):
                return spend(person, points, nth + 1)()

        def sweep():
            with wall_clock.stopped("2028-02-01T00:00:00+08:00"):
                return ledger.expire(date(2028, 2, 1))

        came = at_once(*dice.sample([redeem, sweep], 2))
        assert set(came) <= {"done", "ledger.insufficient"}, f"seed {seed}, round {nth}: {came}"
        assert at_once(sweep) == ["done"]  # what is left after the sweep came first, or the redemption failed
        held = ledger.at(chart.held(nth + 1))
        assert held in (0, points), f"seed {seed}, round {nth}: held {held} of {points}"
        assert not (held and moment >= datetime(2028, 2, 1, tzinfo=wall_clock.ZONE)), (
            f"seed {seed}, round {nth}"
        )
        spent, expired = spent + held, expired + (points - held)
        assert ledger.at(chart.EXPIRED) == expired, f"seed {seed}, round {nth}"
        db.session.rollback()
    assert spent and expired and sound(), f"seed {seed}: {spent} spent, {expired} expired"


def test_many_hammer_at_the_books_and_a_reader_always_sees_a_sum_of_zero(
    app, make_volunteers, together, clock, sound, here
):
    """LG-34, F24: threads; the sum is looked at all the while."""
    clock.move("2028-02-10 09:00")
    people = [person.id for person in make_volunteers(3)]
    seen: list[int] = []
    going = [4]

    def hammering(seed):
        def go():
            with app.app_context():
                try:
                    return hammer(people, seed, 40)
                finally:
                    going[0] -= 1
                    db.session.remove()

        return go

    def reading():
        with app.app_context():
            while going[0] > 0:
                with read_only():
                    seen.append(_sum_of_everything())
            db.session.remove()

    done = together([*(hammering(seed) for seed in range(1, 5)), reading])
    assert not [answer for answer in done if isinstance(answer, Exception)], done
    assert sum(done[0].values()) == 40
    assert seen and set(seen) == {0}
    assert sound()


def test_processes_hammer_at_the_books(engine, make_volunteers, here, sound):
    """LG-34: processes of their own, as workers are."""
    people = [str(person.id) for person in make_volunteers(3)]
    with here.outside():
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.hammer", engine.url, "--seed", str(seed), "--moves", "60",
                 "--people", *people],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for seed in (11, 12, 13)
        ]  # fmt: skip
        told = [process.communicate(timeout=120) for process in running]
    for process, (out, err) in zip(running, told, strict=True):
        assert process.returncode == 0, err
        assert sum(json.loads(out).values()) == 60
    assert sound() and _sum_of_everything() == 0


def _lowest():
    """The lowest kept balance there is."""
    return int(db.session.scalar(select(func.coalesce(func.min(ledger.Balance.amount), 0))))


def _sum_of_everything():
    """Every kept balance and what the programme's own addresses come to, in one statement."""
    kept = select(func.coalesce(func.sum(ledger.Balance.amount), 0)).scalar_subquery()
    posting = ledger.Posting
    issued = select(func.coalesce(func.sum(posting.amount), 0)).where(posting.source.startswith("programme:"))
    gone = select(func.coalesce(func.sum(posting.amount), 0)).where(posting.target.startswith("programme:"))
    return int(db.session.scalar(select(kept - issued.scalar_subquery() + gone.scalar_subquery())))
