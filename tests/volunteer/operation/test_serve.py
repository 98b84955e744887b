"""The platform as one command: it answers, and Ctrl-C ends all of it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from tests.conftest import SECRET
from tests.engines import free_port


def test_ctrl_c_stops_server_and_scheduler(app, engine):
    port = str(free_port())
    environ = {**os.environ, "DATABASE_URL": engine.empty(), "SECRET_KEY": SECRET, "PORT": port}
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    subprocess.run([*flask, "db", "upgrade"], env=environ, check=True, capture_output=True)
    process = subprocess.Popen(
        [*flask, "serve"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/healthz")
        # A terminal sends it to the whole group: the server, its workers and the scheduler hear it at once.
        os.killpg(process.pid, signal.SIGINT)
        # A worker that is told to stop while it still starts may not hear it, and is ended ten seconds later.
        assert process.wait(45) == 0
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 0)
            raise AssertionError("somebody of the group is still running")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_people_who_keep_their_line_keep_nobody_out(app, engine):
    """F16: more phones than Granian holds by itself have a line open; the next one is answered at once."""
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": engine.empty(),
        "SECRET_KEY": SECRET,
        "PORT": str(port),
        "WORKERS": "1",
    }
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    subprocess.run([*flask, "db", "upgrade"], env=environ, check=True, capture_output=True)
    process = subprocess.Popen(
        [*flask, "serve", "--no-scheduler"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    lines = []
    try:
        assert _answers(f"http://127.0.0.1:{port}/healthz")
        for _ in range(1_100):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            lines.append(line)
            line.request("GET", "/healthz")
            assert line.getresponse().read()
    finally:
        for line in lines:
            line.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_database_without_its_schema_is_one_line_and_no_server(app, engine):
    environ = {**os.environ, "DATABASE_URL": engine.empty(), "SECRET_KEY": SECRET}
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "serve"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 1 and "flask db upgrade" in said.stderr and "Traceback" not in said.stderr


def _answers(address: str) -> bool:
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
        time.sleep(0.2)
    return False
