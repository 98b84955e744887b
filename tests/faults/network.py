"""The way to the database: slow, locked, cut off right after COMMIT, more people than connections."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg

from tests.faults.kills import others
from tests.faults.load import Phone
from tests.faults.proxy import Proxy
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand

ONLY = ("postgresql",)


@contextlib.contextmanager
def far_away(people: int, workers: int = 2) -> Iterator[tuple[Stand, Proxy]]:
    """A stand whose server reaches its database through a proxy."""
    with Stand("postgresql", people=people, workers=workers, serve=False) as stand:
        assert stand.cluster
        proxy = Proxy(stand.cluster.port)
        try:
            stand.serve(url=stand.cluster.address(stand.database, proxy.port))
            yield stand, proxy
        finally:
            proxy.close()


@fault(
    "F10",
    "a slow database, and somebody who holds a lock",
    target="+200 ms: no error; lock held: 503 + Retry-After ≤ 3 s, static and /healthz ≤ 100 ms (long form)",
    engines=ONLY,
    short={"scans": 40, "delays_ms": (200,), "held_s": 5, "slack": 10.0},
    long={"scans": 600, "delays_ms": (50, 200, 1000), "held_s": 30, "slack": 1.0},
)
def slow_database(
    engine: str, dice: Random, *, scans: int, delays_ms: tuple[int, ...], held_s: int, slack: float
) -> Outcome:
    parts = len(delays_ms) + 1
    said, good = [], True
    with far_away(scans) as (stand, proxy):
        share = scans // parts
        people = stand.street.people
        book = stand.scans(people=people[:1]).finish()
        for nth, delay in enumerate(delays_ms):
            proxy.delay = delay / 1000
            mine = people[max(1, nth * share) : (nth + 1) * share]
            load = stand.scans(people=mine, clients=8)
            load.finish()
            book.merge(load.book)
            errors = others(load)
            said.append(f"+{delay} ms: p99 {load.book.quantile(0.99):.2f} s, other answers {errors}")
            good &= errors == "none" or delay > 200
        proxy.delay = 0.0
        with _lock_on_attendance(stand):
            load = stand.scans(people=people[(parts - 1) * share :], clients=8)
            calm = _beside(stand, held_s)
        load.finish()
        book.merge(load.book)
        refusals = [end - begun for begun, end, status in load.book.took if status.startswith("503")]
        errors = [one for one in load.book.statuses if not one.startswith(("20", "503"))]
        said.append(
            f"lock held {held_s} s: {len(refusals)} × 503, the slowest {max(refusals, default=0):.2f} s, "
            f"beside it /healthz and static ≤ {calm * 1000:.0f} ms" + (f", {errors}" if errors else "")
        )
        good &= bool(refusals) and max(refusals) <= 3 * slack and calm <= 0.1 * slack and not errors
        proof = stand.prove(book)
    return Outcome(f"{'; '.join(said)}; {proof}", good and proof.good and proof.acknowledged == scans)


@contextlib.contextmanager
def _lock_on_attendance(stand: Stand) -> Iterator[None]:
    with psycopg.connect(stand.url) as holder:
        holder.execute("LOCK TABLE attendance IN EXCLUSIVE MODE")
        yield


def _beside(stand: Stand, seconds: float) -> float:
    """Ask for what needs no database meanwhile; return the slowest answer."""
    ends, slowest = time.monotonic() + seconds, 0.0
    time.sleep(0.5)
    while time.monotonic() < ends:
        for path in ("/healthz", "/static/css/base.css"):
            begun = time.monotonic()
            stand.service.get(path)
            slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.1)
    return slowest


@fault(
    "F11",
    "the answer to COMMIT is lost on the way",
    target="0 duplicates: whoever asks again gets the first answer",
    engines=ONLY,
    short={"scans": 60, "lost": 8},
    long={"scans": 3_000, "lost": 200},
)
def reply_lost(engine: str, dice: Random, *, scans: int, lost: int) -> Outcome:
    with far_away(scans) as (stand, proxy):
        proxy.swallow_max, proxy.trouble = lost, "no-reply-to-commit"
        load = stand.scans()
        time.sleep(dice.uniform(0.1, 0.5))
        proxy.cut()
        load.finish()
        proof = stand.prove(load.book)
        replays = load.book.statuses["200"]
    figure = f"{proof}; {proxy.swallowed} replies to COMMIT swallowed, {replays} answers given again"
    figure += f"; other answers: {others(load)}"
    broken = [one for one in load.book.statuses if one.startswith("500")]
    good = proof.good and proof.acknowledged == scans and proxy.swallowed >= min(lost, 3) and not broken
    return Outcome(figure, good)


@fault(
    "F12",
    "many more clients than connections, on a database that answers slowly",
    target="bounded: 503 ≤ 3 s, no 500; good answers again ≤ 2 s after (long form)",
    engines=ONLY,
    short={"clients": 80, "held_s": 4, "slack": 10.0},
    long={"clients": 500, "held_s": 15, "slack": 1.0},
)
def pool_exhausted(engine: str, dice: Random, *, clients: int, held_s: int, slack: float) -> Outcome:
    with Stand("postgresql", people=60, workers=1) as stand:
        took: list[tuple[float, float, int]] = []
        over = threading.Event()

        def press(nth: int) -> None:
            phone, person = Phone(stand.service.port, 60), stand.street.people[nth % 60]
            body: Any = {"code": stand.street.wall(), "scan": f"crowd-{nth}"}
            while not over.is_set():
                begun = time.monotonic()
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status, _, headers = phone.ask("POST", "/api/v1/checkins", person.token, body)
                    took.append((begun, time.monotonic(), status))
                    over.wait(float(headers.get("Retry-After", 1)))
            phone.close()

        threads = [threading.Thread(target=press, args=(nth,)) for nth in range(clients)]
        with _lock_on_attendance(stand):
            for thread in threads:
                thread.start()
            time.sleep(held_s)
            crowded = list(took)
        free = time.monotonic()
        recovered = None
        while recovered is None and time.monotonic() - free < 30:
            recovered = min(
                (end for _, end, status in list(took) if end > free and status < 300), default=None
            )
            time.sleep(0.02)
        over.set()
        for thread in threads:
            thread.join()
    refused = [end - begun for begun, end, status in crowded if status == 503]
    other = {status for *_, status in took} - {200, 201, 503, 410}
    back = (recovered or free + 99) - free
    slowest = max(refused, default=0.0)
    figure = (
        f"{clients} clients: {len(refused)} × 503 in {held_s} s, the slowest {slowest:.2f} s; "
        f"good answers again after {back:.2f} s" + (f"; also {sorted(other)}" if other else "")
    )
    return Outcome(figure, bool(refused) and slowest <= 3 * slack and back <= 2 * slack and not other)
