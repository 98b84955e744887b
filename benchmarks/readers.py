"""Dashboards read so many times a second by a process of its own, beside what is measured.

with readers.of(port, readers.cookie(phone)) as reading:    # /office, 20 times a second, until the block ends
    …
reading.a_second                                            # how many it came to

dashboards_load_ratio is the rate of check-ins inside the block ÷ outside.
"""

from __future__ import annotations

import http.client
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import Any

from flask import current_app

from volunteer import accounts
from volunteer.accounts import sessions
from volunteer.db import transaction

PATH = "/office?period=year"
A_SECOND = 20
#: So many people of the office at once, so that one slow page does not keep the next from being asked for.
READERS = 4


@dataclass
class Reading:
    """How many pages a second were read in the end."""

    a_second: float = 0.0


def cookie(phone: str) -> str:
    """Sign somebody of the office in and return the Cookie header of their browser."""
    with transaction():
        person = accounts.by_phone(phone)
        assert person is not None, "the database needs somebody of the office"
        return f"{current_app.config['SESSION_ROW_COOKIE']}={sessions.open(person)}"


@contextmanager
def of(port: int, cookie: str, path: str = PATH, a_second: int = A_SECOND) -> Iterator[Reading]:
    """Read a page while the block runs; a page that is not answered with 200 ends the run with an error."""
    context = multiprocessing.get_context("fork")
    over, failed, read = context.Event(), context.Event(), context.Value("i", 0)
    child = context.Process(
        target=_office, args=(port, cookie, path, a_second, over, failed, read), daemon=True
    )
    reading, began = Reading(), time.monotonic()
    child.start()
    try:
        yield reading
    finally:
        over.set()
        child.join(30)
        reading.a_second = read.value / (time.monotonic() - began)
    if failed.is_set() or not read.value:
        raise RuntimeError(f"{path} was not answered as it should be")


def _office(port: int, cookie: str, path: str, a_second: int, over: Event, failed: Event, read: Any) -> None:
    every = READERS / a_second
    readers = [
        threading.Thread(target=_read, args=(port, cookie, path, every, over, failed, read))
        for _reader in range(READERS)
    ]
    for reader in readers:
        reader.start()
        time.sleep(every / READERS)
    for reader in readers:
        reader.join()


def _read(port: int, cookie: str, path: str, every: float, over: Event, failed: Event, read: Any) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    due = time.monotonic()
    while not over.is_set():
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            failed.set()
            return
        with read.get_lock():
            read.value += 1
        # Late pages are not made up for: a slow server is asked as often as it can answer.
        due = max(due + every, time.monotonic())
        over.wait(max(due - time.monotonic(), 0))
