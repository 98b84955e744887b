"""SQLite: one consistent picture by the online backup, while others read and write."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from volunteer.backup.container import BadBackup
from volunteer.backup.contents import Manifest, describe
from volunteer.db import db

CHUNK = 1 << 20
PAGES = 2000
Tick = Callable[[int, int], None]


@contextmanager
def picture(beside: Path, tick: Tick) -> Iterator[tuple[Manifest, Iterator[tuple[str, bytes]]]]:
    """Copy the database beside the backup, prove the copy sound, and give what it holds and its frames.

    :raises BadBackup: the database is damaged; a backup of it would be worth nothing
    """
    with _scratch(beside) as copy:
        with closing(sqlite3.connect(_file(), isolation_level=None)) as source:
            # One snapshot from the first page to the last: a writer meanwhile would make the copy begin anew.
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
            _copy(source, copy, tick)
        _sound(copy)
        yield _describe(copy), _frames(copy)


def load(incoming: Iterator[tuple[str, bytes]], manifest: Manifest, tick: Tick) -> None:
    """Put the frames' database in the place of ours.

    :raises BadBackup: what was in the file is no sound database; ours is untouched then
    """
    target = _file()
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    with _scratch(Path(target)) as copy:
        with copy.open("wb") as file:
            for letter, content in incoming:
                if letter == "D":
                    file.write(content)
        _sound(copy)
        db.session.remove()
        db.engine.dispose()
        with closing(sqlite3.connect(copy)) as source:
            _copy(source, Path(target), tick)


def clear() -> None:
    """Nothing to do: the copy takes the place of whatever there is."""


def _file() -> str:
    return str(db.engine.url.database)


def _copy(source: sqlite3.Connection, target: Path, tick: Tick) -> None:
    with closing(sqlite3.connect(target)) as there:
        source.backup(
            there, pages=PAGES, progress=lambda _status, left, total: tick(total - left, total), sleep=0.001
        )
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    if said != ["ok"]:
        raise BadBackup(f"the database is not sound: {'; '.join(said)[:300]}")


def _describe(file: Path) -> Manifest:
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return describe(connection)
    finally:
        engine.dispose()


def _frames(file: Path) -> Iterator[tuple[str, bytes]]:
    digest = hashlib.sha256()
    with file.open("rb") as copy:
        while content := copy.read(CHUNK):
            digest.update(content)
            yield "D", content
    yield "E", digest.hexdigest().encode()


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A file only its owner reads, gone afterwards with all that SQLite puts next to it."""
    handle, name = tempfile.mkstemp(prefix=".liyu-", suffix=".part", dir=beside.parent)  # mode 0600
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for tail in ("", "-wal", "-shm", "-journal"):
            Path(name + tail).unlink(missing_ok=True)
