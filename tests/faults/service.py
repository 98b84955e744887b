"""The real server as a process: start it, find its workers, kill some or all of it, start it again."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.conftest import SECRET
from tests.engines import _die_with_parent, free_port
from tests.faults.databases import children

ROOT = Path(__file__).resolve().parents[2]
#: A machine has the platform compiled from its second start on, whatever the tests' own environment says.
COMPILED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": tempfile.gettempdir() + "/liyu-compiled"}


class Service:
    """`flask serve` on a port of its own."""

    def __init__(self, url: str, *, workers: int = 2, **environ: str) -> None:
        self.url, self.workers_wanted, self.port = url, workers, free_port()
        self.environ = environ
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the service)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> Service:
        """Start it, and return once it answers."""
        environ = {
            **os.environ,
            **COMPILED,
            "DATABASE_URL": self.url,
            "SECRET_KEY": SECRET,
            "PORT": str(self.port),
            "WORKERS": str(self.workers_wanted),
            "BASE_URL": "http://localhost",
            **self.environ,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        if wait:
            self.wait_until_it_answers()
        return self

    def wait_until_it_answers(self, seconds: float = 60) -> float:
        """Return how long it took until /healthz answered."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/healthz", timeout=5)[0] == 200:
                    return time.monotonic() - begun
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the server did not answer:\n{self.said()[-3000:]}")

    def get(self, path: str, *, timeout: float = 30, token: str = "") -> tuple[int, Any]:
        """Ask once, over a connection of its own; return the status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            plain = "json" in (answer.headers.get("Content-Type") or "")
            return answer.status, json.loads(body) if plain else body
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Return the processes that answer requests: not the master, not the scheduler."""
        assert self.process
        found = []
        for pid in children(self.process.pid):
            with contextlib.suppress(OSError):
                if b"scheduler" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def kill_a_worker(self, dice: random.Random) -> bool:
        """SIGKILL one worker by chance; False when none is there just now."""
        there = self.workers()
        if there:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(sorted(there)), signal.SIGKILL)
        return bool(there)

    def kill(self) -> None:
        """SIGKILL all of it: master, workers, scheduler."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def said(self) -> str:
        """What it has written so far."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def close(self) -> None:
        """End it, gently first."""
        if self.process and not self.log.closed:
            if self.running():
                self.process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(3)
            self.kill()
        self.log.close()
