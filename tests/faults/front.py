"""Slow senders and slow readers in front of the proxy that we deploy."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.engines import free_port
from tests.faults.registry import Outcome, Skipped, fault
from tests.faults.service import ROOT
from tests.faults.stand import Stand

WAYS = {"slow headers": "-H", "slow body": "-B", "slow read": "-X"}
#: Limits count by address: those who behave come from another one than those who do not.
SOMEBODY_ELSE = "127.0.0.2"


@fault(
    "F18",
    "slow headers, slow bodies and slow readers in front of our nginx",
    target="healthy answers 100 % in ≤ 200 ms (long form)",
    engines=("sqlite",),
    short={"connections": 150, "seconds": 3, "slowest_max": 5.0},
    long={"connections": 2_000, "seconds": 20, "slowest_max": 0.2},
)
def slow_senders(engine: str, dice: Random, *, connections: int, seconds: int, slowest_max: float) -> Outcome:
    if not shutil.which("slowhttptest"):
        raise Skipped("slowhttptest is not installed")
    said, good = [], True
    with Stand(engine, people=1) as stand, nginx(stand.service.port) as port:
        for name, way in WAYS.items():
            attack = subprocess.Popen(
                [
                    *("slowhttptest", way, "-c", str(connections), "-r", str(connections)),
                    *("-l", str(seconds), "-i", "5", "-u", f"http://127.0.0.1:{port}/sign-in"),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            answered, took, ends = 0, [], time.monotonic() + seconds
            time.sleep(0.5)
            while time.monotonic() < ends:
                begun = time.monotonic()
                answered += _healthy(port)
                took.append(time.monotonic() - begun)
                time.sleep(0.05)
            attack.terminate()
            attack.wait()
            good &= answered == len(took) and max(took) <= slowest_max
            said.append(f"{name}: {answered}/{len(took)}, the slowest {max(took) * 1000:.0f} ms")
    return Outcome(f"{connections} connections; {'; '.join(said)}", good)


def _healthy(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=10, source_address=(SOMEBODY_ELSE, 0)
        )
        with contextlib.closing(connection):
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
    return False


@contextlib.contextmanager
def nginx(behind: int) -> Iterator[int]:
    """Our own sample before the server on that port; without TLS, which is not what is tried here.

    :raises Skipped: where there is no nginx
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        raise Skipped("nginx is not installed")
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="liyu-nginx-"))
    folder.chmod(0o755)
    sample = (ROOT / "deploy" / "nginx.conf").read_text()
    sample = re.sub(r"listen 80 .*?;", f"listen 127.0.0.1:{free_port()};", sample)
    sample = re.sub(r"listen 443 .*?;", f"listen 127.0.0.1:{port} default_server backlog=4096;", sample)
    sample = re.sub(r"^\s*ssl_.*?;$", "", sample, flags=re.MULTILINE)
    sample = re.sub(r"127\.0\.0\.1:800[12]", f"127.0.0.1:{behind}", sample)
    sample = sample.replace("/var/log/nginx", str(folder)).replace("/run/", f"{folder}/")
    config = folder / "nginx.conf"
    config.write_text(sample)
    process = subprocess.Popen(
        [program, "-c", config, "-p", folder, "-e", folder / "error.log", "-g", "daemon off;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            if _healthy(port):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
