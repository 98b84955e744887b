"""Where it is measured: a PostgreSQL of our own that keeps every commit, the real server, the machine in one line."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a-secret-for-benchmarks-only-0123456789abcdef"  # of a database that is thrown away
#: Below the range from which the system draws ports for clients.
PORTS = iter(range(21_000, 21_900))


def free_port() -> int:
    """Return a port nobody listens on: what an earlier run left behind must not be measured in our place."""
    for port in PORTS:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)):
                return port
    raise SystemExit("every port from 21000 to 21899 is in use")


def binary(name: str) -> Path | None:
    """Return a program of PostgreSQL, newest first, None where there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    return Path(found) if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL with full durability on the disk; yield its address, throw it away after."""
    initdb, server = binary("initdb"), binary("postgres")
    if initdb is None or server is None:
        raise SystemExit("make bench needs PostgreSQL (Debian, Ubuntu: sudo apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="liyu-bench-", dir="/var/tmp"))
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    run = {"user": owner, "cwd": folder}
    subprocess.run(
        [initdb, "-D", folder / "data", "-U", "liyu", "-A", "trust", "-E", "UTF8", "--locale=C"],
        check=True, stdout=subprocess.DEVNULL, **run,
    )  # fmt: skip
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder,
        "shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "max_connections": 100,
        "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
    }  # fmt: skip
    words = [f"--{name}={value}" for name, value in settings.items()]
    process = subprocess.Popen(
        [server, "-D", folder / "data", *words], stderr=(folder / "log").open("wb"), start_new_session=True, **run
    )  # fmt: skip
    address = f"postgresql://liyu@127.0.0.1:{port}/postgres"
    try:
        for _try in range(200):
            try:
                psycopg.connect(address, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def environment(database: str, **more: str) -> dict[str, str]:
    """Return the environment in which the product runs here."""
    return {**os.environ, "DATABASE_URL": database, "SECRET_KEY": SECRET, "LOG_FORMAT": "text", **more}


def flask(*words: str, database: str) -> None:
    """Run one of our commands."""
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT, env=environment(database), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def server(database: str, workers: int = 2, *, scheduler: bool = True) -> Iterator[int]:
    """Start the real server with so many workers, its scheduler beside them or not; yield its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "serve", *([] if scheduler else ["--no-scheduler"])],
        cwd=ROOT, env=environment(database, PORT=str(port), WORKERS=str(workers)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _ready(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    for _try in range(1200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def machine() -> str:
    """Say what it was measured on."""
    with open("/proc/cpuinfo") as said:
        model = next((line.split(":", 1)[1].strip() for line in said if line.startswith("model name")), "")
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {model or platform.machine()}, Python {platform.python_version()}, "
        f"load before {load:.1f}"
    )


def worker_mb(port: int) -> float:
    """Return the memory of the largest worker behind a port, its share of what workers have in common counted once."""
    sizes = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if f"PORT={port}".encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            if b"serve" not in (folder / "cmdline").read_bytes():
                continue
            rollup = (folder / "smaps_rollup").read_text()
        except OSError:
            continue
        sizes.append(
            next(int(row.split()[1]) / 1024 for row in rollup.splitlines() if row.startswith("Pss:"))
        )
    return max(sizes, default=0.0)


def start_seconds(database: str) -> float:
    """Return how long a server takes from its start to its first answer, schema and data there already."""
    began = time.perf_counter()
    with server(database):
        return time.perf_counter() - began
