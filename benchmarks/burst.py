"""A service day's burst through the pages: people arrive at a rate that does not wait for answers (open loop).

Each signs in with a bearer token already on the phone, looks at three pages and checks in. Latency counts from the
moment the arrival was due, so a queue shows.
"""

from __future__ import annotations

import heapq
import multiprocessing
import select
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from benchmarks import checkin, crowd, filling

PAGES = ("/api/v1/me", "/calendar", "/api/v1/me/statement")


@dataclass(frozen=True)
class Burst:
    """What a burst of so many arrivals a second came to; `missing` stays were acknowledged and are not there, or twice."""

    statuses: dict[int, int]
    checkin_ms: list[float]
    page_ms: list[float]
    missing: int = 0

    def percentile(self, share: float) -> float:
        return self.checkin_ms[min(len(self.checkin_ms) - 1, int(len(self.checkin_ms) * share))]


def arrive(port: int, engine: Engine, per_second: int, seconds: int) -> Burst:
    """Have people arrive for so many seconds; each opens three pages and checks in."""
    days = filling.days(engine)
    make = checkin.requests(days, filling.PEOPLE // 2)
    count = min(per_second * seconds, filling.PEOPLE)
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=lambda: theirs.send(_drive(port, make, count, per_second))
    )
    child.start()
    theirs.close()  # so that a child that dies ends the waiting
    result: Burst = ours.recv()
    child.join()
    return replace(result, missing=checkin.missing(engine, days, count))


def _drive(port: int, make: crowd.Make, count: int, per_second: int) -> Burst:
    poll = select.epoll()
    begin = time.perf_counter() + 0.2
    # (due, nth person, which of the four requests)
    due = [(begin + n / per_second, n, 0) for n in range(count)]
    heapq.heapify(due)
    idle: dict[int, crowd.Line] = {}
    busy: dict[int, tuple[crowd.Line, float, int, int]] = {}
    statuses: Counter[int] = Counter()
    checkins: list[float] = []
    pages: list[float] = []
    while due or busy:
        now = time.perf_counter()
        while due and due[0][0] <= now:
            at, n, step = heapq.heappop(due)
            if idle:
                _fd, line = idle.popitem()
            else:
                line = crowd.Line(port)
                poll.register(line.fd, select.EPOLLIN)
            line.say(make(n) if step == len(PAGES) else _get(PAGES[step], n))
            busy[line.fd] = (line, at, n, step)
        wait = max(0.0, due[0][0] - time.perf_counter()) if due else 1.0
        for fd, _event in poll.poll(wait):
            if fd not in busy:  # nobody used it for a while, and the server closed it
                idle.pop(fd).socket.close()
                continue
            line, at, n, step = busy[fd]
            status = line.hear()
            if status is None:
                continue
            del busy[fd]
            idle[fd] = line
            statuses[status] += 1
            took = 1000 * (time.perf_counter() - at)
            (checkins if step == len(PAGES) else pages).append(took)
            if step < len(PAGES):
                heapq.heappush(due, (time.perf_counter(), n, step + 1))
    return Burst(dict(statuses), sorted(checkins), sorted(pages))


def _get(path: str, n: int) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {filling.token(_person(n))}\r\n\r\n"
    ).encode()


def _person(n: int) -> int:
    return n // 2 if n % 2 == 0 else filling.PEOPLE // 2 + n // 2


def describe(statuses: dict[int, int], allowed: Sequence[int] = (200, 201)) -> int:
    """Return how many answers were not what they should be."""
    return sum(count for status, count in statuses.items() if status not in allowed)
