"""A crowd over HTTP: so many connections, each sends its next request when the last is answered (closed loop).

A process of its own, because the one that measures must not wait for the one that is measured.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

#: A request from its body's facts, made at the moment it is sent.
Make = Callable[[int], bytes]


@dataclass(frozen=True)
class Run:
    """How many were answered how, in how long; `ms` are the latencies, sorted."""

    statuses: dict[int, int]
    seconds: float
    ms: list[float]

    @property
    def rate(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        return self.ms[min(len(self.ms) - 1, int(len(self.ms) * share))]


def send(port: int, make: Make, count: int, connections: int = 64) -> Run:
    """Send `make(0)` … `make(count - 1)` from another process and return how it went."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(
        target=lambda: theirs.send(_drive(port, make, count, connections))
    )
    child.start()
    result: Run = ours.recv()
    child.join()
    return result


def _drive(port: int, make: Make, count: int, connections: int) -> Run:
    poll, left = select.epoll(), iter(range(count))
    open_: dict[int, Line] = {}
    began = time.perf_counter()
    for _n in range(min(connections, count)):
        line = Line(port)
        open_[line.fd] = line
        poll.register(line.fd, select.EPOLLIN)
        line.say(make(next(left)))
    statuses: Counter[int] = Counter()
    ms: list[float] = []
    waiting = len(open_)
    while waiting:
        for fd, _event in poll.poll():
            line = open_[fd]
            status = line.hear()
            if status is None:
                continue
            statuses[status] += 1
            ms.append(1000 * (time.perf_counter() - line.began))
            n = next(left, None)
            if n is None:
                poll.unregister(fd)
                line.socket.close()
                waiting -= 1
            else:
                line.say(make(n))
    return Run(dict(statuses), time.perf_counter() - began, sorted(ms))


class Line:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        # A server that takes nobody in any more is to be seen as that, not to stop everybody else's clock.
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setblocking(True)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.fd = self.socket.fileno()
        self.heard = b""
        self.began = 0.0

    def say(self, request: bytes) -> None:
        self.heard = b""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> int | None:
        """Return the status once the answer is whole."""
        some = self.socket.recv(65536)
        if not some:
            raise ConnectionError("the server closed a connection")
        self.heard += some
        head, found, body = self.heard.partition(b"\r\n\r\n")
        if not found:
            return None
        low = head.lower()
        at = low.find(b"content-length:")
        length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        return int(head[9:12]) if len(body) >= length else None


def post(path: str, body: bytes, token: str) -> bytes:
    """Return a JSON POST with a bearer token, as bytes on the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
