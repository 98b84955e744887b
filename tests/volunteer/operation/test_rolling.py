"""New versions without anybody noticing: two hosts behind our proxies, one after the other started anew."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET
from tests.engines import free_port

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
FLASK = [sys.executable, "-m", "flask", "--app", "app"]


class Host:
    """One application host, as systemd runs it."""

    def __init__(self, url: str, *, drain: int = 0) -> None:
        self.port, self.url, self.drain = free_port(), url, drain
        self.start()

    def start(self) -> None:
        environ = {**os.environ, "DATABASE_URL": self.url, "SECRET_KEY": SECRET, "WORKERS": "1"}
        self.process = subprocess.Popen(
            [*FLASK, "serve", "--no-scheduler", "--drain", str(self.drain)],
            env=environ | {"PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert _until(lambda: _ask(self.port, "/healthz") == 200, 90), "the host did not start"

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _ask(port: int, path: str) -> int:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()
    return 0


def _until(true: Any, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


class Crowd:
    """Requests at a steady pace over connections that are kept; what fails is kept too."""

    def __init__(self, port: int, *, each_second: int, phones: int = 8) -> None:
        self.port, self.pause = port, phones / each_second
        self.answers: Counter[str] = Counter()
        self.over = threading.Event()
        self.phones = [threading.Thread(target=self._walk, daemon=True) for _ in range(phones)]

    def __enter__(self) -> Crowd:
        for phone in self.phones:
            phone.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for phone in self.phones:
            phone.join(30)

    def _walk(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        turn = 0
        while not self.over.is_set():
            began, turn = time.monotonic(), turn + 1
            try:
                if turn % 3:
                    connection.request("GET", "/api/v1/me")
                else:
                    connection.request(
                        "POST", "/api/v1/checkins", b"{}", {"Content-Type": "application/json"}
                    )
                answer = connection.getresponse()
                answer.read()
                self.answers["answered" if answer.status == 401 else str(answer.status)] += 1
            except (OSError, http.client.HTTPException) as fault:
                self.answers[type(fault).__name__] += 1
                connection.close()
            time.sleep(max(0.0, self.pause - (time.monotonic() - began)))
        connection.close()


@pytest.fixture
def two_hosts(tmp_path: Path) -> Any:
    url = f"sqlite:///{tmp_path / 'rolling.db'}"
    subprocess.run(
        [*FLASK, "db", "upgrade"],
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET},
        check=True,
        capture_output=True,
    )
    with ExitStack() as stack:
        hosts = []
        for _ in range(2):
            hosts.append(Host(url))
            stack.callback(hosts[-1].end)
        yield hosts


@pytest.fixture
def proxy(two_hosts: list[Host], tmp_path: Path) -> Any:
    """nginx with our sample before the two hosts, without TLS, so that the crowd costs less."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not on this machine: `make tools` installs it")
    port = free_port()
    sample = (DEPLOY / "nginx.conf").read_text()
    for there in ("/var/log/nginx/", "/run/"):
        sample = sample.replace(there, f"{tmp_path}/")
    sample = re.sub(r"    server \{\n        listen 80.*?\n    \}\n", "", sample, flags=re.DOTALL)
    sample = re.sub(r"listen 443 ssl http2 default_server backlog=4096", f"listen 127.0.0.1:{port}", sample)
    sample = re.sub(r" +ssl_.*\n", "", sample)
    for host, there in zip(two_hosts, ("8001", "8002"), strict=True):
        sample = sample.replace(f"127.0.0.1:{there}", f"127.0.0.1:{host.port}")
    conf = tmp_path / "nginx.conf"
    conf.write_text(sample)
    server = subprocess.Popen([nginx, "-c", str(conf), "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    assert _until(lambda: _ask(port, "/healthz") == 200, 20)
    yield port
    server.terminate()
    server.wait(20)


def test_two_hosts_are_started_anew_and_nobody_notices(two_hosts: list[Host], proxy: int) -> None:
    """O4: a hundred requests a second through our nginx while each host stops and starts: none fails."""
    with Crowd(proxy, each_second=100) as crowd:
        time.sleep(1)
        for host in two_hosts:
            assert host.stop() == 0
            host.start()
        time.sleep(1)
    print(dict(crowd.answers))
    assert set(crowd.answers) == {"answered"}, crowd.answers
    assert crowd.answers["answered"] > 100


def test_told_to_stop_a_host_is_not_ready_at_once_and_ends_in_order(two_hosts: list[Host]) -> None:
    """O4: /readyz is red while the host still answers; then it ends with exit code 0."""
    host = two_hosts[0]
    host.stop()
    host.drain = 4
    host.start()
    host.process.send_signal(signal.SIGTERM)
    assert _until(lambda: _ask(host.port, "/readyz") == 503, 3)
    assert _ask(host.port, "/healthz") == 200
    assert host.process.wait(60) == 0
    assert _ask(host.port, "/healthz") == 0


def test_workers_are_replaced_while_people_are_answered(two_hosts: list[Host], proxy: int) -> None:
    """A reload brings a fresh worker before the old one goes."""
    with Crowd(proxy, each_second=50) as crowd:
        time.sleep(0.5)
        two_hosts[0].process.send_signal(signal.SIGHUP)
        time.sleep(8)
    print(dict(crowd.answers))
    assert set(crowd.answers) == {"answered"}, crowd.answers
