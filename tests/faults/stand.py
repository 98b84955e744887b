"""Where a fault takes place: a database of its own filled with a street, the real server, and the proof at the end.

with Stand("postgresql", people=300) as stand:
    load = stand.scans(clients=16)
    ...
    load.finish()
    proof = stand.prove(load.book)
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import func, select

from tests import engines
from tests.faults import street
from tests.faults.databases import Cluster
from tests.faults.load import Book, Load
from tests.faults.service import Service
from volunteer import ledger
from volunteer.checkin.models import Attendance
from volunteer.db import db

SHARED = 120


@dataclass
class Proof:
    """The books and the clients' own record, compared."""

    acknowledged: int
    lost: int
    doubled: int
    unasked: int
    unpaid: int
    broken: list[str]

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.unasked or self.unpaid or self.broken)

    def __str__(self) -> str:
        said = f"{self.acknowledged} acknowledged, {self.lost} lost, {self.doubled} doubled"
        if self.unasked or self.unpaid:
            said += f", {self.unasked} not asked for, {self.unpaid} unpaid"
        return said + (f", broken: {', '.join(self.broken)}" if self.broken else ", books clean")


class Stand:
    """A database, a street and a server; all of it goes away at the end."""

    def __init__(
        self,
        engine: str,
        *,
        people: int = 0,
        points: int = 0,
        workers: int = 2,
        folder: Path | None = None,
        own_cluster: bool = False,
        serve: bool = True,
        at: datetime | None = None,
        durable: bool = True,
        **environ: str,
    ) -> None:
        # Where nobody cuts the power nothing need wait for a disk: `durable=False`.
        self.engine, self._serve, self._workers, self._environ = engine, serve, workers, environ
        self._open = contextlib.ExitStack()
        self.cluster: Cluster | None = None
        # Small streets share one template: filling it is most of what a short fault costs.
        template, filled = _template(engine, people if points else max(people, SHARED), points, at)
        self.street = dataclasses.replace(filled, people=filled.people[:people], offers=[])
        if engine == "sqlite":
            self.folder = folder or self._open.enter_context(_folder() if durable else _memory())
            self.file = self.folder / "street.db"
            shutil.copyfile(template, self.file)
            self.url = f"sqlite:///{self.file}"
        else:
            shared = _cluster()
            self.cluster = self._own(template, folder) if own_cluster or folder else shared
            self.database = _next_name()
            self.cluster.say(f"CREATE DATABASE {self.database} TEMPLATE {template}")
            if not durable:
                self.cluster.say(f"ALTER DATABASE {self.database} SET synchronous_commit = off")
            self.url = self.cluster.address(self.database)
        with street.inside(self.url, at):
            street.begin_day(self.street)

    def __enter__(self) -> Stand:
        if self._serve:
            self.serve()
        return self

    def serve(self, url: str = "") -> Service:
        """Start the server, on another address of the database when one is given."""
        self.service = Service(url or self.url, workers=self._workers, **self._environ)
        self._open.callback(self.service.close)
        return self.service.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _own(self, template: str, folder: Path | None) -> Cluster:
        """A cluster of its own beside the shared one, its template copied as files of a stopped server."""
        shared = _cluster()
        made = Cluster(folder)
        self._open.callback(made.close)
        made.start()
        made.copy_from(shared, template)
        return made

    def scans(self, *, clients: int = 16, people: list[street.Person] | None = None, port: int = 0) -> Load:
        """Let people check in by the wall, each once, tried again until answered; returns at once."""
        at = port or self.service.port
        load = Load(at, self.street, people if people is not None else self.street.people, clients=clients)
        return load.start()

    def prove(self, book: Book) -> Proof:
        """Compare what clients were told with what the database holds, and inspect the books."""
        return compare(self.url, book, self.street.day_id)


def compare(url: str, book: Book, day_id: int | None = None) -> Proof:
    """Compare what clients were told with what a database holds of a day, or of all, and inspect its books."""
    stays = select(Attendance.in_scan, Attendance.volunteer_id)
    awards = select(func.count()).where(ledger.Posting.move == "award")
    if day_id is not None:
        stays = stays.where(Attendance.service_day_id == day_id)
        awards = awards.where(ledger.Posting.key.startswith(f"flat:{day_id}:"))
    else:
        awards = awards.where(ledger.Posting.key.startswith("flat:"))
    with street.inside(url):
        held = dict(db.session.execute(stays).all())
        paid = db.session.scalar(awards) or 0
        broken = [f"{one.name} ×{one.count}" for one in ledger.inspect()]
    told = book.acknowledged()
    return Proof(
        acknowledged=len(told),
        lost=sum(scan not in held for scan in told),
        doubled=len(held) - len(set(held.values())) + book.changed_their_mind,
        unasked=sum(scan not in book.asked for scan in held),
        unpaid=abs(len(held) - paid),
        broken=broken,
    )


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="liyu-fault-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def _memory() -> Iterator[Path]:
    made = engines._folder("liyu-fault-")
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@functools.cache
def _cluster() -> Cluster:
    """The PostgreSQL that this process's faults share; whoever kills it starts it again."""
    made = Cluster().start()
    atexit.register(made.close)
    return made


_made = 0


def _next_name() -> str:
    global _made
    _made += 1
    return f"fault_{_made}"


@functools.cache
def _template(engine: str, people: int, points: int, at: datetime | None = None) -> tuple[str, street.Street]:
    """A street filled once; faults get copies. Returns its file or its database's name."""
    if engine == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="liyu-street-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        file = folder / "street.db"
        filled = street.settle(f"sqlite:///{file}", people, points, at)
        return str(file), filled
    name = f"street_{people}_{points}" + (f"_{at:%Y%m%d}" if at else "")
    _cluster().say(f"CREATE DATABASE {name}")
    filled = street.settle(_cluster().address(name), people, points, at)
    return name, filled
