"""What a phone is sent for a check-in: the page behind the wall's code, the tap, and everything its answer is made of.

weigh(port, engine)    bytes of bodies as a new phone gets them: the document, and in all with styles, scripts, icons

Text is counted as the proxy of deploy/nginx.conf sends it, compressed; its settings are repeated here.
"""

from __future__ import annotations

import http.client
import re
import zlib
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy import Engine, text

from benchmarks import filling, stand
from volunteer import accounts, clock
from volunteer.accounts import sessions
from volunteer.checkin import passes
from volunteer.db import db, transaction
from volunteer.signing import Keyring

#: What deploy/nginx.conf says: text is compressed from so many bytes on, this hard.
LEAST, LEVEL = 1024, 6
#: The hundredth of a crowd of which the first half is signed up.
NTH = 100
_ASSET = re.compile(r'<(?:link|script)\b[^>]*\b(?:href|src)="([^"]+)"')
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def weigh(port: int, engine: Engine) -> dict[str, float]:
    """Check somebody in as a phone does; return checkin_bytes, checkin_page_bytes, checkin_requests."""
    day = filling.days(engine).come
    phone = Phone(port)
    code = passes.wall_code(Keyring.of(stand.SECRET), day, clock.now())
    asked = phone.get(f"/c/{code}").decode()
    phone.post("/checkins", {"csrf_token": _found(_TOKEN, asked)})
    page = phone.get(phone.sent_to)
    assert b"/calendar" in page and phone.status == 200, phone.status
    document = phone.bytes
    # What the answer names is fetched once and kept; the first check-in on a phone pays for it.
    for address in dict.fromkeys(_ASSET.findall(page.decode())):
        phone.get(address)
    return {
        "checkin_page_bytes": float(document),
        "checkin_bytes": float(phone.bytes_since_post),
        "checkin_requests": float(phone.requests_since_post),
    }


class Phone:
    """A browser with the session of one of the crowd; counts the bodies it is sent."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with transaction():
            (who,) = db.session.execute(text("SELECT id FROM bench_person WHERE n = :n"), {"n": NTH}).one()
            person = db.session.get_one(accounts.User, who)
            self.cookies = {current_app.config["SESSION_ROW_COOKIE"]: sessions.open(person)}
        self.status = self.bytes = self.bytes_since_post = self.requests_since_post = 0
        self.sent_to = "/"

    def get(self, path: str) -> bytes:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> None:
        """Send a form; what comes from now on is counted."""
        self.bytes_since_post = self.requests_since_post = 0
        self._ask("POST", path, urlencode(form))
        assert self.status == 303, self.status

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        heads = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            heads["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body, heads)
        answer = self.line.getresponse()
        whole = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                crumb, _, content = value.partition(";")[0].partition("=")
                self.cookies[crumb] = content
        self.status, self.sent_to = answer.status, answer.headers.get("Location", "/")
        self.bytes = _on_the_wire(whole, answer.headers.get_content_type())
        self.bytes_since_post += self.bytes
        self.requests_since_post += 1
        return whole


def _on_the_wire(body: bytes, kind: str) -> int:
    if len(body) < LEAST or not (
        kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml"))
    ):
        return len(body)
    packer: Any = zlib.compressobj(LEVEL, wbits=31)
    return len(packer.compress(body) + packer.flush())


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found, page[:400]
    return found[1]
