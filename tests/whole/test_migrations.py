"""The schema that migrations make is the schema that the code means, guards included, there and back."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from volunteer.db import db
from volunteer.ledger import guards


def test_migrations_make_the_schema_the_code_means(engine: Any, make_app: Any) -> None:
    app = make_app(database_url=engine.empty())
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
            assert guards.names(connection.dialect.name) <= _triggers(connection)
        migrated = _shape()
    other = make_app(database_url=engine.empty())
    with other.app_context():
        db.create_all()
        meant = _shape()
    migrated.pop("alembic_version")
    assert migrated == meant


def test_migrating_down_leaves_nothing_and_up_again_everything(engine: Any, make_app: Any) -> None:
    app = make_app(database_url=engine.empty())
    with app.app_context():
        upgrade()
        before = _shape()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert _shape() == before


def test_migrating_twice_changes_nothing(engine: Any, make_app: Any) -> None:
    app = make_app(database_url=engine.empty())
    with app.app_context():
        upgrade()
        before = _shape()
        upgrade()
        assert _shape() == before


def _triggers(connection: Any) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))


def _shape() -> dict[str, Any]:
    found = inspect(db.engine)
    with db.engine.connect() as connection:
        triggers = sorted(_triggers(connection))
    return {
        "triggers": triggers,
        **{
            table: (
                sorted(
                    (column["name"], str(column["type"]), column["nullable"])
                    for column in found.get_columns(table)
                ),
                sorted(str(index["name"]) for index in found.get_indexes(table)),
                sorted(str(check["name"]) for check in found.get_check_constraints(table)),
                sorted(str(key["name"]) for key in found.get_foreign_keys(table)),
                sorted(str(unique["name"]) for unique in found.get_unique_constraints(table)),
            )
            for table in found.get_table_names()
        },
    }
