"""The scheduler: actors are greenlets on the platform's own verbs, and each statement they say is a place to stop.

Only one of them runs at a time, on a clock that moves when the hub says so; the dice decide who is next, and who dies
where. Whoever meets a lock of another stops there and says the statement again when somebody has ended a transaction,
which is what waiting looks like from outside. When all wait for each other, one of them gets the database's error.
So the same dice give the same run, statement by statement; the trace says so.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from greenlet import getcurrent, greenlet
from sqlalchemy import Engine, event

from volunteer import clock
from volunteer.db import db

#: Of a hundred stops, how many are the last of that process.
DEATHS = 1.0
TICK = timedelta(milliseconds=700)
STOPS_MAX = 200_000


class Died(BaseException):
    """The process is gone; what it had not committed is gone with it."""


class Actor(greenlet):
    """One process, or one phone: what it does, and whether it stands before a lock."""

    def __init__(self, name: str, live: Callable[[], None]) -> None:
        super().__init__(live)
        self.name, self.waits, self.gives_up, self.mortal = name, False, False, False


class Hub:
    """Lets actors run, one statement at a time."""

    def __init__(self, app: Flask, dice: Random, now: datetime) -> None:
        self.app, self.dice, self.now = app, dice, now
        self.stops = self.deaths = self.waits = 0
        self._trace = hashlib.sha256()
        self._ended = False  # whether somebody has just ended a transaction

    @property
    def trace(self) -> str:
        return self._trace.hexdigest()

    def run(self, lives: dict[str, Callable[[], None]]) -> None:
        """Let everybody live to the end."""
        actors = [Actor(name, live) for name, live in lives.items()]
        while living := [one for one in actors if not one.dead]:
            free = [one for one in living if not one.waits]
            if free:
                one = self.dice.choice(free)
            else:
                one = self.dice.choice(living)
                one.gives_up = True
            self.now += TICK * self.dice.random()
            with clock.stopped(self.now, everywhere=True):
                if one.mortal and free and self.dice.random() * 100 < DEATHS:
                    self.note(one.name, "dies")
                    self.deaths += 1
                    one.throw(Died)
                else:
                    one.switch()
            self.stops += 1
            assert self.stops < STOPS_MAX, "they wait for each other for ever"
            if self._ended or one.dead:
                self._ended = False
                for other in actors:
                    other.waits = False

    def note(self, *words: object) -> None:
        """Remember in the trace that this happened."""
        self._trace.update(repr(words).encode())

    def stop(self, *, mortal: bool = False) -> None:
        """Let somebody else run; called by actors. A mortal stop may be their last."""
        one = getcurrent()
        if isinstance(one, Actor):
            one.mortal = mortal
            assert one.parent is not None
            one.parent.switch()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Have every statement of the application's engine pass here."""
        with self.app.app_context():
            engine = db.engine
        heard: list[tuple[str, Any]] = [
            ("connect", self._connected),
            ("do_execute", self._statement),
            ("do_executemany", self._statements),
            ("commit", self._commit),
            ("rollback", self._rollback),
        ]
        for name, hears in heard:
            event.listen(engine, name, hears)
        try:
            self._warm(engine)
            yield
        finally:
            for name, hears in heard:
                event.remove(engine, name, hears)
            engine.dispose()

    @staticmethod
    def _warm(engine: Engine) -> None:
        # What a dialect asks its first connection is behind a lock; nobody may stop there.
        with engine.connect():
            pass

    @staticmethod
    def _connected(connection: Any, _: Any) -> None:
        # Whoever meets a lock is told at once: nobody else runs while one waits.
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA synchronous=OFF")
        else:
            connection.execute("SET lock_timeout = '1ms'")
            connection.execute("SET synchronous_commit = off")
            connection.commit()

    def _statement(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._say(cursor, statement, lambda: cursor.execute(statement, parameters))

    def _statements(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        return self._say(cursor, statement, lambda: cursor.executemany(statement, parameters))

    def _say(self, cursor: Any, statement: str, say: Callable[[], Any]) -> bool:
        one = getcurrent()
        if not isinstance(one, Actor):
            return False
        self.stop(mortal=True)
        self.note(one.name, statement)
        before = _before(cursor, statement)
        while True:
            try:
                before("SAVEPOINT waiting")
                say()
                before("RELEASE SAVEPOINT waiting")
                return True
            except Exception as fault:
                if not _locked(fault) or one.gives_up:
                    one.gives_up = False
                    self.note(one.name, type(fault).__name__)
                    raise
            before("ROLLBACK TO SAVEPOINT waiting")
            self.waits += 1
            one.waits = True
            self.note(one.name, "waits")
            self.stop(mortal=True)

    def _commit(self, _: Any) -> None:
        self.stop(mortal=True)
        one = getcurrent()
        if isinstance(one, Actor):
            self.note(one.name, "commits")
            self._ended = True

    def _rollback(self, _: Any) -> None:
        one = getcurrent()
        if isinstance(one, Actor):
            self.note(one.name, "rolls back")
            self._ended = True


def _before(cursor: Any, statement: str) -> Callable[[str], object]:
    """What keeps a transaction of PostgreSQL whole when one of its statements meets a lock; SQLite needs nothing."""
    words = statement.lstrip().upper()
    reads = words.startswith("SELECT") and " FOR " not in words and "ADVISORY" not in words
    if (
        type(cursor).__module__.startswith("sqlite3")
        or reads
        or words.startswith(("SAVEPOINT", "RELEASE", "ROLL"))
    ):
        return lambda _words: None
    return lambda said: cursor.connection.execute(said)


def _locked(fault: Exception) -> bool:
    return getattr(fault, "sqlstate", None) == "55P03" or "database is locked" in str(fault)
