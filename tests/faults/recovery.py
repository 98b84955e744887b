"""F09: a table is destroyed; the base backup and the archived log lead back to the moment before."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy import select

from tests.faults import street
from tests.faults.databases import Cluster, folder
from tests.faults.registry import Outcome, fault
from volunteer import accounts, ledger
from volunteer.db import db, transaction


@fault(
    "F09",
    "back to the second before a table was destroyed",
    target="every row of that moment and none after it, books clean, ≤ 600 s",
    engines=("postgresql",),
    long={"people": 2000, "awards": 600},
)
def table_destroyed(engine: str, dice: Random, *, people: int, awards: int) -> Outcome:
    """Copy the running server, go on giving points, drop the ledger, and recover elsewhere to just before."""
    with _folder() as folder:
        keep = f"test ! -f {folder}/archive/%f && cp %p {folder}/archive/%f"
        live = Cluster(folder / "live", archive_mode="on", archive_command=keep, wal_level="replica")
        live.start()
        try:
            live.say("CREATE DATABASE street")
            url = live.address("street")
            settled = street.settle(url, people)
            live._run("pg_basebackup", "-d", live.address(), "-D", folder / "base", "-c", "fast")
            first, later = settled.people[:awards], settled.people[awards : awards + awards // 3]
            before = _give(url, settled, first)
            with street.inside(url):
                books = _books()
            time.sleep(1.1)  # the moment of the restore is told in whole seconds by people
            with psycopg.connect(url, autocommit=True) as connection:
                row = connection.execute("SELECT clock_timestamp()").fetchone()
            assert row
            time.sleep(1.1)
            assert _give(url, settled, later) > before
            live.say("DROP TABLE ledger_posting CASCADE", "street")
            live.say("SELECT pg_switch_wal()")
            _until_archived(live)
        finally:
            live.stop()
        begun = time.monotonic()
        back = Cluster(
            folder / "back",
            restore_command=f"cp {folder}/archive/%f %p",
            recovery_target_time=row[0].isoformat(),
            recovery_target_action="promote",
        )
        shutil.rmtree(back.data)
        (folder / "base").rename(back.data)
        (back.data / "recovery.signal").touch()
        shutil.chown(back.data / "recovery.signal", back.data.owner(), back.data.group())
        back.start()
        try:
            with street.inside(back.address("street")):
                held = set(db.session.scalars(select(ledger.Posting.key)))
                books_back = _books()
            seconds = time.monotonic() - begun
        finally:
            back.stop()
    missing, late = len(before - held), len(held - before)
    figure = (
        f"{len(before) - missing} of {len(before)} postings back, {late} of later ones, "
        f"{'books as they were' if books_back == books else f'books changed: {books_back}'}, {seconds:.1f} s"
    )
    return Outcome(figure, not (missing or late) and books_back == books and seconds <= 600)


def _books() -> dict[str, int]:
    """What every invariant of the books says; points given for a try belong to no day, and both sides say so."""
    return {one.name: one.count for one in ledger.inspect()}


def _give(url: str, settled: street.Street, some: Sequence[street.Person]) -> set[str]:
    """Give points one by one, each its own commit; return the keys of all postings there are by then."""
    with street.inside(url):
        for one in some:
            with transaction():
                street.award(db.session.get_one(accounts.User, one.id), 5, settled)
        return set(db.session.scalars(select(ledger.Posting.key)))


def _until_archived(live: Cluster) -> None:
    with psycopg.connect(live.address(), autocommit=True) as connection:
        for _ in range(600):
            row = connection.execute(
                "SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1) FROM pg_stat_archiver"
            ).fetchone()
            if row and row[0]:
                return
            time.sleep(0.1)
    raise TimeoutError("the log was not archived within a minute")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder with an archive, which whoever runs PostgreSQL may write."""
    from tests import engines

    at = folder()
    try:
        for path in (at, at / "archive", at / "live", at / "back"):
            path.mkdir(exist_ok=True)
            if owner := engines._owner():
                shutil.chown(path, owner)
        yield at
    finally:
        shutil.rmtree(at, ignore_errors=True)
