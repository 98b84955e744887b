"""PostgreSQL: every table by COPY out of one snapshot, straight into the sealed file; back in below the guards.

Not pg_dump: that has to be as new as the server and is often not there. The schema is made by our own migrations, at
the revision of then, so a backup of last year goes into this year's code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, inspect, text

from volunteer.backup.container import BadBackup
from volunteer.backup.contents import Manifest, describe, in_order
from volunteer.db import db

CHUNK = 1 << 18
#: Set by the migrations, not by the copy.
OURS = "alembic_version"
Tick = Callable[[int, int], None]
_PATIENT = ("SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0")
_SERIALS = """
SELECT s.relname, t.relname, a.attname FROM pg_class s
JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S' AND t.relnamespace = 'public'::regnamespace
"""
_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}


@contextmanager
def picture(beside: Path, tick: Tick) -> Iterator[tuple[Manifest, Iterator[tuple[str, bytes]]]]:
    """Open one snapshot and give what it holds and its frames; others read and write meanwhile."""
    with _alone() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        manifest = describe(connection)
        yield manifest, _frames(connection, manifest, tick)


def clear() -> None:
    """Take every table and function of ours away, guards and all."""
    with _alone() as connection:
        quote = connection.dialect.identifier_preparer.quote
        for table in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {quote(table)} CASCADE"))
        for function in connection.scalars(text(_FUNCTIONS)).all():
            connection.execute(text(f"DROP FUNCTION {function} CASCADE"))
        connection.commit()


def load(incoming: Iterator[tuple[str, bytes]], manifest: Manifest, tick: Tick) -> None:
    """Fill the tables that the migrations have just made; all of it or nothing."""
    total, done = sum(manifest.rows.values()), 0
    with _alone() as connection:
        held = connection.execute(text(_TRIGGERS)).all()
        quote = connection.dialect.identifier_preparer.quote
        tables = [table for table in in_order(connection) if table != OURS]
        for table in tables:
            # Balances were copied as they were: the trigger that moves them must not move them again.
            connection.execute(text(f"ALTER TABLE {quote(table)} DISABLE TRIGGER USER"))
        for table in reversed(tables):
            connection.execute(text(f"DELETE FROM {quote(table)}"))  # noqa: S608 -- what migrations put there
        into: Any = None
        for letter, content in incoming:
            if letter == "T":
                told = json.loads(content)
                if told["table"] not in tables:
                    raise BadBackup(f"the schema {manifest.revision} has no table {told['table']}")
                done += told["rows"]
                into = _copy(connection, "{} FROM STDIN", told["table"], told["columns"])
                tick(done, total)
            elif letter == "D":
                into.send(content)
            elif letter == "t":
                into.close()
            elif letter == "S":
                _wind(connection, json.loads(content))
        for table, trigger, how in held:
            mode = how.decode() if isinstance(how, bytes) else how
            connection.execute(text(f"ALTER TABLE {quote(table)} {_ENABLE[mode]} TRIGGER {quote(trigger)}"))
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _frames(connection: Connection, manifest: Manifest, tick: Tick) -> Iterator[tuple[str, bytes]]:
    digest, total, done = hashlib.sha256(), sum(manifest.rows.values()), 0
    for table, rows in manifest.rows.items():
        if table == OURS:
            continue
        columns = [
            column["name"] for column in inspect(connection).get_columns(table) if "computed" not in column
        ]
        yield "T", json.dumps({"table": table, "columns": columns, "rows": rows}).encode()
        waiting = bytearray()
        with _cursor(connection).copy(_statement("{} TO STDOUT", table, columns)) as copy:
            for content in copy:
                waiting += content
                if len(waiting) > CHUNK:
                    digest.update(waiting)
                    yield "D", bytes(waiting)
                    waiting.clear()
        digest.update(waiting)
        yield "D", bytes(waiting)
        yield "t", b""
        done += rows
        tick(done, total)
    yield "S", json.dumps(_sequences(connection)).encode()
    yield "E", digest.hexdigest().encode()


def _copy(connection: Connection, how: str, table: str, columns: list[str]) -> Any:
    """Begin a COPY that is fed by `send` and ended by `close`."""
    copying = _feed(connection, _statement(how, table, columns))
    next(copying)
    return copying


def _feed(connection: Connection, statement: sql.Composed) -> Iterator[None]:
    with _cursor(connection).copy(statement) as copy:
        try:
            while True:
                copy.write((yield))
        except GeneratorExit:
            pass  # the end of the table: leaving the block completes the COPY


def _statement(how: str, table: str, columns: list[str]) -> sql.Composed:
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({})").format(sql.Identifier(table), named) + sql.SQL(how.format(""))


def _cursor(connection: Connection) -> Any:
    held: Any = connection.connection.driver_connection
    return held.cursor()


def _sequences(connection: Connection) -> dict[str, int]:
    """The last number each sequence gave out; read last, so that no copied row has a higher one."""
    given = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    return {str(name): int(last) for name, last in connection.execute(text(given))}


def _wind(connection: Connection, given: dict[str, int]) -> None:
    known = {row[0] for row in connection.execute(text(_SERIALS))}
    for name, last in given.items():
        if name in known:
            quoted = connection.dialect.identifier_preparer.quote(name)
            connection.execute(text("SELECT setval(:name, :last)"), {"name": quoted, "last": last})


@contextmanager
def _alone() -> Iterator[Connection]:
    """A connection with time for everything, which goes away afterwards instead of back to the pool."""
    with db.engine.connect() as connection:
        for setting in _PATIENT:
            connection.execute(text(setting))
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.invalidate()
