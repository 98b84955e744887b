"""What a page costs in SQL: milliseconds between asking the database and having the answer, at two sizes.

measure(url)             page → median milliseconds, on a database filled by `flask demo load --size decade`
figures(full, tenth)     pages_ms, pages_growth, dashboards_ms: the worst page of each kind
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any

from sqlalchemy import event

from app import create_app
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
ROUNDS = 9


def measure(url: str, rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Return {"pages": {name: ms}, "dashboards": {name: ms}}: the median of all SQL of one answer."""
    # People are found by their phones under the key the database was filled with: SECRET_KEY says it.
    config = Config.from_env({**os.environ, "DATABASE_URL": url})
    app = create_app(replace(config, testing=True))
    with app.app_context():
        engine = db.engine
    # No context stays open over the requests: the second person would be taken for the first.
    with _clocked(engine) as spent:
        return {
            "pages": _each(app, VOLUNTEER, PAGES, spent, rounds),
            "dashboards": _each(app, OFFICE, DASHBOARDS, spent, rounds),
        }


def figures(full: str, tenth: str) -> dict[str, float]:
    """Return the worst page and dashboard at full size, and how much the slowest-growing page grew from a tenth."""
    large, small = measure(full), measure(tenth)
    grown = [large["pages"][name] / small["pages"][name] for name in PAGES]
    return {
        "pages_ms": max(large["pages"].values()),
        "pages_growth": max(grown),
        "dashboards_ms": max(large["dashboards"].values()),
    }


def _each(app: Any, phone: str, pages: dict[str, str], spent: list[float], rounds: int) -> dict[str, float]:
    with app.app_context(), transaction():
        person = accounts.by_phone(phone)
        assert person is not None, "the database needs `flask demo load --size decade`"
        cookie = sessions.open(person)
    browser = app.test_client()
    browser.set_cookie(app.config["SESSION_ROW_COOKIE"], cookie)
    return {name: _median(browser, page, spent, rounds) for name, page in pages.items()}


def _median(browser: Any, page: str, spent: list[float], rounds: int) -> float:
    taken = []
    for _round in range(rounds + 2):
        spent.clear()
        answer = browser.get(page)
        assert answer.status_code == 200, f"{page} answered {answer.status_code}"
        taken.append(sum(spent) * 1000)
    return statistics.median(taken[2:])  # the first two fill caches and prepare statements


@contextmanager
def _clocked(engine: Any) -> Iterator[list[float]]:
    spent: list[float] = []

    def before(connection: Any, *_: Any) -> None:
        connection.info["asked_at"] = perf_counter()

    def after(connection: Any, *_: Any) -> None:
        spent.append(perf_counter() - connection.info["asked_at"])

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield spent
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


if __name__ == "__main__":
    for kind, times in measure(sys.argv[1]).items():
        for name, ms in times.items():
            print(f"{kind:12} {name:12} {ms:8.2f} ms")
