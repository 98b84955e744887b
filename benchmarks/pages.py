"""What a page costs in SQL: milliseconds its statements run inside the database, at two sizes.

What the database says itself (EXPLAIN ANALYZE of each statement, the best of three), so that a busy machine does not
count twice: neither our own interpreter nor the way there and back is in it.

measure(url)             {"pages": {name: ms}, "dashboards": {name: ms}}: the median of rounds, of one database
figures(whole, tenth)    pages_ms, pages_growth, dashboards_ms: the worst of each kind, and all of them by name

    python -m benchmarks.pages URL | URL-FULL URL-TENTH       databases of `flask demo load --size decade`
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

from sqlalchemy import Connection, Engine, event

from app import create_app
from volunteer import accounts
from volunteer.accounts import sessions
from volunteer.config import Config
from volunteer.db import db, transaction

#: The sample's volunteer with a long history, and its street's administrator.
VOLUNTEER, OFFICE = "13900000004", "13900000001"
PAGES = {
    "home": "/",
    "statement": "/me/points",
    "hours": "/me/hours",
    "honour_month": "/honour?season=month",
    "honour_ever": "/honour?season=all",
}
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
    # Nothing is kept: what it costs to draw, not to show again.
    app = create_app(replace(config, testing=True, panels_kept_s=0))
    with app.app_context():
        engine = db.engine
    # No context stays open over the requests: the second person would be taken for the first.
    return {
        "pages": _each(app, engine, VOLUNTEER, PAGES, rounds),
        "dashboards": _each(app, engine, OFFICE, DASHBOARDS, rounds),
    }


def figures(whole: str, tenth: str, rounds: int = ROUNDS) -> dict[str, dict[str, Any]]:
    """Return the worst page and dashboard of the larger database, and how much the worst grew from the smaller."""
    large, small = measure(whole, rounds), measure(tenth, rounds)
    grown = {name: large["pages"][name] / small["pages"][name] for name in PAGES}
    return {
        "pages_ms": _worst(large["pages"], "ms"),
        "pages_growth": _worst(grown, "×"),
        "dashboards_ms": _worst(large["dashboards"], "ms"),
    }


def _worst(each: dict[str, float], unit: str) -> dict[str, Any]:
    return {
        "value": max(each.values()),
        "unit": unit,
        "each": {name: round(one, 2) for name, one in each.items()},
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


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]) if len(sys.argv) == 2 else figures(*sys.argv[1:3]), indent=1))
