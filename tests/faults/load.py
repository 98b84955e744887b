"""Phones that scan the wall over real HTTP and keep a record of what they were told."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import secrets
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.street import Person, Street


@dataclass
class Book:
    """What was asked and what was answered, scan by scan."""

    asked: dict[str, int] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    took: list[tuple[float, float, str]] = field(default_factory=list)
    changed_their_mind: int = 0
    tries: int = 0

    def acknowledged(self) -> set[str]:
        return set(self.answers)

    def merge(self, other: Book) -> None:
        """Take over what another load was told."""
        self.asked |= other.asked
        self.answers |= other.answers
        self.statuses += other.statuses
        self.changed_their_mind += other.changed_their_mind
        self.tries += other.tries

    def good_since(self, moment: float) -> float | None:
        """Seconds from a moment of time.monotonic() until the first good answer to a request begun after it."""
        ends = [end for begun, end, status in list(self.took) if begun >= moment and status in ("200", "201")]
        return min(ends) - moment if ends else None

    def quantile(self, part: float) -> float:
        """Seconds that this part of all answers stayed below."""
        spans = sorted(end - begun for begun, end, _ in list(self.took))
        return spans[min(len(spans) - 1, int(part * len(spans)))] if spans else 0.0

    def longest(self) -> float:
        return max((end - begun for begun, end, _ in list(self.took)), default=0.0)

    def median(self) -> float:
        spans = [end - begun for begun, end, _ in list(self.took)]
        return statistics.median(spans) if spans else 0.0


class Phone:
    """One connection that is opened again whenever it breaks."""

    def __init__(self, port: int, timeout: float = 15) -> None:
        self.port, self.timeout = port, timeout
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, token: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Ask once; return status, body and headers.

        :raises OSError, http.client.HTTPException: no whole answer came
        """
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            answer = self._connection.getresponse()
            text = answer.read()
        except BaseException:
            self.close()
            raise
        plain = json.loads(text) if "json" in (answer.headers.get("Content-Type") or "") else text
        return answer.status, plain, dict(answer.headers)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Load:
    """Many phones at work in threads; each scan is sent again under its own name until it is answered."""

    def __init__(
        self, port: int, street: Street, people: list[Person], *, clients: int, timeout: float = 15
    ) -> None:
        self.port, self.street, self.timeout = port, street, timeout
        self.book = Book()
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Person] = queue.SimpleQueue()
        for person in people:
            self._waiting.put(person)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(clients)]
        self.begun = self.ended = 0.0
        self.answered = 0

    def start(self) -> Load:
        self.begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def finish(self, seconds: float = 300) -> Book:
        """Wait until everybody has an answer; whoever has none by then gives up."""
        ends = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        return self.stop()

    def stop(self) -> Book:
        """Have everybody give up now: scans under way end as they may."""
        self._stop.set()
        for thread in self._threads:
            thread.join(self.timeout + 5)
        self.ended = time.monotonic()
        return self.book

    def rate(self) -> float:
        """Scans acknowledged a second."""
        return self.answered / max(1e-9, (self.ended or time.monotonic()) - self.begun)

    def _work(self) -> None:
        phone = Phone(self.port, self.timeout)
        try:
            while not self._stop.is_set():
                try:
                    person = self._waiting.get_nowait()
                except queue.Empty:
                    return
                self._insist(phone, person)
        finally:
            phone.close()

    def _insist(self, phone: Phone, person: Person) -> None:
        scan = f"scan-{person.id}-{secrets.token_hex(4)}"
        with self._lock:
            self.book.asked[scan] = person.id
        pause = 0.02
        while not self._stop.is_set():
            if self.scan(phone, person, scan):
                return
            self._stop.wait(pause)
            pause = min(0.25, pause * 1.5)

    def scan(self, phone: Phone, person: Person, scan: str) -> bool:
        """Scan once; whether the answer is one to keep."""
        begun, body, status = time.monotonic(), None, "none"
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            code, body, _ = phone.ask(
                "POST", "/api/v1/checkins", person.token, {"code": self.street.wall(), "scan": scan}
            )
            status = str(code)
        if status not in ("200", "201", "none") and isinstance(body, dict):
            status += f" {body.get('code')}"
        with self._lock:
            self.book.tries += 1
            self.book.statuses[status] += 1
            self.book.took.append((begun, time.monotonic(), status))
            if status not in ("200", "201") or not isinstance(body, dict):
                return False
            first = self.book.answers.setdefault(scan, body)
            self.book.changed_their_mind += first["id"] != body["id"]
            self.answered += 1
            return True
