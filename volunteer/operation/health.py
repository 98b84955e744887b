"""Is the process alive, may it be sent visitors: /healthz and /readyz.

What makes an answer wrong or impossible takes us out of service (503). What somebody must look at while people go on
checking in is amber: named, and still 200.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

from flask import Response, current_app, jsonify, make_response
from sqlalchemy import func, select, text

from volunteer import chain, clock, ledger
from volunteer.config import INSTANCE, Config
from volunteer.db import db
from volunteer.events import Happened
from volunteer.web import Pages

pages = Pages("health", __name__)

#: How long the database may take over the probe.
PATIENCE_MS = 500
DISK_FREE_LEAST = 0.05
CLOCK_BACK_MOST = timedelta(seconds=60)
#: Over so many of the last things that happened.
CLOCK_LOOKS_BACK = 1000
#: The day that has ended is sealed at 00:55.
SEALED_BY = time(0, 57)
BEAT_WITHIN = timedelta(minutes=2)


@pages.get("/healthz", allow="public")
def alive() -> Response:
    """The process answers; asks nothing of the database."""
    return jsonify({"status": "ok"})


@pages.get("/readyz", allow="public")
def ready() -> Response:
    """Whether visitors may be sent here; 503 with the names of what fails, no internals."""
    failing = ["stopping"] if stopping() else [name for name, check in CHECKS.items() if not holds(check)]
    amber = [] if failing else [name for name, check in AMBER.items() if not holds(check)]
    status = "failing" if failing else "amber" if amber else "ready"
    return make_response(jsonify({"status": status, "failing": failing + amber}), 503 if failing else 200)


def holds(check: Callable[[], object]) -> bool:
    """Whether a check comes out true; one that fails is false."""
    try:
        return bool(check())
    except Exception:
        db.session.rollback()
        return False


def stopping() -> bool:
    """Whether the server has been told to stop: it finishes what it began and wants no more."""
    folder = _config().metrics_dir
    return folder is not None and (Path(folder) / "stopping").exists()


def writable() -> bool:
    """A row can be written; it is not kept."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return _probe_sqlite(connection.connection.driver_connection)
        for setting in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"SET LOCAL {setting} = {PATIENCE_MS}"))
        connection.execute(text(PROBE))
        connection.rollback()
    return True


PROBE = "INSERT INTO rate_limit (key, hits, ends_at) VALUES ('probe', 0, 0) ON CONFLICT DO NOTHING"


def _probe_sqlite(connection: object) -> bool:
    # Past SQLAlchemy: it would keep the connection's own patience, which is longer than a probe may last.
    run = connection.execute  # type: ignore[attr-defined]
    (patience,) = run("PRAGMA busy_timeout").fetchone()
    run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    try:
        run("BEGIN IMMEDIATE")
        run(PROBE)
        run("ROLLBACK")
    except Exception as error:
        with suppress(Exception):
            run("ROLLBACK")
        # Somebody else is writing: that is life, not a fault.
        return "locked" in str(error)
    finally:
        run(f"PRAGMA busy_timeout = {patience}")
    return True


def migrated() -> bool:
    """Whether the schema is the one this code was written for."""
    return db.session.scalar(text("SELECT version_num FROM alembic_version")) == head()


def head() -> str | None:
    """The newest schema this code knows."""
    kept: str | None = current_app.extensions.get("schema_head")
    if kept is None:
        from alembic.config import Config as AlembicConfig
        from alembic.script import ScriptDirectory

        config = AlembicConfig()
        config.set_main_option("script_location", current_app.extensions["migrate"].directory)
        kept = ScriptDirectory.from_config(config).get_current_head()
        current_app.extensions["schema_head"] = kept
    return kept


def scheduled() -> bool:
    """Whether some process holds the scheduler's lease."""
    from volunteer.operation import scheduler

    return scheduler.lease_until() > clock.now() - BEAT_WITHIN


def roomy() -> bool:
    """Whether the disk with our files has room."""
    url = db.engine.url
    folder = Path(url.database).parent if url.drivername.startswith("sqlite") and url.database else INSTANCE
    usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
    return usage.free >= DISK_FREE_LEAST * usage.total


def clock_sane() -> bool:
    """Whether it is not earlier than what has happened already: a clock that went back deceives us all.

    What happens after it went back is early too, so that the last thing alone would soon say that all is well.
    """
    newest = select(Happened.at).order_by(Happened.id.desc()).limit(CLOCK_LOOKS_BACK).subquery()
    last = db.session.scalar(select(func.max(newest.c.at)))
    return last is None or clock.now() > last - CLOCK_BACK_MOST


def seal_lag() -> timedelta:
    """How long the oldest thing that should be sealed has waited: a row for its block, or a day for its seal."""
    return max(chain.lag(), _day_waits())


def _day_waits() -> timedelta:
    now = clock.now()
    last = db.session.scalar(select(func.max(ledger.Seal.on)))
    began = db.session.scalar(select(func.min(ledger.Posting.at)))
    if began is None:
        return timedelta()
    waiting = last + timedelta(days=1) if last else began.astimezone(clock.ZONE).date()
    due = datetime.combine(waiting + timedelta(days=1), SEALED_BY, clock.ZONE)
    return max(now - due, timedelta())


def sealed() -> bool:
    """Whether what was written is sealed, the rows of a minute ago and the days that have ended."""
    return seal_lag() <= BEAT_WITHIN


def _config() -> Config:
    config: Config = current_app.config["LIYU"]
    return config


CHECKS = {"database": writable, "migrations": migrated, "scheduler": scheduled, "disk": roomy}
AMBER = {"clock": clock_sane, "seal": sealed}
