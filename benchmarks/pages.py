"""What a page costs in SQL: milliseconds its statements run inside the database, at two sizes.

What the database says itself (EXPLAIN ANALYZE of each statement, the best of three), so that a busy machine does not
count twice: neither our own interpreter nor the way there and back is in it.

measure(url)             page → median milliseconds, on a database filled by `flask demo load --size decade`
figures(whole, tenth)     pages_ms, pages_growth, dashboards_ms: the worst page of each kind

    python -m benchmarks.pages URL | URL-FULL URL-TENTH | --full
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from app import create_app
from benchmarks import stand
from volunteer import accounts
from volunteer.accounts import sessions
from volunteer.config import Config
from volunteer.db import db, transaction

#: The sample's volunteer with a long history, and its street's administrator.
VOLUNTEER, OFFICE = "13900000004", "13900000001"
PAGES = {"home": "/", "statement": "/me/points", "hours": "/me/hours"}
DASHBOARDS = {
    "quarter": "/office?period=quarter",
    "year": "/office?period=year",
    "decade": "/office?period=decade",
}
ROUNDS = 5


def measure(url: str, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Return {"pages": {name: ms}, "dashboards": {name: ms}}: what all SQL of one answer takes."""
    # People are found by their phones under the key the database was filled with: SECRET_KEY says it.
    config = Config.from_env({**os.environ, "DATABASE_URL": url})
    app = create_app(replace(config, testing=True))
    with app.app_context():
        engine = db.engine
    # No context stays open over the requests: the second person would be taken for the first.
    return {
        "pages": _each(app, engine, VOLUNTEER, PAGES, rounds),
        "dashboards": _each(app, engine, OFFICE, DASHBOARDS, rounds),
    }


def figures(whole: str, tenth: str) -> dict[str, float]:
    """Return the worst page and dashboard at full size, and how much the slowest-growing page grew from a tenth."""
    large, small = measure(whole), measure(tenth)
    grown = [large["pages"][name] / small["pages"][name] for name in PAGES]
    return {
        "pages_ms": max(large["pages"].values()),
        "pages_growth": max(grown),
        "dashboards_ms": max(large["dashboards"].values()),
    }


def _each(app: Any, engine: Engine, phone: str, pages: dict[str, str], rounds: int) -> dict[str, float]:
    with app.app_context(), transaction():
        person = accounts.by_phone(phone)
        assert person is not None, "the database needs `flask demo load --size decade`"
        cookie = sessions.open(person)
    browser = app.test_client()
    browser.set_cookie(app.config["SESSION_ROW_COOKIE"], cookie)
    return {name: _median(browser, engine, page, rounds) for name, page in pages.items()}


def _median(browser: Any, engine: Engine, page: str, rounds: int) -> float:
    browser.get(page)  # fills caches
    with _asked(engine) as statements:
        answer = browser.get(page)
    assert answer.status_code == 200, f"{page} answered {answer.status_code}"
    reads = [one for one in statements if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]
    with engine.connect() as connection:
        return statistics.median(
            sum(min(_runs(connection, *one) for _turn in range(3)) for one in reads)
            for _round in range(rounds)
        )


def _runs(connection: Connection, statement: str, parameters: Any) -> float:
    said = connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters
    ).scalar_one()
    return float(said[0]["Execution Time"])


@contextmanager
def _asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def full() -> dict[str, float]:
    """Load both sizes into databases of their own and return the figures; this takes its time."""
    os.environ["SECRET_KEY"] = stand.SECRET
    with stand.postgres() as address:
        urls = []
        for name, scale in (("decade", "1.0"), ("tenth", "0.1")):
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            url = f"{address.rsplit('/', 1)[0]}/{name}"
            stand.flask("db", "upgrade", database=url)
            stand.flask("demo", "load", "--size", "decade", "--scale", scale, database=url)
            urls.append(url)
        return figures(*urls)


if __name__ == "__main__":
    if sys.argv[1] == "--full":
        print(json.dumps(full()))
    else:
        print(json.dumps(measure(sys.argv[1]) if len(sys.argv) == 2 else figures(*sys.argv[1:3])))
