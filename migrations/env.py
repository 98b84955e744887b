"""Alembic on both engines; each migration in one transaction, so it is either wholly there or not at all."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from volunteer.db import Moment, db


def render_item(kind: str, thing: Any, autogen_context: Any) -> str | bool:
    """Write our own column types as plain ones: a migration must not change when the code does."""
    if kind == "type" and isinstance(thing, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations over one connection of the application's engine."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A table that is rebuilt must not drag along the rows that refer to it.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
