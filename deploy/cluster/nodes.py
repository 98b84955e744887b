"""The processes of the cluster: start them, find the leader, kill one on purpose, stop them all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from deploy.cluster import layout as where
from deploy.cluster.layout import APPLICATIONS, HOST, NODES, Layout

ROOT = Path(__file__).resolve().parent.parent.parent


class Cluster:
    """Every process of a cluster on this machine; all of them end with it."""

    def __init__(self, layout: Layout, *, workers: int = 2, **environ: str) -> None:
        self.layout, self.workers, self.environ = layout, workers, environ
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    # ── start ──

    def start_databases(self) -> None:
        """Start etcd, PostgreSQL under Patroni, HAProxy and PgBouncer; return when a leader and its replicas answer."""
        folder = self.layout.folder
        for number in NODES:
            self._start(f"etcd{number}", ["etcd", "--config-file", folder / f"etcd{number}.yml"])
        for number in NODES:
            self.start_node(number)
        self._start("haproxy", ["haproxy", "-db", "-f", folder / "haproxy.cfg"])
        for number in APPLICATIONS:
            self._start(f"pgbouncer{number}", ["pgbouncer", folder / f"pgbouncer{number}.ini"])
        until(
            lambda: self.leader() and len(self.replicas()) == len(NODES) - 1, 120, "a leader and two replicas"
        )
        until(self._database_there, 60, "the platform's database")

    def start_node(self, number: int) -> None:
        """Start one PostgreSQL node, or bring it back."""
        self._start(f"node{number}", ["patroni", self.layout.folder / f"patroni{number}.yml"])

    def start_applications(self) -> None:
        """Start the application hosts; return when both answer."""
        for number in APPLICATIONS:
            self.start_application(number)
        for number in APPLICATIONS:
            until(
                lambda one=number: self.application_answers(one),
                90,
                f"application host {number}",
            )

    def start_application(self, number: int) -> None:
        """Start one application host, or bring it back."""
        serve = [sys.executable, "-m", "flask", "--app", "app", "serve"]
        self._start(f"host{number}", serve, environment=self._environment(number), user=None, cwd=ROOT)

    def flask(self, *arguments: str) -> None:
        """Run a command of the platform against the leader itself."""
        environment = {**self._environment(1), "DATABASE_URL": self.layout.leader_url}
        command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)

    def _environment(self, number: int) -> dict[str, str]:
        layout = self.layout
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DATABASE_URL": layout.database_url(number),
            "DATABASE_REPLICA_URL": layout.database_url(number, replica=True),
            "SECRET_KEY": layout.passwords["secret_key"],
            "BASE_URL": layout.web,
            "HOST": HOST,
            "PORT": str(layout.port("application", number)),
            "WORKERS": str(self.workers),
            "TRUSTED_PROXIES": "1",
            **self.environ,
        }

    def _start(self, name: str, command: list[object], *, environment: dict[str, str] | None = None,
               user: str | None = "", cwd: Path | None = None) -> None:  # fmt: skip
        folder = self.layout.folder
        plain = {"PATH": where.search_path(), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        with (folder / "log" / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment or plain, cwd=cwd or folder,
                user=where.owner() if user == "" else user,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop them in their order
                preexec_fn=_die_with_parent,
            )  # fmt: skip

    # ── look ──

    def leader(self) -> int | None:
        """The number of the node that leads and takes writes, None while there is none."""
        return next((one for one in NODES if answers(self._patroni(one) + "/primary")), None)

    def replicas(self) -> list[int]:
        """The nodes that follow the leader of the day and are read from."""
        return [one for one in NODES if answers(self._patroni(one) + "/replica?lag=16MB")]

    def synchronous(self) -> int | None:
        """The replica that has every acknowledged commit."""
        return next((one for one in NODES if answers(self._patroni(one) + "/synchronous")), None)

    def application_answers(self, number: int) -> bool:
        """Whether an application host is there."""
        return answers(f"http://{HOST}:{self.layout.port('application', number)}/healthz")

    def _patroni(self, number: int) -> str:
        return f"http://{HOST}:{self.layout.port('patroni', number)}"

    def _database_there(self) -> bool:
        import psycopg

        with contextlib.suppress(psycopg.Error), psycopg.connect(self.layout.leader_url, connect_timeout=2):
            return True
        return False

    # ── break ──

    def kill_node(self, number: int) -> None:
        """End one node as a power cut would: Patroni and every process of its PostgreSQL, without a word."""
        patroni = self.processes[f"node{number}"]
        pids = [patroni.pid]
        with contextlib.suppress(OSError, ValueError):
            pid_file = self.layout.folder / f"node{number}" / "data" / "postmaster.pid"
            pids.append(int(pid_file.read_text().split()[0]))
        for pid in [*pids, *(child for parent in pids for child in _children(parent))]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        patroni.wait()

    def kill_application(self, number: int) -> None:
        """End one application host without a word: its server, its workers, its scheduler."""
        process = self.processes[f"host{number}"]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    # ── stop ──

    def stop(self) -> None:
        """Stop everything in order: people first, the agreement of the nodes last."""
        for prefix, stop in (("host", signal.SIGTERM), ("pgbouncer", signal.SIGTERM), ("haproxy", signal.SIGTERM),
                             ("node", signal.SIGTERM), ("etcd", signal.SIGTERM)):  # fmt: skip
            ending = [process for name, process in self.processes.items() if name.startswith(prefix)]
            for process in ending:
                if process.poll() is None:
                    process.send_signal(stop)
            for process in ending:
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for number in NODES:  # a PostgreSQL that outlived its Patroni
            self._stop_orphan(number)
        self.processes.clear()

    def _stop_orphan(self, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            pid = int(
                (self.layout.folder / f"node{number}" / "data" / "postmaster.pid").read_text().split()[0]
            )
            os.kill(pid, signal.SIGINT)


def answers(url: str) -> bool:
    """Whether an address answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def until(holds: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for something.

    :raises TimeoutError: naming what did not come
    """
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.2)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            after_name = stat.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == pid:
                found += [int(stat.parent.name), *_children(int(stat.parent.name))]
    return found


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
