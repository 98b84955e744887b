"""Processes that die: web workers, the whole service, the database."""

from __future__ import annotations

import time
from random import Random

from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand


@fault(
    "F02",
    "a web worker killed every 100 ms under load",
    target="0 lost, 0 doubled, books clean, the service stays; throughput ≥ 50 % of undisturbed (long form)",
    short={"scans": 120, "kills": 8, "part_min": 0.0},
    long={"scans": 20_000, "kills": 100_000, "part_min": 0.5},
)
def workers_killed(engine: str, dice: Random, *, scans: int, kills: int, part_min: float) -> Outcome:
    with Stand(engine, people=scans, workers=4) as stand:
        half = scans // 4
        calm = stand.scans(people=stand.street.people[:half])
        calm.finish()
        load = stand.scans(people=stand.street.people[half:])
        done = 0
        while not load.done() and done < kills and stand.service.running():
            done += stand.service.kill_a_worker(dice)
            time.sleep(0.1)
        load.finish()
        load.book.merge(calm.book)
        proof = stand.prove(load.book)
        part = load.rate() / calm.rate()
        alive = stand.service.running()
    figure = f"{proof}; {done} kills, {part:.0%} of {calm.rate():.0f}/s"
    figure += "" if alive else "; the service ended"
    return Outcome(figure, proof.good and proof.acknowledged == scans and part >= part_min and alive)
