"""Check-ins: half come (attendance, flat award, balance, event), half leave (attendance, hours, award, balance, event).

The yardstick L1 is the same transaction as one function of PostgreSQL, prepared, 16 clients of pgbench: what the
database could do if nobody had to talk to it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import crowd, filling, stand
from volunteer import clock, codes
from volunteer.checkin import passes
from volunteer.signing import Keyring

FUNCTIONS = Path(__file__).with_name("yardsticks.sql")


def install(engine: Engine) -> None:
    """Put the yardsticks into the database."""
    with engine.begin() as connection:
        connection.connection.cursor().execute(FUNCTIONS.read_text())  # whole, with its own semicolons


def requests(days: filling.Days, half: int) -> crowd.Make:
    """Return who sends what: the nth of the crowd comes or leaves, with the code the wall shows at that moment."""
    keyring, shown = Keyring.of(stand.SECRET), {}

    def make(n: int) -> bytes:
        # Comers and leavers take turns, as at a gate between two shifts.
        person, day = (n // 2, days.come) if n % 2 == 0 else (half + n // 2, days.leave)
        step = int(time.time()) // passes.PERIOD
        if (day, step) not in shown:
            shown[day, step] = passes.wall_code(keyring, day, clock.now())
        body = json.dumps({"code": shown[day, step], "scan": f"{day.hex()}-{n}"}).encode()
        return crowd.post("/api/v1/checkins", body, filling.token(person))

    return make


def over_http(port: int, engine: Engine, count: int = filling.PEOPLE) -> crowd.Run:
    """Send everybody through the gate over HTTP, 64 at a time."""
    days = filling.days(engine)
    run = crowd.send(port, requests(days, filling.PEOPLE // 2), count)
    assert run.statuses == {201: count}, run.statuses
    assert missing(engine, days, (count + 1) // 2, count // 2) == (0, 0)
    return run


def yardstick(address: str, engine: Engine, count: int = filling.PEOPLE) -> float:
    """Send everybody through the function in the database and return transactions a second."""
    days = filling.days(engine)
    with engine.begin() as connection:
        for name, start in (("bench_come", 0), ("bench_leave", filling.PEOPLE // 2)):
            connection.execute(text(f"ALTER SEQUENCE {name} RESTART WITH {start + 1}"))
    scripts = {
        "come": f"SELECT bench_come((nextval('bench_come') - 1)::int, '{codes.encode(days.come)}');\n",
        "leave": f"SELECT bench_leave((nextval('bench_leave') - 1)::int, '{codes.encode(days.leave)}');\n",
    }
    return pgbench(address, scripts, count * 9 // 10)


def pgbench(address: str, scripts: dict[str, str], count: int) -> float:
    """Run pgbench with 16 clients, prepared, and return transactions a second."""
    program = stand.binary("pgbench")
    assert program is not None
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        files = []
        for name, script in scripts.items():
            path = Path(folder) / f"{name}.sql"
            path.write_text(script)
            files += ["-f", f"{path}@1"]
        said = subprocess.run(
            [program, "-n", "-M", "prepared", "-c", "16", "-j", "2", "-t", str(count // 16), *files, address],
            capture_output=True, text=True, check=True, env={**os.environ, "PGOPTIONS": "-c timezone=UTC"},
        )  # fmt: skip
    failed = re.search(r"number of failed transactions: (\d+)", said.stdout)
    assert failed is None or failed[1] == "0", said.stdout
    found = re.search(r"tps = ([\d.]+) \(without initial", said.stdout)
    assert found, said.stdout
    return float(found[1])


def missing(engine: Engine, days: filling.Days, came: int, left: int) -> tuple[int, int]:
    """Return, so many having been told that they came or left, how many stays are not there, and how many more are.

    More there may be only of those who gave up before they were answered; a person cannot be there twice.
    """
    with engine.connect() as connection:
        come, leave = (
            connection.execute(
                text(
                    "SELECT count(*) FROM attendance a JOIN service_day d ON d.id = a.service_day_id"
                    " WHERE d.public = :public AND (a.state = :state)"
                ),
                {"public": codes.encode(public), "state": state},
            ).scalar_one()
            for public, state in ((days.come, "open"), (days.leave, "closed"))
        )
    return max(0, came - come) + max(0, left - leave), max(0, come - came) + max(0, leave - left)
