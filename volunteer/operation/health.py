"""Is the process alive, may it be sent visitors: /healthz and /readyz."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, jsonify, make_response
from sqlalchemy import text

from volunteer import clock
from volunteer.db import db
from volunteer.web import Pages

pages = Pages("health", __name__)


@pages.get("/healthz", allow="public")
def alive() -> Response:
    """The process answers; asks nothing of the database."""
    return jsonify({"status": "ok"})


@pages.get("/readyz", allow="public")
def ready() -> Response:
    """Database, migrations and the scheduler's lease; 503 with the names of what fails, no internals."""
    failing = [name for name, check in CHECKS.items() if not holds(check)]
    return make_response(
        jsonify({"status": "ready" if not failing else "failing", "failing": failing}),
        503 if failing else 200,
    )


def holds(check: Callable[[], object]) -> bool:
    """Whether a check comes out true; one that fails is false."""
    try:
        return bool(check())
    except Exception:
        db.session.rollback()
        return False


def _database() -> bool:
    return db.session.scalar(text("SELECT 1")) == 1


def migrated() -> bool:
    """Whether the schema is the one this code was written for."""
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory

    config = AlembicConfig()
    config.set_main_option("script_location", current_app.extensions["migrate"].directory)
    head = ScriptDirectory.from_config(config).get_current_head()
    return db.session.scalar(text("SELECT version_num FROM alembic_version")) == head


def _scheduler() -> bool:
    """Whether some process holds the scheduler's lease."""
    from volunteer.operation import scheduler

    return scheduler.lease_until() > clock.now() - timedelta(minutes=2)


CHECKS = {"database": _database, "migrations": migrated, "scheduler": _scheduler}
