"""The inside of the platform, as tests stand in it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from flask import Flask, g

from volunteer import events
from volunteer.db import db as database
from volunteer.db import transaction


class Here:
    """The inside of the platform, where verbs are called: a context and an open transaction.

    Whatever has been done here is committed before a visitor asks for a page and before `commit()` returns, and read
    anew afterwards.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._thread = threading.get_ident()
        self._work: contextlib.AbstractContextManager[Any] | None = None

    def __enter__(self) -> Here:
        self._context = self.app.app_context()
        self._context.push()
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close(RuntimeError("the test is over"))
        database.session.remove()
        self._context.pop()

    def commit(self) -> None:
        """Make everything so far true for everybody; reactions run; then a new transaction begins."""
        if self._mine():
            self._close()
            self._open()
            database.session.expire_all()

    def undo(self) -> None:
        """Leave no trace of what was done since the last commit."""
        self._close(RuntimeError("undone"))
        self._open()
        database.session.expire_all()

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """Commit, and call what opens its own transaction: the timetable, deliveries, restores."""
        self._close()
        try:
            yield
        finally:
            database.session.rollback()
            self._open()
            database.session.expire_all()

    @contextlib.contextmanager
    def signed_in(self, person: Any) -> Iterator[None]:
        """Be this person for `current_user`, `access` and the audit trail."""
        with self.app.test_request_context(), events.acting(person.id):
            g._login_user = person
            try:
                yield
            finally:
                g.pop("_login_user", None)

    def _mine(self) -> bool:
        return self._work is not None and threading.get_ident() == self._thread

    def _open(self) -> None:
        self._work = transaction()
        self._work.__enter__()

    def _close(self, fault: BaseException | None = None) -> None:
        work, self._work = self._work, None
        if work is None:
            return
        if fault is None:
            work.__exit__(None, None, None)
        else:
            with contextlib.suppress(type(fault)):
                work.__exit__(type(fault), fault, None)
