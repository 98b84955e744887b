"""The platform as one command: it answers, and Ctrl-C ends all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from tests.conftest import SECRET
from tests.engines import free_port


def test_ctrl_c_stops_server_and_scheduler_within_seconds(app, engine):
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        env={**os.environ, "DATABASE_URL": engine.url, "SECRET_KEY": SECRET, "PORT": port},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/healthz")
        # A terminal sends it to the whole group: the server, its workers and the scheduler hear it at once.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 0)
            raise AssertionError("somebody of the group is still running")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _answers(address: str) -> bool:
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
        time.sleep(0.2)
    return False
