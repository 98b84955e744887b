"""Many rows at once: looked up for many askers in one statement, written to many tables in one statement.

A check-in writes four tables. Row by row that is a trip to the database for each; for a crowd at the gate it is one
trip for everybody. PostgreSQL takes the rows as JSON and reads them with the tables' own types; embedded SQLite,
where a statement is no trip, gets one statement a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from volunteer.db import db

T = TypeVar("T")

#: More rows than any batch has. Said as a subquery, it has the planner of PostgreSQL expect few rows and use indexes;
#: of JSON it would expect a hundred, and read whole tables to join them.
MOST_ROWS = 10_000
_FEW = f"LIMIT (SELECT {MOST_ROWS})"


class LostRace(Exception):
    """A row was no longer as it had been seen: somebody else was faster, and looking again tells what there is."""


def lost_race(error: DBAPIError | LostRace) -> bool:
    """Whether somebody else was faster and trying again can help."""
    if isinstance(error, IntegrityError | LostRace):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "database is locked" in str(error.orig)


class Batch:
    """Rows to insert, and rows to change if they are still as they were seen; `write()` does all of it or nothing."""

    def __init__(self) -> None:
        self._new: dict[tuple[Table, bool], list[dict[str, Any]]] = {}
        self._changed: dict[Table, list[dict[str, Any]]] = {}

    def insert(self, model: Any, **values: Any) -> None:
        """Add a row; every row of one table names the same columns."""
        self._new.setdefault((model.__table__, False), []).append(values)

    def insert_once(self, model: Any, **values: Any) -> None:
        """Add a row, unless there is one like it already."""
        self._new.setdefault((model.__table__, True), []).append(values)

    def change(self, model: Any, id: int, *, seen: Mapping[str, Any], **values: Any) -> None:
        """Change a row whose `seen` columns still hold what they held."""
        row = {"row_id": id, **{f"was_{name}": value for name, value in seen.items()}, **values}
        self._changed.setdefault(model.__table__, []).append(row)

    def write(self) -> None:
        """Write everything.

        :raises LostRace: a row to change was not as it had been seen; the transaction must end without a trace
        """
        if not self._new and not self._changed:
            return
        won = self._in_one() if db.engine.dialect.name == "postgresql" else self._table_by_table()
        if won != sum(map(len, self._changed.values())):
            raise LostRace
        self._new, self._changed = {}, {}

    def _in_one(self) -> int:
        new = tuple((table.name, once, tuple(rows[0])) for (table, once), rows in self._new.items())
        changed = tuple((table.name, tuple(rows[0])) for table, rows in self._changed.items())
        rows = [*self._new.values(), *self._changed.values()]
        said = {f"r{n}": json.dumps(some, default=_plain) for n, some in enumerate(rows)}
        return int(db.session.connection().execute(_one_statement(new, changed), said).scalar_one())

    def _table_by_table(self) -> int:
        connection = db.session.connection()
        for (table, once), rows in self._new.items():
            insert = sqlite.insert(table).on_conflict_do_nothing() if once else table.insert()
            connection.execute(insert, rows)
        won = 0
        for table, rows in self._changed.items():
            won += connection.execute(_change(table, tuple(rows[0])), rows).rowcount
        return won


@cache
def _one_statement(
    new: tuple[tuple[str, bool, tuple[str, ...]], ...], changed: tuple[tuple[str, tuple[str, ...]], ...]
) -> Any:
    """The statement for these tables and columns: every name in it is our own, every value comes as JSON."""
    parts, wins = [], ["0"]
    for n, (table, once, names) in enumerate(new):
        columns = ", ".join(f'"{name}"' for name in names)
        clash = " ON CONFLICT DO NOTHING" if once else ""
        rows = f"jsonb_populate_recordset(NULL::{table}, CAST(:r{n} AS jsonb))"
        parts.append(f"w{n} AS (INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows}{clash})")  # noqa: S608 names of ours
    for n, (table, names) in enumerate(changed, len(new)):
        there = db.metadata.tables[table]
        typed = ", ".join(f'"{name}" {_pg_type(there, name)}' for name in names)
        sets = ", ".join(f'"{name}" = r."{name}"' for name in names if name in there.c)
        same = " AND ".join(
            f't."{name[4:]}" IS NOT DISTINCT FROM r."{name}"' for name in names if _seen(name)
        )
        rows = f"(SELECT * FROM jsonb_to_recordset(CAST(:r{n} AS jsonb)) AS r({typed}) {_FEW}) r"  # noqa: S608 names of ours
        parts.append(
            f"w{n} AS (UPDATE {table} t SET {sets} FROM {rows} WHERE t.id = r.row_id AND {same} RETURNING 1)"  # noqa: S608 names of ours
        )
        wins.append(f"(SELECT count(*) FROM w{n})")  # noqa: S608 names of ours
    return text(f"WITH {', '.join(parts)} SELECT {' + '.join(wins)}")


@cache
def _change(table: Table, names: tuple[str, ...]) -> Any:
    still = [table.c[name[4:]].is_not_distinct_from(bindparam(name)) for name in names if _seen(name)]
    sets: dict[str, Any] = {name: bindparam(name) for name in names if name in table.c}
    return update(table).where(table.c.id == bindparam("row_id"), *still).values(sets)


def _seen(name: str) -> bool:
    return name.startswith("was_")


def _pg_type(table: Table, name: str) -> str:
    there = table.c["id" if name == "row_id" else name.removeprefix("was_")]
    return there.type.compile(postgresql.dialect())


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row of JSON")


# ── looking for many ──

#: How many values go into one IN (…); a database has a limit, and a plan of so many is put together once.
PART = 1000


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield values a thousand at a time."""
    waiting = iter(values)
    while some := list(islice(waiting, PART)):
        yield some


def asked(rows: str, **columns: Any) -> FromClause:
    """Return the bound parameter `rows` (made by `as_rows`) as a table, to join with what each row asks about."""
    parameter = bindparam(rows, type_=Text())
    if db.engine.dialect.name == "postgresql":
        wanted = [column(name, kind) for name, kind in columns.items()]
        made = func.jsonb_to_recordset(cast(parameter, postgresql.JSONB)).table_valued(*wanted)
        derived = made.render_derived(name=f"{rows}_said", with_types=True)
        return select(*derived.c).limit(select(literal(MOST_ROWS)).scalar_subquery()).subquery(rows)
    each = func.json_each(parameter).table_valued(column("value", String), name="each")
    parts = [cast(each.c.value.op("->>")(f"$.{name}"), kind).label(name) for name, kind in columns.items()]
    return select(*parts).subquery(rows)


def as_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as the text that `asked` reads."""
    return json.dumps(list(rows), default=_plain)


def next_id(model: Any, nth: Any = 0) -> ColumnElement[int]:
    """Draw the id of a row before it is written, so that other rows of the same batch can name it.

    `nth` counts the rows of the statement from 0: on SQLite the writer is alone, so the highest id tells the next.
    """
    table = model.__table__
    if db.engine.dialect.name == "postgresql":
        return func.nextval(literal_column(f"'{table.name}_id_seq'::regclass"), type_=table.c.id.type)
    return select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery() + nth
