"""Millions of rows at once on PostgreSQL: tables stripped of indexes and keys for the load, and dressed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text

from volunteer.db import db

_KEYS = """SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE c.conrelid = ANY(CAST(:tables AS regclass[])) AND c.contype IN ('f', 'u') ORDER BY c.contype DESC, c.conname"""
_INDEXES = """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(CAST(:tables AS regclass[])) AND NOT EXISTS
(SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1"""


@contextmanager
def stripped(tables: Sequence[str]) -> Iterator[list[str]]:
    """Drop what every single row would have to be checked against; give the statements that bring it back.

    Whoever loads runs those statements, each checks all rows at once, and all of it is one transaction.
    The trigger that moves balances rests meanwhile: balances are written as the sums they must be.
    """
    execute = db.session.execute
    asked = {"tables": list(tables)}
    keys = execute(text(_KEYS), asked).all()
    back: list[str] = []
    # Foreign keys to a unique constraint would hold it, and none of ours does.
    for name, table, _words in sorted(keys, key=lambda key: not key[2].startswith("FOREIGN")):
        execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    for name, words in execute(text(_INDEXES), asked).all():
        execute(text(f"DROP INDEX {name}"))
        back.append(words)
    back += [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {words}' for name, table, words in keys]
    execute(text("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_posting_balance"))
    yield back
    execute(text("ALTER TABLE ledger_posting ENABLE TRIGGER ledger_posting_balance"))
