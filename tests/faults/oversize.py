"""Too much of everything against the real server: it refuses within a second, stays small and goes on."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.faults import street
from tests.faults.databases import memory_of
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand
from volunteer import accounts
from volunteer.db import db, transaction

#: Refused by size, by form, or by the server before we are asked (431), or the connection is closed on the spot.
REFUSALS = {400, 403, 404, 411, 413, 414, 415, 422, 429, 431, 0}
RSS_MOST = 50 * 2**20


@dataclass
class Sender:
    """Somebody signed in who sends what they like."""

    port: int
    token: str
    cookie: str
    csrf: str

    def send(self, head: str, body: Iterator[bytes]) -> int:
        """Send and return the status; 0 when the connection was closed without one."""
        with contextlib.closing(socket.create_connection(("127.0.0.1", self.port), timeout=30)) as line:
            with contextlib.suppress(OSError):
                line.sendall(f"{head}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                for part in body:
                    line.sendall(part)
            said = b""
            with contextlib.suppress(OSError):
                while b"\r\n" not in said and (part := line.recv(4096)):
                    said += part
            found = re.match(rb"HTTP/1.1 (\d{3})", said)
            return int(found[1]) if found else 0

    def json(self, body: bytes, more: str = "", length: int | None = None) -> int:
        head = f"POST /api/v1/checkins HTTP/1.1\r\nAuthorization: Bearer {self.token}"
        head += f"\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}{more}"
        return self.send(head, _parts(body))

    def form(self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> int:
        head = f"POST {path} HTTP/1.1\r\nCookie: {self.cookie}\r\nX-CSRFToken: {self.csrf}"
        head += f"\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nOrigin: http://localhost"
        return self.send(head, _parts(body))

    def photo(self, picture: bytes) -> int:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
            + picture
            + b"\r\n--b--\r\n"
        )
        return self.form("/scan/photo", body, "multipart/form-data; boundary=b")


def _parts(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 65536):
        yield body[at : at + 65536]


def _pixel_bomb(side: int) -> bytes:
    """A PNG of so many pixels a side that is a few kilobytes long."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    squeezed, line = zlib.compressobj(9), bytes(side // 8 + 1)
    data = b"".join(squeezed.compress(line) for _ in range(side)) + squeezed.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _bombs(sender: Sender, big: int) -> dict[str, Callable[[], int]]:
    deep = b"[" * 100_000
    squeezed = io.BytesIO()
    with gzip.GzipFile(fileobj=squeezed, mode="wb") as file:
        for _ in range(big):
            file.write(bytes(2**20))
    chunked = "POST /api/v1/checkins HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json"
    chunked += f"\r\nAuthorization: Bearer {sender.token}"
    return {
        "a body announced as 10 GB": lambda: sender.json(bytes(65536), length=10 * 2**30),
        "a body of megabytes": lambda: sender.json(bytes(big * 2**20)),
        "a body without an end": lambda: sender.send(
            chunked, (b"10000\r\n" + bytes(65536) + b"\r\n" for _ in range(big * 16))
        ),
        "a zip bomb": lambda: sender.json(squeezed.getvalue(), "\r\nContent-Encoding: gzip"),
        "a pixel bomb": lambda: sender.photo(_pixel_bomb(30_000)),
        "a million form fields": lambda: sender.form("/sign-in", b"a=1&" * 1_000_000),
        "a header of a megabyte": lambda: sender.send(
            "GET /healthz HTTP/1.1\r\nX-Long: " + "a" * 2**20, iter(())
        ),
        "an address of a megabyte": lambda: sender.send("GET /" + "a" * 2**20 + " HTTP/1.1", iter(())),
        "JSON 100,000 deep": lambda: sender.json(deep),
        "objects 50,000 deep": lambda: sender.json(b'{"a":' * 50_000),
    }


@fault(
    "F19",
    "bodies, bombs, fields, headers and nesting far beyond reason",
    target="each refused (4xx or closed) within `patience` seconds, RSS +≤ 50 MiB, the process lives",
    engines=("sqlite",),
    short={"big": 20, "patience": 30.0},
    long={"big": 300, "patience": 1.0},
)
def oversize(engine: str, dice: Random, *, big: int, patience: float) -> Outcome:
    with Stand(engine, people=1, workers=1) as stand:
        sender = _sender(stand)
        stand.service.get("/healthz")
        workers = stand.service.workers()
        before = sum(map(memory_of, workers))
        told, slowest, wrong = {}, 0.0, []
        for name, act in _bombs(sender, big).items():
            begun = time.monotonic()
            told[name] = act()
            took = time.monotonic() - begun
            slowest = max(slowest, took)
            if told[name] not in REFUSALS or took > patience:
                wrong.append(f"{name}: {told[name]} after {took:.1f} s")
        grown = sum(map(memory_of, workers)) - before
        alive = stand.service.workers() == workers and stand.service.get("/healthz")[0] == 200
    figure = f"{len(told)} kinds, answers {sorted(set(told.values()))}, slowest {slowest:.2f} s, RSS +{grown / 2**20:.0f} MiB"
    figure += "" if alive else ", a process died"
    return Outcome(figure + "".join(f"; {one}" for one in wrong), not wrong and alive and grown <= RSS_MOST)


def _sender(stand: Stand) -> Sender:
    with street.inside(stand.url) as app, transaction():
        person = db.session.get_one(accounts.User, stand.street.people[0].id)
        cookie = f"{app.config['SESSION_ROW_COOKIE']}={accounts.sessions.open(person)}"
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", stand.service.port, timeout=60)
    line.request("GET", "/scan", headers={"Cookie": cookie})
    answer = line.getresponse()
    page = answer.read().decode()
    found = re.search(r'(?:name="csrf-token" content|name="csrf_token"[^>]*value)="([^"]+)"', page)
    assert found, page[:500]
    session = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
    line.close()
    return Sender(stand.service.port, stand.street.people[0].token, "; ".join([cookie, *session]), found[1])
