"""`flask doctor`: everything the platform stands on, looked at one by one; what is wrong is named, and how."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import text

from volunteer import clock, vault
from volunteer.config import INSTANCE, Config
from volunteer.db import db, transaction
from volunteer.ledger import guards
from volunteer.operation import health

#: What SQLite must answer on every connection of ours.
PRAGMAS = {
    "synchronous": 2,
    "journal_mode": "wal",
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
}
#: What PostgreSQL must be set to, and what it had better be.
SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write"),
}
BETTER = {"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0"}
APART_MOST = timedelta(seconds=5)
SECRET_LASTS = timedelta(days=400)
Check = Callable[[], Iterator[str]]
_GRANTS = """
SELECT c.relname, CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
AND (a.privilege_type = 'TRUNCATE' OR c.relname = ANY(:tables) AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRIGGER'))
"""
_OWNS = """
SELECT rolsuper OR EXISTS (SELECT 1 FROM pg_class WHERE relname = 'ledger_posting' AND relowner = r.oid)
FROM pg_roles r WHERE rolname = current_user
"""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check what the platform stands on; exit 1 and name what is wrong."""
    told = [*_look(MUST, "FAIL"), *_look(SHOULD, "warn")]
    ok = not any(one["state"] == "FAIL" for one in told)
    if as_json:
        click.echo(json.dumps({"ok": ok, "checks": told}, ensure_ascii=False, indent=2))
    else:
        for one in told:
            click.echo(f"{one['state']:<4}  {one['name']}" + "".join(f"\n      {why}" for why in one["why"]))
    if not ok:
        sys.exit(1)


def _look(checks: dict[str, Check], bad: str) -> Iterator[dict[str, Any]]:
    for name, check in checks.items():
        try:
            why = list(check())
        except Exception as error:
            why = [f"could not be looked at: {type(error).__name__}"]
        db.session.rollback()
        yield {"name": name, "state": bad if why else "ok", "why": why}


def _holds(name: str, check: Callable[[], object]) -> Check:
    def look() -> Iterator[str]:
        if not check():
            yield f"{name} does not hold"

    return look


# ── what must be ──


def _durable() -> Iterator[str]:
    """An acknowledged commit survives a power cut."""
    if _sqlite():
        for name, wanted in PRAGMAS.items():
            if (found := db.session.scalar(text(f"PRAGMA {name}"))) != wanted:
                yield f"PRAGMA {name} is {found}, should be {wanted}"
        return
    for name, good in SETTINGS.items():
        if (found := db.session.scalar(text(f"SHOW {name}"))) not in good:
            yield f"{name} is {found}, should be {good[0]}"


def _begins_at_once() -> Iterator[str]:
    """A transaction that will write holds the writer's place from its first moment: a later one loses updates."""
    if not _sqlite():
        return
    with transaction() as work:
        db.session.execute(text("SELECT 1"))
        with closing(sqlite3.connect(str(db.engine.url.database), timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                yield "writes begin deferred: two counters could redeem one voucher"
            except sqlite3.OperationalError:
                pass
        work.undo()


def _guarded() -> Iterator[str]:
    """Every guard of the books is in place and awake."""
    if _sqlite():
        awake = set(db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    else:
        awake = set(
            db.session.scalars(
                text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
            )
        )
    for name in sorted(guards.names(db.engine.dialect.name) - awake):
        yield f"trigger {name} is missing or asleep"


def _granted() -> Iterator[str]:
    """Nobody but the owner of the tables may change what is only ever added to."""
    if _sqlite():
        file = Path(str(db.engine.url.database))
        if file.exists() and file.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield f"{file.name} may be written by others than its owner"
        return
    for table, role, right in db.session.execute(text(_GRANTS), {"tables": list(guards.APPEND_ONLY)}):
        yield f"{role} has {right} on {table}"


def _secrets() -> Iterator[str]:
    """Keys are long, and in files that their owner alone reads."""
    for name, keys in (("SECRET_KEY", _config().secret_keys), ("BACKUP_KEY", _config().backup_keys)):
        if any(len(key) < 32 for key in keys):
            yield f"{name} is shorter than 32 characters"
    kept = INSTANCE / "secret_key"
    if kept.exists() and os.stat(kept).st_mode & 0o077:
        yield "instance/secret_key can be read by others than its owner"


def _proxied() -> Iterator[str]:
    """Whose address it is comes from as many proxies as stand before us."""
    config = _config()
    if config.https and not config.trusted_proxies:
        yield "BASE_URL is https but TRUSTED_PROXIES is 0: everybody would seem to come from the proxy"
    if not config.https and config.trusted_proxies:
        yield "TRUSTED_PROXIES is set but BASE_URL is not https: a visitor could claim any address"


# ── what had better be ──


def _backed_up() -> Iterator[str]:
    if not _config().backup_keys:
        yield "BACKUP_KEY is not set: backups open with SECRET_KEY"
    last = db.session.scalar(text("SELECT max(id) FROM event WHERE kind = 'backup.Made'"))
    if last is None:
        yield "no backup was ever made: flask backup create FILE"


def _fresh_keys() -> Iterator[str]:
    """The keys of personal data are changed every quarter, the secret itself once a year."""
    yield from vault.worries()
    kept = INSTANCE / "secret_key"
    if kept.exists() and clock.now().timestamp() - kept.stat().st_mtime > SECRET_LASTS.total_seconds():
        yield "instance/secret_key is older than a year: flask keys rotate --help says how it is changed"


def _owned() -> Iterator[str]:
    if not _sqlite() and db.session.scalar(text(_OWNS)):
        yield "the application signs in as the owner of its tables: see deploy/roles.sql"


def _discreet() -> Iterator[str]:
    if not _sqlite():
        for name, wanted in BETTER.items():
            if (found := db.session.scalar(text(f"SHOW {name}"))) != wanted:
                yield f"{name} is {found}: what people typed may stand in the database's log"


def _messages() -> Iterator[str]:
    """Text messages go to phones, not into the log of a server that people reach."""
    if _config().https and _config().sms_provider == "console":
        yield "SMS_PROVIDER is console: phones and codes stand in the server's log"
    if _config().https and _config().mail_url == "console":
        yield "MAIL_URL is console: addresses and what people are told stand in the server's log"


def _in_step() -> Iterator[str]:
    """Our clock and the database's tell the same."""
    if not _sqlite():
        apart = abs(clock.now() - db.session.execute(text("SELECT clock_timestamp()")).scalar_one())
        if apart > APART_MOST:
            yield f"our clock and the database's are {apart} apart"


def _sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _config() -> Config:
    config: Config = current_app.config["LIYU"]
    return config


MUST: dict[str, Check] = {
    **{name: _holds(name, check) for name, check in {**health.CHECKS, **health.AMBER}.items()},
    "durable": _durable,
    "writes begin at once": _begins_at_once,
    "append-only guards": _guarded,
    "grants": _granted,
    "secrets": _secrets,
    "proxies": _proxied,
}
SHOULD: dict[str, Check] = {
    "backups": _backed_up,
    "keys": _fresh_keys,
    "role": _owned,
    "database log": _discreet,
    "messages": _messages,
    "clocks in step": _in_step,
}
