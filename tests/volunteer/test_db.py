"""One transaction commits or leaves no trace; reads cannot write; SQLite writes begin immediate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from volunteer import clock as wall_clock
from volunteer import community
from volunteer.community import Area
from volunteer.db import WroteWhileReading, db, read_only, transaction


def _names(app: Any) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Area.name)))


def test_what_is_done_inside_is_kept_as_one(app: Any) -> None:
    with app.app_context(), transaction():
        community.add("street", "坂田街道")
    assert _names(app) == ["坂田街道"]


def test_an_exception_leaves_no_trace(app: Any) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        community.add("street", "坂田街道")
        db.session.flush()
        raise ZeroDivisionError
    assert _names(app) == []


def test_undoing_leaves_no_trace(app: Any) -> None:
    with app.app_context(), transaction() as work:
        community.add("street", "坂田街道")
        work.undo()
    assert _names(app) == []


def test_transactions_do_not_nest(app: Any) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError), transaction():
        pass


def test_reading_cannot_write(app: Any) -> None:
    """S05."""
    with app.app_context():
        with pytest.raises(WroteWhileReading), read_only():
            db.session.add(Area(kind="street", name="坂田街道", path="/1/"))
            db.session.flush()
        with pytest.raises(WroteWhileReading), read_only():
            db.session.add(Area(kind="street", name="坂田街道", path="/1/"))
        with pytest.raises(WroteWhileReading), read_only():
            db.session.execute(db.insert(Area).values(kind="street", name="坂田街道", path="/1/"))
    assert _names(app) == []


def test_a_page_cannot_write_in_words_of_its_own(app: Any) -> None:
    """S05: without a transaction nothing would take it back."""
    with app.app_context():
        with pytest.raises(WroteWhileReading), read_only(page=True):
            db.session.execute(text("INSERT INTO area (kind, name, path) VALUES ('street', '街', '/1/')"))
        with read_only(page=True):
            assert db.session.scalar(text("SELECT 1")) == 1
    assert _names(app) == []


def test_a_moment_comes_back_as_it_went_in_shanghai_time(app: Any) -> None:
    with app.app_context(), transaction():
        from volunteer.events import Happened

        at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        db.session.add(Happened(at=at, kind="accounts.Registered", facts={}))
        db.session.flush()
        db.session.expire_all()
        back = db.session.scalars(select(Happened)).one().at
        assert back == at and back.tzinfo is wall_clock.ZONE and back.day == 1


def test_a_moment_without_offset_is_refused(app: Any) -> None:
    from sqlalchemy.exc import StatementError

    from volunteer.events import Happened

    with app.app_context(), pytest.raises(StatementError), transaction():
        db.session.add(Happened(at=datetime(2026, 1, 1), kind="x", facts={}))
        db.session.flush()


def test_every_connection_is_durable_and_keeps_its_keys(app: Any, engine: Any) -> None:
    with app.app_context():
        if engine.name == "sqlite":
            said = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in (
                "journal_mode", "synchronous", "foreign_keys", "recursive_triggers")}  # fmt: skip
            assert said == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "recursive_triggers": 1,
            }
        else:
            assert db.session.scalar(text("SHOW lock_timeout")) != "0"
            assert db.session.scalar(text("SHOW timezone")) == "UTC"


def test_a_write_takes_its_lock_at_the_beginning(app: Any, engine: Any) -> None:
    """Trap 2: with a deferred begin both would read, and one would fail to upgrade."""

    def add(n: int) -> int:
        with app.app_context(), transaction():
            seen = len(list(db.session.scalars(select(Area.id))))
            db.session.add(Area(kind="street", name=f"街道{n}", path=f"/x{n}/"))
            return seen

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(add, range(8)))
    assert all(isinstance(answer, int) for answer in answers), answers
    assert len(_names(app)) == 8
    if engine.name == "sqlite":
        assert sorted(answers) == list(range(8))  # one after another, each saw all before it
