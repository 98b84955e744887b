"""A service day's burst through the pages: people arrive at a rate that does not wait for answers (open loop).

Each signs in with a bearer token already on the phone, looks at three pages and checks in. Latency counts from the
moment the arrival was due, so a queue shows.
"""

from __future__ import annotations

import heapq
import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from benchmarks import checkin, crowd, filling

#: Connections at once at most, and how long after the last arrival the last answer is waited for.
LINES = 2_000
PATIENCE_S = 240
#: Stands among the statuses for whoever never heard anything.
NEVER = 0
PAGES = ("/api/v1/me", "/calendar", "/api/v1/me/statement")


@dataclass(frozen=True)
class Burst:
    """What a burst of so many arrivals a second came to, in so many seconds until the last of them was answered.

    `missing` stays were acknowledged and are not there; `again` requests met a line that had just closed.
    """

    statuses: dict[int, int]
    checkin_ms: list[float]
    page_ms: list[float]
    missing: int = 0
    came: int = 0
    left: int = 0
    again: int = 0
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        return self.checkin_ms[min(len(self.checkin_ms) - 1, int(len(self.checkin_ms) * share))]


def arrive(port: int, engine: Engine, per_second: int, seconds: int) -> Burst:
    """Have people arrive for so many seconds; each opens three pages and checks in."""
    days = filling.days(engine)
    make = checkin.requests(days, filling.PEOPLE // 2)
    count = min(per_second * seconds, filling.PEOPLE)
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=lambda: theirs.send(Arrivals(port, make, count, per_second).run())
    )
    child.start()
    theirs.close()  # so that a child that dies ends the waiting
    result: Burst = ours.recv()
    child.join()
    return replace(result, missing=checkin.missing(engine, days, result.came, result.left)[0])


class Arrivals:
    """People who come when they come: each asks once their moment is due, over a line that is free or a new one."""

    def __init__(self, port: int, make: crowd.Make, count: int, per_second: int) -> None:
        self.port, self.make = port, make
        self.poll = select.epoll()
        self.begin = time.perf_counter() + 0.2
        self.latest = self.begin + count / per_second + PATIENCE_S
        # (due, nth person, which of the four requests)
        self.due = [(self.begin + n / per_second, n, 0) for n in range(count)]
        self.idle: dict[int, crowd.Line] = {}
        self.busy: dict[int, tuple[crowd.Line, float, int, int]] = {}
        self.statuses: Counter[int] = Counter()
        self.checkins: list[float] = []
        self.pages: list[float] = []
        self.again = 0
        #: How many were told that they came, and that they left: even ones come, odd ones go.
        self.told = [0, 0]

    def run(self) -> Burst:
        while (self.due or self.busy) and time.perf_counter() < self.latest:
            while self.due and self.due[0][0] <= time.perf_counter() and len(self.busy) < LINES:
                self._ask(*heapq.heappop(self.due))
            soon = self.due and len(self.busy) < LINES
            for fd, _event in self.poll.poll(max(0.0, self.due[0][0] - time.perf_counter()) if soon else 1.0):
                self._hear(fd)
        for at, step in [
            *((at, step) for at, _n, step in self.due),
            *(found[1::2] for found in self.busy.values()),
        ]:
            self._count(NEVER, at, step)
        return Burst(
            dict(self.statuses), sorted(self.checkins), sorted(self.pages), came=self.told[0], left=self.told[1],
            again=self.again, seconds=time.perf_counter() - self.begin,
        )  # fmt: skip

    def _ask(self, at: float, n: int, step: int) -> None:
        line = None
        while self.idle and line is None:
            line = _still_open(self.idle.popitem()[1])
        if line is None:
            line = crowd.Line(self.port)
            self.poll.register(line.fd, select.EPOLLIN)
        line.say(self.make(n) if step == len(PAGES) else _get(PAGES[step], n))
        self.busy[line.fd] = (line, at, n, step)

    def _hear(self, fd: int) -> None:
        if fd not in self.busy:  # nobody used it for a while, and the server closed it
            if fd in self.idle:
                self.idle.pop(fd).socket.close()
            return
        line, at, n, step = self.busy[fd]
        try:
            status = line.hear()
        except ConnectionError:
            # Closed just as it was used again: a browser asks once more, and has waited since it was due.
            del self.busy[fd]
            line.socket.close()
            self.again += 1
            heapq.heappush(self.due, (at, n, step))
            return
        if status is None:
            return
        del self.busy[fd]
        self.idle[fd] = line
        self._count(status, at, step)
        self.told[n % 2] += step == len(PAGES) and status == 201
        if step < len(PAGES):
            heapq.heappush(self.due, (time.perf_counter(), n, step + 1))

    def _count(self, status: int, at: float, step: int) -> None:
        self.statuses[status] += 1
        (self.checkins if step == len(PAGES) else self.pages).append(1000 * (time.perf_counter() - at))


def _still_open(line: crowd.Line) -> crowd.Line | None:
    """The line, or None where the server has closed it while nobody used it."""
    try:
        line.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return line
    except ConnectionError:
        pass
    line.socket.close()
    return None


def _get(path: str, n: int) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {filling.token(_person(n))}\r\n\r\n"
    ).encode()


def _person(n: int) -> int:
    return n // 2 if n % 2 == 0 else filling.PEOPLE // 2 + n // 2


def describe(statuses: dict[int, int], allowed: Sequence[int] = (200, 201)) -> int:
    """Return how many answers were not what they should be."""
    return sum(count for status, count in statuses.items() if status not in allowed)
