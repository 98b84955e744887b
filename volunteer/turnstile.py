"""Group commit: requests that wait at the same moment share one transaction, and each gets its own answer.

A commit costs the same for one row as for sixty. One writer a process takes whoever waits, has them settled in one
go, and wakes each after COMMIT. Nobody waits for a batch to fill: while one commits, the next gathers by itself.
When one row spoils the batch (somebody else was faster), the batch leaves no trace and each is taken alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from volunteer import maintenance, metrics
from volunteer.batches import LostRace, lost_race
from volunteer.db import away, db, full, overdue, transaction
from volunteer.errors import Busy, Refusal
from volunteer.web import TRIES

log = logging.getLogger("liyu.turnstile")

MOST = 64
PATIENCE_S = 10.0

#: A lock has cost the whole batch its wait already: alone, nobody waits for it that long again.
_HURRY = text("SET LOCAL lock_timeout = '250ms'")

A = TypeVar("A")
B = TypeVar("B")


class _Waiting(Generic[A, B]):
    """One request at the turnstile; `done` is set once `came` or `failed` is."""

    __slots__ = ("asks", "came", "done", "failed")

    def __init__(self, asks: A) -> None:
        self.asks = asks
        self.came: B | None = None
        self.failed: BaseException | None = None
        self.done = threading.Event()


class Turnstile(Generic[A, B]):
    """Lets many through at once: `many` settles them in one transaction and returns an answer or refusal for each."""

    def __init__(self, app: Flask, many: Callable[[Sequence[A]], Sequence[B | Refusal]]) -> None:
        self._app, self._many = app, many
        self._queue: SimpleQueue[_Waiting[A, B | Refusal]] = SimpleQueue()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._settling = False
        self._closed = False  # everything is behind a lock; one batch at a time looks whether it still is

    def through(self, asks: A) -> B:
        """Wait for one's turn and return the answer, after it is committed.

        :raises Refusal: the answer is no
        :raises Busy: no answer within ten seconds; asking again with the same scan tells what became of it. At once
            where nobody gets through and somebody is trying already
        """
        if self._closed and self._settling:
            raise Busy
        waiting: _Waiting[A, B | Refusal] = _Waiting(asks)
        self._queue.put(waiting)
        if self._writer is None:
            self._begin()
        if not waiting.done.wait(PATIENCE_S):
            raise Busy
        if waiting.failed is not None:
            raise waiting.failed
        if isinstance(waiting.came, Refusal):
            raise waiting.came
        assert waiting.came is not None
        return waiting.came

    def _begin(self) -> None:
        with self._lock:
            if self._writer is None:  # made by the first who comes, so that a forked worker has its own
                self._writer = threading.Thread(target=self._serve, name="turnstile", daemon=True)
                self._writer.start()

    def _serve(self) -> None:
        while True:
            batch = [self._queue.get()]
            try:
                while len(batch) < MOST:
                    batch.append(self._queue.get_nowait())
            except Empty:
                pass
            self._settling = True
            try:
                self._settle(batch)
            except Exception as error:  # whatever it was, the next ones find a writer
                log.exception("a batch of %s failed: %s", len(batch), type(error).__name__)
                self._fail([one for one in batch if one.came is None], error)
            finally:
                self._settling = False
                for waiting in batch:
                    waiting.done.set()

    def _settle(self, batch: Sequence[_Waiting[A, B | Refusal]]) -> None:
        try:
            self._together(batch, hurry=self._closed)
        except Exception as error:
            if away(error) or full(error) or (self._closed and overdue(error)):
                # No row's fault: nobody fares better alone, and whoever came meanwhile has waited as long.
                self._fail([*batch, *self._queued()], error)
                return
            if len(batch) > 1:
                metrics.count("db_retries", "batch")
                log.info("a batch of %s is taken one by one: %s", len(batch), type(error).__name__)
            self._one_by_one(batch, hurry=overdue(error))

    def _one_by_one(self, batch: Sequence[_Waiting[A, B | Refusal]], *, hurry: bool) -> None:
        """Take each alone. Two in a row behind a lock, and it is no single row that is held: the rest need not wait."""
        behind = 0
        for place, waiting in enumerate(batch):
            self._alone(waiting, hurry=hurry)
            error = waiting.failed
            behind = behind + 1 if error is not None and overdue(error) else 0
            if error is not None and behind == min(2, len(batch)):
                self._closed = True
                self._fail([*batch[place + 1 :], *self._queued()], error)
                return

    def _queued(self) -> Iterator[_Waiting[A, B | Refusal]]:
        try:
            while True:
                yield self._queue.get_nowait()
        except Empty:
            return

    def _fail(self, those: Sequence[_Waiting[A, B | Refusal]], error: BaseException) -> None:
        for waiting in those:
            waiting.failed = error
            waiting.done.set()

    def _alone(self, waiting: _Waiting[A, B | Refusal], *, hurry: bool = False) -> None:
        for attempt in range(TRIES):
            try:
                self._together([waiting], hurry=hurry)
                return
            except (IntegrityError, OperationalError, LostRace) as error:
                lost = lost_race(error) and not overdue(error)
                waiting.failed = Busy() if lost else error
                if not lost or attempt + 1 == TRIES:
                    return
            except Exception as error:
                waiting.failed = error
                return

    def _together(self, batch: Sequence[_Waiting[A, B | Refusal]], *, hurry: bool = False) -> None:
        with self._app.app_context():
            maintenance.refuse_writing()
            with transaction():
                if hurry and db.engine.dialect.name == "postgresql":
                    db.session.execute(_HURRY)
                answers = self._many([waiting.asks for waiting in batch])
        self._closed = False
        for waiting, came in zip(batch, answers, strict=True):
            waiting.came, waiting.failed = came, None
