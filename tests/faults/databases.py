"""Databases that may be killed, filled up and cut off: SQLite files, and a PostgreSQL of our own with fsync on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg

from tests import engines


def folder() -> Path:
    """A new folder on the disk, which whoever runs PostgreSQL may enter."""
    made = Path(tempfile.mkdtemp(prefix="liyu-fault-", dir="/var/tmp"))
    made.chmod(0o755)
    return made


class Cluster:
    """A PostgreSQL that we may kill and start again as often as we like."""

    def __init__(self, folder: Path | None = None, **settings: object) -> None:
        self.made = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="liyu-cluster-"))
        self.folder.chmod(0o755)
        self.port = engines.free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self._owner = engines._owner()
        if self._owner:
            shutil.chown(self.folder, self._owner)
        self._binaries = engines._binaries(self._owner, self.folder)
        self._run("initdb", "-D", self.data, "-U", "liyu", "-A", "trust", "-E", "UTF8", "--locale=C", "-k")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def address(self, database: str = "postgres", port: int | None = None) -> str:
        return f"postgresql://liyu@127.0.0.1:{port or self.port}/{database}"

    def start(self) -> Cluster:
        """Start it and return once it takes connections; after a kill it first recovers by itself."""
        told: dict[str, object] = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
            "log_min_messages": "fatal",
            "full_page_writes": "on",
        }
        told |= self.settings
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self._binaries / "postgres",
                    "-D",
                    self.data,
                    *(f"--{key}={value}" for key, value in told.items()),
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._owner,
                env=engines._environment(self.folder),
                start_new_session=True,
                preexec_fn=engines._die_with_parent,
            )
        for _ in range(1200):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.address(), connect_timeout=2).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL every process of it at once."""
        assert self.process
        everybody = [*children(self.process.pid), self.process.pid]
        os.kill(self.process.pid, signal.SIGSTOP)  # so that it starts nobody while we count
        for pid in [*everybody, *children(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for _ in range(200):  # a backend that is still dying holds the shared memory
            if not any(Path(f"/proc/{pid}").exists() for pid in everybody):
                return
            time.sleep(0.01)

    def say(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy_from(self, other: Cluster, database: str) -> None:
        """Take over a database of another cluster, as a dump read in again."""
        self.say(f"CREATE DATABASE {database}")
        dump = [self._binaries / "pg_dump", "--no-sync", other.address(database)]
        read = [self._binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.address(database)]
        env = engines._environment(self.folder)
        with subprocess.Popen(dump, stdout=subprocess.PIPE, env=env, cwd="/") as dumped:
            subprocess.run(read, stdin=dumped.stdout, stdout=subprocess.DEVNULL, env=env, cwd="/", check=True)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(30)

    def close(self) -> None:
        """Stop it and take its folder away."""
        self.stop()
        if self.made:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: object) -> None:
        subprocess.run(
            [self._binaries / program, *map(str, words)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            user=self._owner,
            env=engines._environment(self.folder),
        )


def children(pid: int) -> list[int]:
    """Return the processes that this one started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            after_name = stat.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == pid and after_name[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def memory_of(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk in memory of so many megabytes.

    :raises Skipped: where we may not mount
    """
    from tests.faults.registry import Skipped

    folder = Path(tempfile.mkdtemp(prefix="liyu-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", str(folder)]
    try:
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            raise Skipped("mounting a small disk needs root")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=False)
    finally:
        folder.rmdir()


def fill_up(folder: Path) -> Path:
    """Write a file until the disk has no byte left, and return it."""
    stuffing = folder / "stuffing"
    file: IO[bytes]
    with stuffing.open("wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                if file.write(b"\0" * size) < size:
                    size //= 2
            except OSError:
                size //= 2
    return stuffing
