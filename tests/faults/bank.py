"""The bank test: many processes move points between five people while others add everything up.

.venv/bin/python -m tests.faults.bank URL --seed 7 --transfers 200 --people 1 2 3 4 5
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from random import Random

from sqlalchemy import func, select

from tests.conftest import config_for
from tests.faults import street
from tests.faults.registry import Outcome, fault
from tests.faults.service import ROOT
from tests.faults.stand import Stand
from tests.races.hammer import insist
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.ledger import Balance, chart

PEOPLE = 5
EACH = 1_000


@fault(
    "F24",
    "the bank test: processes move points between five people, others sum everything all the while",
    target="wrong totals 0, books clean",
    short={"processes": 2, "transfers": 40},
    long={"processes": 8, "transfers": 1_500},
)
def bank(engine: str, dice: Random, *, processes: int, transfers: int) -> Outcome:
    with Stand(engine, people=PEOPLE, points=EACH, serve=False) as stand:
        people = [str(one.id) for one in stand.street.people]
        said = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.faults.bank", stand.url),
                    *("--seed", str(dice.randrange(10_000) * 100 + nth), "--transfers", str(transfers)),
                    *("--people", *people),
                ],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            )
            for nth in range(processes)
        ]
        reads = wrong = 0
        with street.inside(stand.url):
            while any(one.poll() is None for one in said):
                reads, wrong = reads + 1, wrong + (total() != PEOPLE * EACH)
                time.sleep(0.01)
            done = [json.loads(one.communicate()[0] or b"{}") for one in said]
            # What is held here is held for no voucher, so only the books themselves are asked.
            broken = [f"{one.name} ×{one.count}" for one in ledger.inspect(of="ledger.")]
        went = sum(one.get("moved", 0) for one in done)
        reads += sum(one.get("reads", 0) for one in done)
        wrong += sum(one.get("wrong", 0) for one in done)
        failed = sum(bool(one.returncode) for one in said)
    figure = f"{processes} processes, {went} transfers, {reads} sums, {wrong} wrong"
    figure += f", broken: {broken}" if broken else ", books clean"
    figure += f", {failed} processes failed" if failed else ""
    return Outcome(figure, not wrong and not broken and not failed and went > 0)


def total() -> int:
    """All points there are, as one statement sees them."""
    try:
        return int(db.session.scalar(select(func.sum(Balance.amount))) or 0)
    finally:
        db.session.rollback()


def main() -> None:
    from app import create_app

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--transfers", type=int, default=100)
    asked.add_argument("--people", type=int, nargs="+")
    given = asked.parse_args()
    dice = Random(given.seed)
    said = {"moved": 0, "reads": 0, "wrong": 0}
    with create_app(config_for(given.url)).app_context():
        held: list[int] = []
        for nth in range(given.transfers):
            # A claim, or one given back: from anybody's purse to what is held, and home again.
            name = given.seed * 100_000 + nth
            back = held.pop(dice.randrange(len(held))) if held and dice.random() < 0.45 else None
            person, points = dice.choice(given.people), dice.randint(1, 60)
            try:
                if back is not None:
                    insist(lambda back=back: ledger.release(f"claim:{back}", key=f"release:{back}"))
                else:
                    to, key = chart.held(name), f"claim:{name}"
                    insist(
                        lambda p=person, n=points, to=to, key=key: ledger.spend(p, n, to=to, key=key, why={})
                    )
                    held.append(name)
                said["moved"] += 1
            except Refusal:
                pass  # nothing left in that purse just now
            said["reads"] += 1
            said["wrong"] += total() != len(given.people) * EACH
    print(json.dumps(said))


if __name__ == "__main__":
    main()
