"""Alembic on both engines; each migration in one transaction, so it is either wholly there or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from volunteer.db import Moment, db


def render_item(kind: str, thing: Any, autogen_context: Any) -> str | bool:
    """Write our own column types as plain ones: a migration must not change when the code does."""
    if kind == "type" and isinstance(thing, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations over one connection of the application's engine."""
    with db.engine.connect() as connection, _keys_off(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _keys_off(connection: Connection) -> Iterator[None]:
    """On SQLite a table that is rebuilt must not drag along the rows that refer to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Past SQLAlchemy: the pragma is ignored inside a transaction, and a connection goes back to the pool as it was.
    plain = connection.connection.dbapi_connection
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        plain.execute("PRAGMA foreign_keys=ON")


run()
