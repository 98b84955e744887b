"""Dashboards and reports read from a replica where there is one, so that they never stand in the way of a check-in.

A replica that is away or far behind is left alone for a while and the primary answers. Figures of one that is a little
behind say until when they hold. Who may look is always asked of the primary.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, g
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from volunteer import clock
from volunteer.config import Config
from volunteer.connections import address, engine_options
from volunteer.db import REPLICA, db, from_replica

T = TypeVar("T")
log = logging.getLogger("liyu.replicas")

#: The scheduler writes every ten seconds, so the last thing a replica has heard is never older while it keeps up.
NOTICED_SECONDS = 15
FAR_BEHIND_SECONDS = 300
REST_SECONDS = 10


class FarBehind(Exception):
    """The replica is so old that it would mislead."""


def configure(app: Flask, config: Config) -> None:
    """Tell the application of its replica; before the database is set up."""
    app.extensions["replica_rests_until"] = 0.0
    if config.replica_url:
        options = engine_options(config.replica_url)
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": address(config.replica_url), **options}}


def ask(act: Callable[[], T]) -> T:
    """Do the reading on the replica; on the primary when there is none or it cannot be relied on just now."""
    if REPLICA not in db.engines or time.monotonic() < current_app.extensions["replica_rests_until"]:
        return act()
    mark = from_replica.set(True)
    try:
        g.as_of = _as_of()
        return act()
    except (OperationalError, InterfaceError, PoolTimeout, FarBehind) as error:
        log.warning("the replica is left alone for %s s: %s", REST_SECONDS, type(error).__name__)
        current_app.extensions["replica_rests_until"] = time.monotonic() + REST_SECONDS
    finally:
        from_replica.reset(mark)
    db.session.rollback()
    g.as_of = None
    return act()


def _as_of() -> Any:
    """Until when the figures of the replica hold, None when that is now."""
    if db.engines[REPLICA].dialect.name != "postgresql":
        return None
    behind = db.session.scalar(
        text(
            "SELECT CASE WHEN pg_is_in_recovery()"
            " THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float END"
        )
    )
    if behind is None or behind < NOTICED_SECONDS:
        return None
    if behind > FAR_BEHIND_SECONDS:
        raise FarBehind
    return clock.now() - timedelta(seconds=behind)
