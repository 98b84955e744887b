"""The books against a small model of them: whatever people do, in whatever order, as often as they like.

LG-18 … LG-24, LG-27, LG-28, LG-30, LG-31, LG-34 and trap 6: this machine overdraws on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from volunteer import accounts, clock, community, ledger
from volunteer.db import db
from volunteer.ledger import chart

PEOPLE = 3
POINTS = st.integers(min_value=1, max_value=60)
PERSON = st.integers(min_value=0, max_value=PEOPLE - 1)
ANY = st.integers(min_value=0, max_value=10**6)


class Model:
    """What somebody with pencil and paper would write down: purses by person and month, and what is held and owed."""

    def __init__(self) -> None:
        self.purses: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.held: dict[int, int] = defaultdict(int)
        self.owed = self.issued = self.expired = 0
        self.awards: dict[str, tuple[int, str, int]] = {}
        self.claims: dict[int, tuple[int, list[tuple[str, int]]]] = {}
        self.reversed: set[str] = set()
        self.ended: dict[int, str] = {}

    def spendable(self, person: int, today: date) -> list[tuple[str, int]]:
        month = f"{today:%Y-%m}"
        return sorted((m, n) for m, n in self.purses[person].items() if m >= month and n)

    def take(self, person: int, points: int, today: date) -> list[tuple[str, int]] | None:
        there = self.spendable(person, today)
        if sum(amount for _month, amount in there) < points:
            return None
        parts = []
        for month, amount in there:
            part = min(amount, points)
            if part:
                parts.append((month, part))
                points -= part
        for month, part in parts:
            self.purses[person][month] -= part
        return parts


class Books(RuleBasedStateMachine):
    """Earn, claim, give back, redeem, expire, take back, overdraw, repeat; and time jumps."""

    here: Any = None

    @initialize()
    def open(self) -> None:
        self.here.undo()
        self.model = Model()
        self.today = date(2026, 1, 31)
        self._tick()
        street = community.add("street", "坂田街道")
        self.people = [
            accounts.register(name="志愿者", phone=f"137{n:08d}", home=street, birth_on=date(1990, 1, 1))
            for n in range(1, PEOPLE + 1)
        ]
        self.number = 0

    def teardown(self) -> None:
        assert [found for found in ledger.inspect() if found.name.startswith("ledger.")] == []
        self.here.undo()

    def _tick(self) -> None:
        self.clock.move(datetime.combine(self.today, time(12), clock.ZONE))

    def _next(self) -> int:
        self.number += 1
        return self.number

    # ── what people do ──

    @rule(person=PERSON, points=POINTS, late=st.integers(min_value=0, max_value=40))
    def award(self, person: int, points: int, late: int) -> None:
        key, on = f"record:{self._next()}", self.today - timedelta(days=late)
        self._award(person, points, key, on)
        year, month = divmod(on.year * 12 + on.month - 1 + 24, 12)
        end = f"{year:04}-{month + 1:02}"
        self.model.purses[person][end] += points
        self.model.issued += points
        self.model.awards[key] = (person, end, points)

    def _award(self, person: int, points: int, key: str, on: date) -> ledger.Transfer:
        why = {"formula": {"kind": "flat", "rule": 1, "grade": "A", "points": points}}
        return ledger.award(self.people[person].id, points, key=key, why=why, on=on, area_path="/1/")

    @rule(person=PERSON, points=st.integers(min_value=1, max_value=150))
    def claim(self, person: int, points: int) -> None:
        """Often more than there is: then nothing moves."""
        voucher = self._next()
        had = sum(amount for _month, amount in self.model.spendable(person, self.today))
        parts = self.model.take(person, points, self.today)
        if parts is None:
            with pytest.raises(ledger.Insufficient) as short:
                self._claim(person, points, voucher)
            assert short.value.facts == {"balance": had, "missing": points - had}
            return
        took = self._claim(person, points, voucher)
        assert [(line.source[-7:], line.amount) for line in took.postings] == parts
        assert all(month >= f"{self.today:%Y-%m}" for month, _part in parts)
        assert took.points == points
        self.model.claims[voucher] = (person, parts)
        self.model.held[voucher] = points

    def _claim(self, person: int, points: int, voucher: int) -> ledger.Transfer:
        return ledger.spend(
            self.people[person].id,
            points,
            to=chart.held(voucher),
            key=f"claim:{voucher}",
            why={},
            area_path="/1/",
        )

    @precondition(lambda self: self.model.claims)
    @rule(pick=ANY)
    def release(self, pick: int) -> None:
        voucher = self._pick(self.model.claims, pick)
        if voucher in self.model.ended:
            other = self.model.ended[voucher] != "release"
            with pytest.raises(ledger.Spent if other else ledger.Reversed):
                ledger.release(f"claim:{voucher}", key=f"release:{voucher}:{self._next()}")
            return
        ledger.release(f"claim:{voucher}", key=f"release:{voucher}")
        person, parts = self.model.claims[voucher]
        for month, part in parts:
            later = self.today + timedelta(days=30)
            home = month if month >= f"{self.today:%Y-%m}" else f"{later:%Y-%m}"
            self.model.purses[person][home] += part
        self.model.held[voucher] = 0
        self.model.ended[voucher] = "release"

    @precondition(lambda self: self.model.claims)
    @rule(pick=ANY)
    def redeem(self, pick: int) -> None:
        voucher = self._pick(self.model.claims, pick)
        points = sum(part for _month, part in self.model.claims[voucher][1])
        step = (chart.held(voucher), chart.owed(7), points)
        if voucher in self.model.ended:
            with pytest.raises(ledger.Insufficient):
                ledger.transfer(step, move="redeem", key=f"redeem:{voucher}:{self._next()}")
            return
        ledger.transfer(step, move="redeem", key=f"redeem:{voucher}")
        self.model.held[voucher] = 0
        self.model.owed += points
        self.model.ended[voucher] = "redeem"

    @precondition(lambda self: self.model.awards)
    @rule(pick=ANY)
    def reverse(self, pick: int) -> None:
        key = self._pick(self.model.awards, pick)
        person, month, points = self.model.awards[key]
        left = self.model.purses[person][month]
        if key in self.model.reversed:
            with pytest.raises(ledger.Reversed):
                ledger.reverse(key, move="reversal", new_key=f"{key}:again:{self._next()}", why={})
        elif left < points:
            with pytest.raises(ledger.Spent) as spent:
                ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why={})
            assert spent.value.facts["missing"] == points - left
        else:
            ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why={})
            self.model.purses[person][month] -= points
            self.model.issued -= points
            self.model.reversed.add(key)

    @rule()
    def expire(self) -> None:
        gone = 0
        for purses in self.model.purses.values():
            for month, amount in purses.items():
                if month < f"{self.today:%Y-%m}":
                    gone += amount
                    purses[month] = 0
        assert ledger.expire(self.today) == gone
        assert ledger.expire(self.today) == 0
        self.model.expired += gone

    @rule(days=st.sampled_from([1, 20, 29, 31, 200, 400, 700, 731]))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self._tick()

    # ── what people do twice ──

    @precondition(lambda self: self.model.awards)
    @rule(pick=ANY)
    def award_again(self, pick: int) -> None:
        key = self._pick(self.model.awards, pick)
        person, _month, points = self.model.awards[key]
        assert self._award(person, points, key, self.today).repeated
        with pytest.raises(ledger.KeyReused):
            self._award(person, points + 1, key, self.today)
        with pytest.raises(ledger.KeyReused):
            self._award((person + 1) % PEOPLE, points, key, self.today)

    @precondition(lambda self: self.model.claims)
    @rule(pick=ANY)
    def claim_again(self, pick: int) -> None:
        voucher = self._pick(self.model.claims, pick)
        person, parts = self.model.claims[voucher]
        again = self._claim(person, sum(part for _month, part in parts), voucher)
        assert again.repeated and [(line.source[-7:], line.amount) for line in again.postings] == parts

    @precondition(lambda self: "release" in self.model.ended.values())
    @rule(pick=ANY)
    def release_again(self, pick: int) -> None:
        released = [voucher for voucher, how in self.model.ended.items() if how == "release"]
        voucher = released[pick % len(released)]
        assert ledger.release(f"claim:{voucher}", key=f"release:{voucher}").repeated

    @precondition(lambda self: self.model.reversed)
    @rule(pick=ANY)
    def reverse_again(self, pick: int) -> None:
        key = sorted(self.model.reversed)[pick % len(self.model.reversed)]
        assert ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why={}).repeated

    # ── what is always so ──

    @invariant()
    def everybody_holds_what_the_model_says(self) -> None:
        for number, person in enumerate(getattr(self, "people", [])):
            expected = self.model.spendable(number, self.today)
            assert [(purse.month, purse.amount) for purse in ledger.purses(person.id)] == expected
            assert ledger.balance(person.id) == sum(amount for _month, amount in expected)
            held = sum(
                self.model.held[voucher] for voucher, (who, _) in self.model.claims.items() if who == number
            )
            assert ledger.held_total(person.id) == held

    @invariant()
    def everything_sums_to_zero(self) -> None:
        if not hasattr(self, "people"):
            return
        kept = db.session.scalar(select(func.coalesce(func.sum(ledger.Balance.amount), 0)))
        programme = sum(ledger.at(address) for address in (chart.ISSUED, chart.EXPIRED, chart.SETTLED))
        assert kept + programme == 0
        assert -ledger.at(chart.ISSUED) == self.model.issued
        assert ledger.at(chart.EXPIRED) == self.model.expired
        assert ledger.at(chart.owed(7)) == self.model.owed

    @staticmethod
    def _pick(things: dict[Any, Any], pick: int) -> Any:
        return list(things)[pick % len(things)]


def test_the_books_agree_with_a_model_of_them(here, clock):
    here.commit()
    machine = type("BooksHere", (Books,), {"here": here, "clock": clock})
    run_state_machine_as_test(machine)
