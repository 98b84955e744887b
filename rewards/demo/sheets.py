"""Rows gathered first and written at once: thousands a statement on SQLite, by COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Table, func, select, text

from volunteer.db import db

CHUNK = 2000
Row = dict[str, Any]


class Sheets:
    """What will be written, table by table. Each row has its id from the start, so that others can point at it."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self._next: dict[str, int] = {}

    def add(self, table: str, /, **row: Any) -> Row:
        """Gather a row with the next id and return it; it may still be changed until it is written."""
        number = self._next.get(table) or self._first(table)
        row["id"] = number
        self._next[table] = number + 1
        self._rows.setdefault(table, []).append(row)
        return row

    def put(self, table: str, /, **row: Any) -> None:
        """Gather a row of a table that has no number of its own."""
        self._rows.setdefault(table, []).append(row)

    def rows(self, table: str) -> list[Row]:
        """Return what is gathered for a table."""
        return self._rows.get(table, [])

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def write(self, wrote: Callable[[int], None]) -> None:
        """Write everything, tables that others point at first; `wrote` is told how many rows went."""
        for table in db.metadata.sorted_tables:
            rows = self._rows.get(table.name)
            if not rows:
                continue
            for chunk in _chunks(_whole(table, rows)):
                _write(table, chunk)
                wrote(len(chunk))
            if table.name in self._next:
                _move_sequence(table)
            rows.clear()

    def _first(self, table: str) -> int:
        numbers = db.metadata.tables[table].c.id
        return int(db.session.scalar(select(func.max(numbers))) or 0) + 1


def _whole(table: Table, rows: list[Row]) -> Iterator[Row]:
    """Every row with every column, what was left out being the column's default."""
    blank = {
        column.key: getattr(column.default, "arg", None)
        if getattr(column.default, "is_scalar", False)
        else None
        for column in table.c
        if column.key != "id" or "id" in rows[0]
    }
    for row in rows:
        if row.keys() - blank.keys():
            raise KeyError(f"{table.name} has no column {sorted(row.keys() - blank.keys())}")
        yield blank | row


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write(table: Table, rows: list[Row]) -> None:
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    dialect = connection.dialect
    columns = [table.c[name] for name in rows[0]]
    ready = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    named = ", ".join(f'"{column.name}"' for column in columns)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor, cursor.copy(f'COPY "{table.name}" ({named}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(
                [
                    prepare(value) if prepare and value is not None else value
                    for prepare, value in zip(ready, row.values(), strict=True)
                ]
            )


def _move_sequence(table: Table) -> None:
    """On PostgreSQL the next row made by itself takes the number after ours."""
    if db.session.connection().dialect.name == "postgresql":
        highest = select(func.max(table.c.id)).scalar_subquery()
        db.session.execute(
            select(func.setval(text(f"pg_get_serial_sequence('{table.name}', 'id')"), highest))
        )
