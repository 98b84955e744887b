"""The same check-in on embedded SQLite, one process, every commit on the disk.

The yardstick is python's own `sqlite3`, one thread, the same statements by hand, a commit each.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import filling
from volunteer import codes


def yardstick(file: Path, engine: Engine, count: int) -> float:
    """Send so many through with `sqlite3` alone, and return transactions a second."""
    days = filling.days(engine)
    with engine.connect() as connection:
        half = connection.execute(text("SELECT count(*) / 2 FROM bench_person")).scalar_one()
    lite = sqlite3.connect(file, isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cache_size=-32000",
    ):
        lite.execute(f"PRAGMA {pragma}")
    come, leave = codes.encode(days.come), codes.encode(days.leave)
    began = time.perf_counter()
    for n in range(count):
        if n % 2 == 0:
            _come(lite, n // 2, come, f"y-{come}-{n}")
        else:
            _leave(lite, half + n // 2, leave, f"y-{leave}-{n}")
    took = time.perf_counter() - began
    lite.close()
    return count / took


def _look(
    lite: sqlite3.Connection, n: int, public: str, scan: str
) -> tuple[tuple[object, ...], tuple[object, ...] | None]:
    token = hashlib.sha256(filling.token(n).encode()).hexdigest()
    (who,) = lite.execute(
        "SELECT a.id FROM api_token t JOIN account a ON a.id = t.user_id"
        " WHERE t.token_hash = ? AND t.ended_at IS NULL AND a.state = 'active'", (token,),
    ).fetchone()  # fmt: skip
    day = lite.execute(
        'SELECT d.id, d.team_id, d.area_path, d."on", d.state, d.starts_at, d.ends_at, c.title, c.flat_points, s.state'
        " FROM service_day d JOIN activity c ON c.id = d.activity_id"
        " LEFT JOIN signup s ON s.service_day_id = d.id AND s.volunteer_id = ? WHERE d.public = ?", (who, public),
    ).fetchone()  # fmt: skip
    stay = lite.execute(
        "SELECT id, in_at, state FROM attendance WHERE service_day_id = ? AND volunteer_id = ? AND state <> 'void'"
        " ORDER BY id DESC LIMIT 1", (day[0], who),
    ).fetchone()  # fmt: skip
    lite.execute("SELECT id FROM attendance WHERE in_scan = ? OR out_scan = ?", (scan, scan)).fetchone()
    lite.execute(
        "SELECT service_day_id FROM attendance WHERE volunteer_id = ? AND state = 'open'", (who,)
    ).fetchone()
    lite.execute(
        'SELECT sum(minutes) FROM service_record WHERE volunteer_id = ? AND "on" = ?', (who, day[3])
    ).fetchone()
    lite.execute(
        "SELECT sum(amount) FROM ledger_balance WHERE address BETWEEN ? AND ?",
        (f"volunteer:{who}:2026-01", f"volunteer:{who}:9999-12"),
    ).fetchone()
    return (who, *day), stay


def _come(lite: sqlite3.Connection, n: int, public: str, scan: str) -> None:
    lite.execute("BEGIN IMMEDIATE")
    (who, day, team, path, on, _state, starts, _ends, title, points, signed), _stay = _look(
        lite, n, public, scan
    )
    assert signed == "accepted"
    made = lite.execute(
        "INSERT INTO attendance (service_day_id, volunteer_id, team_id, area_path, in_at, in_how, in_scan, points, state)"
        " VALUES (?, ?, ?, ?, ?, 'wall', ?, ?, 'open')", (day, who, team, path, starts, scan, points),
    ).lastrowid  # fmt: skip
    _pay(lite, f"flat:{day}:{who}", who, path, on, points, {"title": title, "service_day": day})
    _tell(
        lite, "checkin.CheckedIn", who, made, day, {"attendance_id": made, "volunteer_id": who, "how": "wall"}
    )
    lite.execute("COMMIT")


def _leave(lite: sqlite3.Connection, n: int, public: str, scan: str) -> None:
    lite.execute("BEGIN IMMEDIATE")
    (who, day, team, path, on, _state, _starts, ends, title, _points, _signed), stay = _look(
        lite, n, public, scan
    )
    assert stay is not None and stay[2] == "open"
    won = lite.execute(
        "UPDATE attendance SET out_at = ?, out_how = 'wall', out_scan = ?, minutes = 115, grade = 'A', state = 'closed'"
        " WHERE id = ? AND out_at IS NULL AND state = 'open'", (ends, scan, stay[0]),
    ).rowcount  # fmt: skip
    assert won == 1
    formula = {
        "kind": "time",
        "rule": 1,
        "minutes": 115,
        "planned": 120,
        "grade": "A",
        "blocks": 3,
        "points": 15,
    }
    record = lite.execute(
        'INSERT INTO service_record (source, volunteer_id, service_day_id, team_id, area_path, "on", minutes, grade, state,'
        " points, formula, recorded_at) VALUES (?, ?, ?, ?, ?, ?, 115, 'A', 'confirmed', 15, ?, ?)",
        (f"attendance:{stay[0]}", who, day, team, path, on, json.dumps(formula), ends),
    ).lastrowid
    _pay(lite, f"record:{record}", who, path, on, 15, {"title": title, "formula": formula, "record": record})
    _tell(
        lite,
        "checkin.CheckedOut",
        who,
        stay[0],
        day,
        {"attendance_id": stay[0], "minutes": 115, "points": 15},
    )
    lite.execute("COMMIT")


def _pay(
    lite: sqlite3.Connection, key: str, who: object, path: object, on: object, points: object, why: object
) -> None:
    lite.execute(
        'INSERT INTO ledger_posting ("key", line, move, source, target, amount, at, "on", volunteer_id, area_path, why)'
        " VALUES (?, 0, 'award', 'programme:issued', ?, ?, ?, ?, ?, ?, ?)",
        (key, f"volunteer:{who}:2028-11", points, f"{on} 01:00:00.000000", on, who, path, json.dumps(why)),
    )


def _tell(lite: sqlite3.Connection, kind: str, who: object, stay: object, day: object, facts: object) -> None:
    lite.execute(
        "INSERT INTO event (at, kind, actor_id, about, within, whom, facts) VALUES ('2026-11-21 01:00:00.000000', ?, ?, ?, ?, ?, ?)",
        (kind, who, f"attendance:{stay}", f"service_day:{day}", who, json.dumps(facts)),
    )
