"""The database is away, or changes over to another machine: people hear it kindly and come again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from volunteer import accounts
from volunteer.db import apart, away, db, transaction

NOBODY = "postgresql://liyu@127.0.0.1:1/nobody"


@pytest.fixture
def without(make_app: Callable[..., Flask]) -> Flask:
    """The platform, and no database where it should be."""
    return make_app(database_url=NOBODY)


def test_a_page_without_a_database_is_a_kind_503(without: Flask, visitor: Any) -> None:
    """F08: no 500, a time to come again, and a page that needs no database to be drawn."""
    browser = visitor(app=without)
    browser.browser.set_cookie(without.config["SESSION_ROW_COOKIE"], "somebody")
    page = browser.get("/me")
    assert page.status_code == 503 and page.headers["Retry-After"]
    assert "我们正在换一台机器" in page.words


def test_a_script_without_a_database_hears_its_code(without: Flask, visitor: Any) -> None:
    """F08: `database.away`, 503, Retry-After; for reading and for writing."""
    headers = {"Authorization": "Bearer something"}
    for ask in (
        lambda: visitor(app=without).get("/api/v1/me", headers=headers),
        lambda: visitor(app=without).post(
            "/api/v1/checkins", json={"code": "x", "scan": "s"}, headers=headers
        ),
    ):
        answer = ask()
        assert answer.status_code == 503 and answer.json["code"] == "database.away"
        assert answer.headers["Retry-After"]


def test_the_process_is_alive_without_a_database(without: Flask, visitor: Any) -> None:
    assert visitor(app=without).get("/healthz").status_code == 200


def test_a_connection_that_was_ended_is_replaced_by_itself(
    app: Flask, here: Any, visitor: Any, xiaoman: accounts.User
) -> None:
    """F08: every connection of the pool is ended by the server; the next request does not notice."""
    browser = visitor(xiaoman)
    assert browser.get("/me").status_code == 200
    if db.engine.dialect.name == "postgresql":
        with here.outside(), apart() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    assert browser.get("/me").status_code == 200


def test_writing_on_what_has_become_a_replica_is_not_our_mistake(app: Flask, here: Any) -> None:
    """F08: SQLSTATE 25006 while writing: the connection is given up, the answer is "come again"."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no replicas of its own")
    with here.outside():
        with pytest.raises(DBAPIError) as told, transaction():
            db.session.execute(text("SET TRANSACTION READ ONLY"))
            db.session.execute(text("INSERT INTO area (kind, name, path) VALUES ('street', '街', '/1/')"))
        assert away(told.value) and told.value.connection_invalidated


def test_other_troubles_stay_troubles(app: Flask, here: Any) -> None:
    with pytest.raises(DBAPIError) as told:
        db.session.execute(text("SELECT nothing FROM nowhere"))
    assert not away(told.value)
    here.undo()
    assert not away(OperationalError("", {}, Exception("database is locked")))
