"""How we connect: what an engine needs, how a new connection is tuned, and whether one that has lain still stands."""

from __future__ import annotations

import select
import time
from typing import Any

from flask import has_request_context
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from volunteer import metrics


@event.listens_for(Engine, "connect")
def _tune_sqlite(connection: Any, _: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL lost acknowledged commits in a power cut
        "busy_timeout=8000",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # so REPLACE meets the append-only guards
        "trusted_schema=OFF",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


#: What each of our connections to PostgreSQL says of itself; behind PgBouncer its `connect_query` says it for us.
SESSION = {"timezone": "UTC", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "60s"}

#: What a statement may take while somebody waits for the page; reports and nights that run by themselves take longer.
IN_A_REQUEST = {"statement_timeout": "5s"}

#: A database that vanished without a word is noticed by its silence, on the way there and back.
_SILENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}


def address(url: str) -> str:
    """Return a DATABASE_URL without the word that is for us: `?pgbouncer=true`."""
    if "pgbouncer" not in make_url(url).query:
        return url
    return make_url(url).difference_update_query(["pgbouncer"]).render_as_string(hide_password=False)


class Pool(QueuePool):
    """A pool that says how long people waited for a connection."""

    def _do_get(self) -> Any:
        began = time.perf_counter()
        try:
            return super()._do_get()
        finally:
            metrics.count("db_checkouts")
            metrics.count("db_checkout_seconds", by=time.perf_counter() - began)


#: How long a connection may have lain in the pool and still be believed, unless its server has said something since:
#: that would be a farewell. Asking each time costs a page a tenth of its time.
BELIEVED_S = 1.0


@event.listens_for(QueuePool, "checkin")
def _laid_down(_: Any, record: ConnectionPoolEntry) -> None:
    record.info["laid_down"] = time.monotonic()


@event.listens_for(QueuePool, "checkout")
def _asked_first(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
    """A connection to PostgreSQL that has lain for a while says whether it still stands; if not, all are made anew."""
    since = record.info.get("laid_down")
    if since is None or not hasattr(connection, "pgconn"):
        return
    try:
        if time.monotonic() - since > BELIEVED_S or _has_spoken(connection):
            connection.autocommit = True
            connection.execute("")
            connection.autocommit = False
    except Exception as gone:
        raise InvalidatePoolError from gone


def _has_spoken(connection: Any) -> bool:
    ear = select.poll()
    ear.register(connection.pgconn.socket, select.POLLIN)
    return bool(ear.poll(0))


@event.listens_for(Engine, "do_connect")
def _hurry_in_requests(_: Any, __: Any, ___: Any, options: dict[str, Any]) -> None:
    if "options" in options and has_request_context():
        options["options"] += "".join(f" -c {name}={value}" for name, value in IN_A_REQUEST.items())


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine needs beside the address: time-outs on PostgreSQL, a patient pool on both.

    With `?pgbouncer=true` nothing is left on the server between two transactions, since the next one may run on
    another connection: no prepared statements, and no start-up options, which PgBouncer would drop.
    """
    if url.startswith("sqlite"):
        return {
            "poolclass": Pool,
            "hide_parameters": True,
            "connect_args": {"timeout": 8},
            "pool_size": 20,
            "max_overflow": 20,
        }
    pooled = make_url(url).query.get("pgbouncer") == "true"
    said = {"options": " ".join(f"-c {name}={value}" for name, value in SESSION.items())}
    return {
        "poolclass": Pool,
        "hide_parameters": True,  # an error in a log names the statement, never the values
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": 1,
        "connect_args": {**_SILENCE, **({"prepare_threshold": None} if pooled else said)},
    }
