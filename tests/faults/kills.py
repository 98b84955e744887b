"""Processes that die: web workers, the whole service, the database."""

from __future__ import annotations

import time
from random import Random
from statistics import median

from tests.faults.load import Load
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


@fault(
    "F03",
    "the whole service killed, master and all, and started again",
    target="first good answer ≤ 3 s after the start; 0 lost",
    short={"scans": 60, "kills": 1, "seconds_max": 30.0},
    long={"scans": 4_000, "kills": 5, "seconds_max": 3.0},
)
def service_killed(engine: str, dice: Random, *, scans: int, kills: int, seconds_max: float) -> Outcome:
    with Stand(engine, people=scans) as stand:
        load = stand.scans()
        gaps = []
        for nth in range(1, kills + 1):
            _until(load, scans * nth // (kills + 1))
            stand.service.kill()
            at = time.monotonic()
            stand.service.start(wait=False)
            gaps.append(_gap(load, at))
        load.finish()
        proof = stand.prove(load.book)
    figure = f"{proof}; first good answer after {_spread(gaps)}"
    return Outcome(figure, proof.good and proof.acknowledged == scans and max(gaps) <= seconds_max)


@fault(
    "F04",
    "every process of PostgreSQL killed under load and started again",
    target="0 lost; first good answer ≤ 5 s after PostgreSQL is up; the application is not restarted",
    engines=("postgresql",),
    short={"scans": 60, "kills": 1, "seconds_max": 30.0},
    long={"scans": 4_000, "kills": 5, "seconds_max": 5.0},
)
def database_killed(engine: str, dice: Random, *, scans: int, kills: int, seconds_max: float) -> Outcome:
    with Stand(engine, people=scans) as stand:
        assert stand.cluster
        before = set(stand.service.workers())
        load = stand.scans()
        gaps, recovery = [], []
        for nth in range(1, kills + 1):
            _until(load, scans * nth // (kills + 1))
            stand.cluster.kill()
            time.sleep(dice.uniform(0.2, 1.0))
            begun = time.monotonic()
            stand.cluster.start()
            recovery.append(time.monotonic() - begun)
            gaps.append(_gap(load, time.monotonic()))
        load.finish()
        proof = stand.prove(load.book)
        same = set(stand.service.workers()) == before
    figure = f"{proof}; recovery {_spread(recovery)}, then first good answer after {_spread(gaps)}"
    figure += ", same workers" if same else ", workers were replaced"
    figure += f"; other answers: {others(load)}"
    broken = [one for one in load.book.statuses if one.startswith("500")]
    good = proof.good and proof.acknowledged == scans and same and not broken
    return Outcome(figure, good and max(gaps) <= seconds_max)


def _until(load: Load, answered: int, seconds: float = 120) -> None:
    """Wait until so many scans have been acknowledged."""
    ends = time.monotonic() + seconds
    while load.answered < answered and not load.done() and time.monotonic() < ends:
        time.sleep(0.01)


def _gap(load: Load, since: float, seconds: float = 60) -> float:
    """Seconds from a moment until somebody has a good answer to a scan sent after it."""
    while time.monotonic() - since < seconds:
        gap = load.book.good_since(since)
        if gap is not None:
            return gap
        if load.done():
            return 0.0
        time.sleep(0.02)
    return seconds


def _spread(seconds: list[float]) -> str:
    if len(seconds) == 1:
        return f"{seconds[0]:.2f} s"
    return f"{median(seconds):.2f} s (worst {max(seconds):.2f} s of {len(seconds)})"


def others(load: Load) -> str:
    """What was answered beside good answers, and how often."""
    rest = [f"{one} ×{count}" for one, count in load.book.statuses.most_common() if one not in ("200", "201")]
    return ", ".join(rest) or "none"
