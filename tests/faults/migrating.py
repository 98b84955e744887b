"""The power goes during a migration: before each statement and each commit of each revision, on a filled copy.

The deaths happen in forks of one process that has everything loaded, so that hundreds of them take seconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, event, inspect, text

from tests.faults import stand, street
from tests.faults.registry import Outcome, fault
from tests.faults.service import ROOT
from volunteer.db import db

Shape = dict[str, Any]
NAMES = ("filled", "dying")


@fault(
    "F14",
    "the process is killed before each statement and each commit of each migration",
    target="fully before or fully after, the second run succeeds, up→down→up equal",
    short={"people": 5, "rows": 0, "revisions": 2, "deaths": 2},
    long={"people": 10_000, "rows": 500_000, "revisions": 1_000, "deaths": 1_000},
)
def migrations(engine: str, dice: Random, *, people: int, rows: int, revisions: int, deaths: int) -> Outcome:
    """So many revisions and so many deaths in each at the most, chosen by chance where there are more."""
    with tempfile.TemporaryDirectory(prefix="liyu-migrating-") as folder:
        if engine == "sqlite":
            urls = [f"sqlite:///{folder}/{name}.db" for name in NAMES]
        else:
            urls = [stand._cluster().address(name) for name in NAMES]
            stand._cluster().say("CREATE DATABASE filled")
        try:
            sizes = (people, rows, revisions, deaths, dice.randrange(2**31))
            told = subprocess.run(
                [sys.executable, "-m", "tests.faults.migrating", *urls, *map(str, sizes)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert not told.returncode, told.stderr[-3000:]
        finally:
            if engine != "sqlite":
                for name in NAMES:
                    stand._cluster().say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    done = json.loads(told.stdout.splitlines()[-1])
    wrong = done.pop("wrong")
    figure = (
        f"{done['deaths']} deaths at {done['moments']} moments of {done['revisions']} revisions, {done['rows']} rows: "
        f"{done['before']} fully before, {done['after']} fully after, {done['between']} between; {len(wrong)} wrong"
    )
    return Outcome(figure + "".join(f"; {one}" for one in wrong[:3]), not wrong and not done["between"])


# ── in a process of its own ──


def main() -> None:
    filled, dying = sys.argv[1:3]
    people, rows, revisions, deaths, seed = map(int, sys.argv[3:])
    trial = Trial(filled, dying, Random(seed))
    print(json.dumps(trial.through(people, rows, revisions, deaths)))


class Trial:
    """A filled database that steps down one revision after another, and a copy of it that dies on its way up."""

    def __init__(self, filled: str, dying: str, dice: Random) -> None:
        self.filled, self.dying, self.dice = street.make_app(filled), street.make_app(dying), dice
        self.url = filled
        self.found = {"deaths": 0, "moments": 0, "before": 0, "after": 0, "between": 0}
        self.wrong: list[str] = []

    def through(self, people: int, rows: int, revisions: int, deaths: int) -> dict[str, Any]:
        """Fill it, step down to nothing, and on the way let so many revisions die so often; return what was found."""
        street.settle(self.url, people)
        _inside(self.filled, lambda: _multiply(rows))
        held = sum(_inside(self.filled, _shape)["counts"].values())
        known = _revisions()
        chosen = self.dice.sample(known, min(revisions, len(known)))
        for revision in reversed(known):
            below = revision.down_revision or "base"
            after = _inside(self.filled, _shape)
            _inside(self.filled, lambda to=below: downgrade(revision=to))
            if revision in chosen:
                self._each_moment(revision.revision, below, after, deaths)
        return {**self.found, "rows": held, "revisions": len(chosen), "wrong": self.wrong}

    def _each_moment(self, revision: str, below: str, first: Shape, deaths: int) -> None:
        before = _inside(self.filled, _shape)
        self._copy()
        moments = _inside(self.dying, lambda: _count(revision))
        self.found["moments"] += moments
        after = _inside(self.dying, _shape)
        if (after["at"], after["schema"]) != (first["at"], first["schema"]):
            self.wrong.append(f"{revision}: up after down is another schema")
        _inside(self.dying, lambda: downgrade(revision=below))
        self._must_be(before, f"{revision}: down after up is another schema")
        # Whoever dies in the middle leaves what was there before: the next one dies on that.
        for nth in sorted(self.dice.sample(range(moments), min(deaths, moments))):
            _die(self.dying, revision, nth)
            self.found["deaths"] += 1
            now = _inside(self.dying, _shape)
            self.found["before" if now == before else "after" if now == after else "between"] += 1
            if now not in (before, after):
                self.wrong.append(f"{revision}: neither before nor after, dead at moment {nth} of {moments}")
            if now != before:
                self._copy()
        _inside(self.dying, lambda: upgrade(revision=revision))
        self._must_be(after, f"{revision}: the run after the deaths ends elsewhere")

    def _must_be(self, shape: Shape, otherwise: str) -> None:
        if _inside(self.dying, _shape) != shape:
            self.wrong.append(otherwise)

    def _copy(self) -> None:
        with self.filled.app_context():
            source = db.engine.url
        with self.dying.app_context():
            target = db.engine.url
        if source.drivername.startswith("sqlite"):
            for tail in ("-wal", "-shm", "-journal"):
                Path(f"{target.database}{tail}").unlink(missing_ok=True)
            shutil.copyfile(str(source.database), str(target.database))
            return
        import psycopg

        place = source.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(place, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {target.database} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {target.database} TEMPLATE {source.database}".encode())


def _inside(app: Flask, act: Callable[[], Any]) -> Any:
    with app.app_context():
        try:
            return act()
        finally:
            db.session.remove()
            db.engine.dispose()


def _die(app: Flask, revision: str, nth: int) -> None:
    """Migrate in a fork that is killed when so many statements and commits have been made."""
    child = os.fork()
    if not child:
        with app.app_context(), _Before(lambda count: count > nth and os.kill(os.getpid(), signal.SIGKILL)):
            upgrade(revision=revision)
        os._exit(7)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{revision} came to its end before moment {nth}"


def _count(revision: str) -> int:
    """Migrate and return how many moments there were to die at."""
    counted = [0]
    with _Before(lambda nth: counted.append(nth)):
        upgrade(revision=revision)
    return counted[-1]


class _Before:
    """Have something told the number of each statement and each commit, just before it."""

    def __init__(self, tell: Callable[[int], object]) -> None:
        self.nth, self.tell = 0, tell

    def _said(self, connection: Connection, *_: Any) -> None:
        self.nth += 1
        self.tell(self.nth)

    def __enter__(self) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.listen(db.engine, name, self._said)

    def __exit__(self, *_: object) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.remove(db.engine, name, self._said)


def _revisions() -> list[Any]:
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return list(reversed(list(ScriptDirectory.from_config(config).walk_revisions())))


def _multiply(rows: int) -> None:
    """Have so many more rows in what grows fastest: what happened."""
    columns = "at, kind, actor_id, about, within, whom, facts, request_id"
    with db.engine.begin() as connection:
        while rows > 0:
            there = connection.scalar(text("SELECT count(*) FROM event")) or 0
            more = f"INSERT INTO event ({columns}) SELECT {columns} FROM event LIMIT {min(rows, there)}"
            connection.execute(text(more))
            rows -= there


def _shape() -> Shape:
    """The schema and how many rows each table holds."""
    with db.engine.connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
        counts = {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in tables}
        said = OF_SQLITE if connection.dialect.name == "sqlite" else OF_POSTGRESQL
        at = connection.scalar(text("SELECT version_num FROM alembic_version")) if tables else None
        schema = [(kind, name, _sorted(sql)) for kind, name, sql in connection.execute(text(said))]
        return {"at": at, "counts": counts, "schema": schema}


def _sorted(sql: str | None) -> list[str]:
    # Where a table is made anew to change it, Alembic names its constraints in no order of their own; a column that is
    # only added stands on the line of the one before, and a table that was renamed wears quotes.
    parts = re.split(r"\n|, ", (sql or "").replace('"', ""))
    return sorted(filter(None, (part.strip(" ,\t") for part in parts)))


OF_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
OF_POSTGRESQL = """
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'check', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3"""

if __name__ == "__main__":
    main()
