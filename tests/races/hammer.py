"""A jack-hammer for the books: random moves by many at once, each as a request would make it. LG-34.

    .venv/bin/python -m tests.races.hammer postgresql://… --seed 7 --moves 500

prints how many of each move went through. Afterwards `flask ledger inspect` must find nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from volunteer import clock, ledger
from volunteer.batches import lost_race
from volunteer.db import db, transaction
from volunteer.errors import Refusal
from volunteer.ledger import chart

TRIES = 25


def insist(act: Callable[[], Any], tries: int = TRIES) -> Any:
    """Do an act in a transaction of its own, again when a race was lost, as a request is."""
    for nth in range(1, tries + 1):
        try:
            with transaction():
                return act()
        except (IntegrityError, OperationalError) as fault:
            if nth == tries or not lost_race(fault):
                raise
            time.sleep(random.uniform(0, 0.01) * nth)
    raise AssertionError("unreachable")


def award(person: int, points: int, key: str, on: date | None = None) -> ledger.Transfer:
    """Give points as a record would."""
    why = {"formula": {"kind": "flat", "rule": 1, "grade": "A", "points": points}}
    return ledger.award(person, points, key=key, why=why, on=on or clock.today(), area_path="/1/")


def hammer(people: Sequence[int], seed: int, moves: int) -> Counter[str]:
    """Make random moves for these people, names of their own by the seed, and return what went through."""
    dice = random.Random(seed)
    done: Counter[str] = Counter()
    claims: list[int] = []
    awards: list[str] = []

    def one(number: int) -> str:
        person = dice.choice(people)
        name = seed * 100_000 + number
        kind = dice.choices(("award", "claim", "release", "redeem", "reverse", "expire"), (5, 5, 3, 2, 1, 1))[
            0
        ]
        if kind == "award":
            on = date(2026, dice.randint(1, 3), 5)
            award(person, dice.randint(1, 30), f"record:{name}", on)
            awards.append(f"record:{name}")
        elif kind == "claim":
            ledger.spend(person, dice.randint(1, 40), to=chart.held(name), key=f"claim:{name}", why={})
            claims.append(name)
        elif kind == "release" and claims:
            voucher = dice.choice(claims)
            ledger.release(f"claim:{voucher}", key=f"release:{voucher}")
        elif kind == "redeem" and claims:
            voucher = dice.choice(claims)
            held = ledger.at(chart.held(voucher))
            if held:
                step = (chart.held(voucher), chart.owed(dice.randint(1, 3)), held)
                ledger.transfer(step, move="redeem", key=f"redeem:{voucher}")
        elif kind == "reverse" and awards:
            key = dice.choice(awards)
            ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why={})
        elif kind == "expire":
            ledger.expire(clock.today())
        else:
            return "nothing"
        return kind

    for number in range(1, moves + 1):
        state, kept = dice.getstate(), (list(claims), list(awards))

        def act(number: int = number, state: Any = state, kept: Any = kept) -> str:
            dice.setstate(state)  # a second try makes the same move
            claims[:], awards[:] = kept
            return one(number)

        try:
            done[insist(act)] += 1
        except Refusal as refusal:
            claims[:], awards[:] = kept
            done[refusal.code] += 1
    return done


def main() -> None:
    from app import create_app
    from tests.conftest import config_for

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--moves", type=int, default=200)
    asked.add_argument("--people", type=int, nargs="+", default=[1, 2, 3])
    given = asked.parse_args()
    app = create_app(config_for(given.url))
    with clock.stopped("2028-02-10T09:00:00+08:00", everywhere=True), app.app_context():
        print(json.dumps(hammer(given.people, given.seed, given.moves)))
        db.session.remove()


if __name__ == "__main__":
    main()
