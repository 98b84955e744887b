"""The real server started again and again on a machine whose clock has moved (libfaketime)."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from tests.conftest import SECRET
from tests.faults import street
from tests.faults.load import Phone
from tests.faults.service import ROOT, Service
from tests.faults.stand import Stand
from volunteer import accounts, ledger
from volunteer.db import db, transaction

LIBRARIES = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
FAR = timedelta(days=400)


def through(stand: Stand, wrong: list[str]) -> str:
    """Start it as it should be, −2 h, +3 h, +400 d; write down what is wrong, return what was done."""
    library = next((one for one in LIBRARIES if Path(one).exists()), None)
    if library is None:
        return "no restarts: libfaketime is not on this machine (`make tools`)"
    first, second = stand.street.people[:2]
    with street.inside(stand.url), transaction():
        cookie = accounts.sessions.open(db.session.get_one(accounts.User, first.id))
    code = stand.street.wall()

    def must(holds: bool, otherwise: str) -> None:
        if not holds:
            wrong.append(f"restarted {otherwise}")

    with _at(stand, library, "+0") as server:
        code = stand.street.wall()
        must(_scan(server, first, code, "restart-a") == 201, "+0: the scan is refused")
    with _at(stand, library, "-2h") as server:
        must("clock" in _failing(server), "−2 h: not amber")
        must(_scan(server, first, code, "restart-a") == 200, "−2 h: the scan is not known")
        must(_scan(server, second, code, "restart-b") == 410, "−2 h: a code of the future is taken")
        must(_me(server, cookie) == 200, "−2 h: the session is dead")
    with _at(stand, library, "+3h") as server:
        must("clock" not in _failing(server), "+3 h: amber without a reason")
        must(_scan(server, second, code, "restart-c") == 410, "+3 h: an old code is taken")
        must(_me(server, cookie) == 200, "+3 h: the session is dead")
    with _at(stand, library, "+400d") as server:
        must("clock" not in _failing(server), "+400 d: amber without a reason")
        told = _expire(stand, library, "+400d")
        must(told == 0, f"+400 d: points of two years end, or the job fails: {told}")
    with street.inside(stand.url, datetime.now(UTC) + FAR):
        broken = [one.name for one in ledger.inspect()]
    must(not broken, f"the books are broken: {broken}")
    return "real server restarted at +0, −2 h, +3 h, +400 d"


@contextlib.contextmanager
def _at(stand: Stand, library: str, offset: str) -> Iterator[Service]:
    server = Service(stand.url, workers=1, LD_PRELOAD=library, FAKETIME=offset)
    try:
        yield server.start()
    finally:
        server.close()


def _expire(stand: Stand, library: str, offset: str) -> int | None:
    """End what has to end by that clock; return how many points went, None when the job failed."""
    environ = {**os.environ, "DATABASE_URL": stand.url, "SECRET_KEY": SECRET}
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "timetable", "run", "ledger.expire"],
        cwd=ROOT,
        env=environ | {"LD_PRELOAD": library, "FAKETIME": offset},
        capture_output=True,
        text=True,
        check=False,
    )
    with street.inside(stand.url):
        went = db.session.scalar(
            select(func.sum(ledger.Posting.amount)).where(ledger.Posting.move == "expire")
        )
    return None if told.returncode else int(went or 0)


def _scan(server: Service, who: street.Person, code: str, name: str) -> int:
    phone = Phone(server.port)
    try:
        return phone.ask("POST", "/api/v1/checkins", who.token, {"code": code, "scan": name})[0]
    finally:
        phone.close()


def _failing(server: Service, seconds: float = 60) -> list[str]:
    """What /readyz names, once the scheduler is there."""
    ends = time.monotonic() + seconds
    while True:
        status, said = server.get("/readyz")
        if status == 200 or time.monotonic() > ends:
            return list(said["failing"])
        time.sleep(0.3)


def _me(server: Service, cookie: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", "/me", headers={"Cookie": f"sid={cookie}"})
        return connection.getresponse().status
    finally:
        connection.close()
