"""What lies open in a database for who has its files, its dump or its backup, and nothing of ours."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from volunteer.db import db


def bytes_of(engine: Any, folder: Path) -> dict[str, bytes]:
    """Return every form in which the database leaves the house: files and log, dump, online backup."""
    if engine.name == "sqlite":
        file, backup = Path(engine.url.removeprefix("sqlite:///")), folder / "backup.db"
        with sqlite3.connect(file) as live, sqlite3.connect(backup) as copy:
            live.backup(copy)
            dump = "\n".join(live.iterdump()).encode("utf-8", "surrogateescape")
        log = file.with_name(f"{file.name}-wal")
        return {
            "file": file.read_bytes(),
            "log": log.read_bytes() if log.exists() else b"",
            "dump": dump,
            "backup": backup.read_bytes(),
        }
    # COPY is what pg_dump writes; bytea stands in it as hex, so it is read a second time as what it says.
    told, raw = [], []
    with psycopg.connect(engine.url) as connection:
        for name in sorted(db.metadata.tables):
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as rows:
                told += [bytes(row) for row in rows]
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as rows:
                raw += [bytes(row) for row in rows]
    return {"dump": b"".join(told), "binary dump": b"".join(raw)}


def rows(table: str) -> int:
    """How many rows a table of ours has."""
    return int(db.session.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0)
