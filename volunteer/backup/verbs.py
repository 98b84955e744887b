"""create(), restore(), check(): make a backup, go back to one, prove that one could be gone back to."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.util import CommandError
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import text

from volunteer import events, ledger, signing
from volunteer.backup import postgresql, sqlite
from volunteer.backup.container import BadBackup, Writer, frames
from volunteer.backup.contents import Manifest, count, describe, in_order
from volunteer.config import Config
from volunteer.db import db, read_only, transaction
from volunteer.signing import Keyring

Tick = sqlite.Tick


@events.kind
class Made(events.Event):
    """A backup was made, of so many rows."""

    rows: int


@events.kind
class Proved(events.Event):
    """A backup was restored beside the database and the books in it inspected: how many things were wrong."""

    rows: int
    invariants: int


@dataclass(frozen=True)
class Restored:
    """What came back, and what is not as it was; nothing wrong when all is well."""

    manifest: Manifest
    wrong: list[str]


def create(target: Path, tick: Tick) -> Manifest:
    """Make a backup of this moment; the file appears whole or not at all.

    :raises BadBackup: the file is there already, or the database itself is damaged
    """
    if target.exists():
        raise BadBackup(f"{target} is there already; a backup never overwrites one")
    part = target.with_name(target.name + ".part")
    try:
        with (
            _private(part) as file,
            _engine().picture(target, tick) as (manifest, content),
        ):
            writer = Writer(file, _keyring())
            writer.put("M", json.dumps(manifest.plain()).encode())
            for letter, bytes_ in content:
                writer.put(letter, bytes_)
            writer.close()
        os.link(part, target)  # refuses, where rename would overwrite, what somebody else wrote meanwhile
    finally:
        part.unlink(missing_ok=True)
    _settle(target.parent)
    with transaction():
        events.record(Made(rows=sum(manifest.rows.values())), about=f"backup:{target.name[:50]}")
    return manifest


def read(source: Path) -> Manifest:
    """Read a backup from end to end and return what it holds.

    :raises BadBackup: it is not whole, or not ours
    """
    manifest, digest, ended = None, hashlib.sha256(), False
    with source.open("rb") as file:
        for letter, content in frames(file, _keyring()):
            if letter == "M":
                manifest = Manifest.of(json.loads(content))
            elif letter == "D":
                digest.update(content)
            elif letter == "E":
                ended = content == digest.hexdigest().encode()
    if manifest is None or not ended:
        raise BadBackup("the file is damaged: its content is not what was written")
    return manifest


def restore(source: Path, tick: Tick, *, replace_all: bool = False) -> Restored:
    """Read the whole file first, then put it in the place of the database, bring it to this schema, and prove it.

    :raises BadBackup: the file does not open, or is of another engine or a newer version; nothing was touched then
    :raises BadBackup: the database has something in it and `replace_all` was not said
    """
    manifest = read(source)
    if manifest.engine != db.engine.dialect.name:
        raise BadBackup(
            f"this is a backup of {manifest.engine}, the database here is {db.engine.dialect.name}"
        )
    if not _known(manifest.revision):
        raise BadBackup(
            f"schema {manifest.revision} is not known here: it was made by a newer version of Liyu"
        )
    if not replace_all and not _empty():
        raise BadBackup("the database is not empty; --replace puts the backup in its place")
    engine = _engine()
    engine.clear()
    if manifest.engine == "postgresql" and manifest.revision:
        upgrade(revision=manifest.revision)
    with source.open("rb") as file:
        engine.load(frames(file, _keyring()), manifest, tick)
    db.session.remove()
    db.engine.dispose()
    wrong = _compare(manifest)
    if manifest.revision:
        upgrade()
    with read_only():
        wrong += [f"{found.name}: {found.count}" for found in ledger.inspect()]
    return Restored(manifest, wrong)


def check(source: Path, tick: Tick) -> Restored:
    """Restore into a database of its own, prove it, and take that database away again."""
    with _scratch() as app, app.app_context():
        try:
            restored = restore(source, tick)
        finally:
            db.session.remove()
            db.engine.dispose()
    with transaction():
        events.record(
            Proved(rows=sum(restored.manifest.rows.values()), invariants=len(restored.wrong)),
            about=f"backup:{source.name[:50]}",
        )
    return restored


def _engine() -> ModuleType:
    return sqlite if db.engine.dialect.name == "sqlite" else postgresql


def _keyring() -> Keyring:
    """The keys of backups: BACKUP_KEY where one is set, so that they open without the platform's own secrets."""
    config: Config = current_app.config["LIYU"]
    return Keyring(config.backup_keys or config.secret_keys)


def _known(revision: str | None) -> bool:
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory

    config = AlembicConfig()
    config.set_main_option("script_location", current_app.extensions["migrate"].directory)
    try:
        return revision is None or ScriptDirectory.from_config(config).get_revision(revision) is not None
    except CommandError:
        return False


def _empty() -> bool:
    with db.engine.connect() as connection:
        return not any(
            count(connection, table) for table in in_order(connection) if table != "alembic_version"
        )


def _compare(manifest: Manifest) -> list[str]:
    with db.engine.connect() as connection:
        return manifest.differs(describe(connection))


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    """A new file only its owner reads, on disk when the block is left."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _scratch() -> Iterator[Flask]:
    """Another application on an empty database, which is gone afterwards."""
    config: Config = current_app.config["LIYU"]
    another = current_app.extensions["another"]
    if db.engine.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="liyu-check-") as folder:
            yield another(replace(config, database_url=f"sqlite:///{folder}/check.db", clock=None))
        return
    name = f"liyu_check_{signing.random_code(10).lower()}"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        try:
            url = db.engine.url.set(database=name).render_as_string(hide_password=False)
            yield another(replace(config, database_url=url, clock=None))
        finally:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
