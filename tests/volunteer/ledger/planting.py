"""Doing what the database forbids, so that the inspection has something to find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from volunteer.ledger import guards


@contextmanager
def by_hand(db: Any, engine: Any) -> Iterator[None]:
    """Take every guard and constraint away, as somebody with the keys to the database could; put the guards back."""
    say = db.session.execute
    if engine.name == "sqlite":
        kept = say(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _sql in kept:
            say(text(f"DROP TRIGGER {name}"))
        _without_constraints(say)
        yield
        db.session.flush()
        for _name, sql in kept:
            db.session.connection().exec_driver_sql(sql)
        return
    for table in ("ledger_posting", "ledger_balance", "ledger_seal"):
        say(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    for table in ("ledger_posting", "ledger_balance"):
        names = "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid = CAST(:t AS regclass)"
        for name in db.session.scalars(text(names), {"t": table}).all():
            say(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    yield
    db.session.flush()
    for table in guards.APPEND_ONLY:
        say(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))


def _without_constraints(say: Any) -> None:
    # SQLite keeps constraints with the table, so the rows move to a table without any.
    say(text("PRAGMA defer_foreign_keys = ON"))
    for table in ("ledger_posting", "ledger_balance"):
        say(text(f"CREATE TABLE loose AS SELECT * FROM {table}"))
        say(text(f"DROP TABLE {table}"))
        say(text(f"ALTER TABLE loose RENAME TO {table}"))
