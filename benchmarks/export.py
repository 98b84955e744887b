"""Long lists as files beside COPY of the same rows: how many times as long a streamed export takes.

figures(url)    {"export_people": {value, yardstick, ratio, …}, "export_ledger": …}, seconds, on a database filled by
                `flask demo load --size decade`
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, func, select, true

from app import create_app
from benchmarks import measured
from volunteer.config import Config
from volunteer.dashboards import exports, lists
from volunteer.db import db
from volunteer.ledger import Posting, year

ROUNDS = 3
#: The columns a list is made of, as COPY writes them down.
COPIES = {
    "people": "SELECT a.name, a.volunteer_no, a.phone_masked, r.name, a.registered_at, a.state"
    " FROM account a JOIN area r ON r.id = a.home_id ORDER BY a.id",
    "ledger": "SELECT p.id, p.at, p.move, p.amount, p.source, p.target, a.volunteer_no, p.key, p.reverses_id"
    " FROM ledger_posting p LEFT JOIN account a ON a.id = p.volunteer_id"
    " WHERE p.\"on\" BETWEEN '{first}' AND '{last}' ORDER BY p.id",
}


def figures(url: str, rounds: int = ROUNDS) -> dict[str, dict[str, Any]]:
    """Return what each list takes and what COPY takes, turn about, with the median of the rounds' ratios."""
    app = create_app(replace(Config.from_env({**os.environ, "DATABASE_URL": url}), testing=True))
    with app.app_context():
        engine = db.engine
        latest = db.session.scalar(select(func.max(Posting.on)))
        assert latest is not None, "the database needs `flask demo load --size decade`"
        full = latest.year - 1
        sheets = {"people": lists.people(true()), "ledger": year.sheet(full, true())}
        between = {"first": date(full, 1, 1), "last": date(full, 12, 31)}
    found = {}
    for name, sheet in sheets.items():
        ours, copies = [], []
        _export(engine, sheet)  # statements are compiled and pages read once before it counts
        for _round in range(rounds):
            copies.append(_timed(_copy, engine, COPIES[name].format(**between)))
            ours.append(_timed(_export, engine, sheet))
        found[f"export_{name}"] = measured.figure(ours, "s", copies)
    return found


def _timed(act: Callable[..., int], *arguments: Any) -> float:
    began = perf_counter()
    act(*arguments)
    return perf_counter() - began


def _export(engine: Engine, sheet: exports.Sheet) -> int:
    return sum(len(piece.encode()) for piece in exports.lines(engine, sheet))


def _copy(engine: Engine, statement: str) -> int:
    with engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)") as copy:
            return sum(len(piece) for piece in copy)


if __name__ == "__main__":
    for name, found in figures(sys.argv[1]).items():
        print(f"{name:14} {found['value']:.2f} s, {found['ratio']:5.2f} × COPY ± {found['spread']:.0%}")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
