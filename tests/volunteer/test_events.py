"""Events: the audit trail and the outbox in one; reactions once, after the commit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from volunteer import accounts, events
from volunteer.db import db, transaction
from volunteer.events import Delivery, Happened


@pytest.fixture
def heard() -> Any:
    """Listen to people registering, for one test."""
    said: list[int] = []

    def listen(happened: Any) -> None:
        said.append(happened.user_id)

    events.on(accounts.Registered)(listen)
    yield said
    for reactions in events.REACTIONS.values():
        reactions.pop(f"{__name__}.listen", None)
    for kind in [kind for kind, reactions in events.REACTIONS.items() if not reactions]:
        del events.REACTIONS[kind]


def _record(user_id: int) -> None:
    known = dict.fromkeys(accounts.Registered.__dataclass_fields__, 1)
    events.record(
        accounts.Registered(**(known | {"user_id": user_id})), about=f"account:{user_id}", whom=None
    )


def test_what_happened_is_written_with_who_did_it(app: Any) -> None:
    """S31."""
    with app.app_context(), transaction(), events.acting(7):
        _record(3)
    with app.app_context():
        row = db.session.scalars(select(Happened)).one()
        assert (row.kind, row.actor_id, row.about) == ("accounts.Registered", 7, "account:3")


def test_a_reaction_runs_after_the_commit_and_once(app: Any, heard: list[int]) -> None:
    with app.app_context():
        with transaction():
            _record(3)
            db.session.flush()
            assert heard == []
        assert heard == [3]
        events.deliver()
        assert heard == [3]


def test_nothing_is_told_of_what_was_undone(app: Any, heard: list[int]) -> None:
    """S31."""
    with app.app_context():
        with pytest.raises(ZeroDivisionError), transaction():
            _record(3)
            raise ZeroDivisionError
        events.deliver()
    assert heard == []


def test_a_reaction_that_fails_is_tried_again(app: Any) -> None:
    tries: list[int] = []

    def listen(happened: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("not today")

    events.on(accounts.Registered)(listen)
    try:
        with app.app_context():
            with transaction():
                _record(3)
            assert len(tries) == 1
            assert db.session.scalars(select(Delivery)).all() == []
            events.deliver()
            events.deliver()
            assert len(tries) == 2
    finally:
        events.REACTIONS["accounts.Registered"].pop(f"{__name__}.listen")


def test_many_deliverers_at_once_run_it_once(app: Any, heard: list[int]) -> None:
    """T35."""
    reaction = events.REACTIONS.pop("accounts.Registered")
    with app.app_context(), transaction():
        _record(5)
    events.REACTIONS["accounts.Registered"] = reaction

    def deliver(_: int) -> None:
        with app.app_context():
            events.deliver()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(deliver, range(6)))
    assert heard == [5]


@pytest.mark.parametrize("tampering", ["UPDATE event SET kind = 'x'", "DELETE FROM event"])
def test_events_are_append_only(app: Any, tampering: str) -> None:
    """S30."""
    with app.app_context():
        with transaction():
            _record(3)
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(tampering))
