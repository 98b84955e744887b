"""A filled database: the sample community, a crowd with tokens, and for every run a day to come to and one to leave."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, MetaData, Table, insert, text
from sqlalchemy.engine import Connection

from volunteer import clock, codes

PEOPLE = 12_000


@dataclass(frozen=True)
class Days:
    """The public names of the day people come to, which pays at check-in, and of the day they leave."""

    come: bytes
    leave: bytes


def token(n: int) -> str:
    """Return the bearer token of the nth of the crowd."""
    return f"bench-{n}"


def people(engine: Engine, count: int = PEOPLE) -> None:
    """Add a crowd to the database, each with a bearer token."""
    there = _tables(engine, "account", "api_token")
    now = clock.now()
    with engine.begin() as connection:
        home, path = connection.execute(
            text("SELECT id, path FROM area WHERE kind = 'community' ORDER BY id LIMIT 1")
        ).one()
        first = connection.execute(text("SELECT coalesce(max(id), 0) + 1 FROM account")).scalar_one()
        rows = [
            {
                "id": first + n, "volunteer_no": str(500_000_000_000 + n), "public": codes.encode(secrets.token_bytes(8)),
                "pass_revision": 1, "name": "陈小满", "phone_index": hashlib.sha256(f"b{n}".encode()).digest(),
                "phone_sealed": b"", "phone_masked": "138****0000", "home_id": home, "area_path": path,
                "skills": "[]", "state": "active", "registered_at": now, "birth_on": clock.today() - timedelta(days=12_000),
            }
            for n in range(count)
        ]  # fmt: skip
        skills = there["account"].c.skills
        if engine.dialect.name == "postgresql":
            rows = [{**row, "skills": []} for row in rows]
        assert skills is not None
        connection.execute(insert(there["account"]), rows)
        connection.execute(
            insert(there["api_token"]),
            [
                {
                    "user_id": first + n, "token_hash": hashlib.sha256(token(n).encode()).hexdigest(),
                    "created_at": now, "expires_at": now + timedelta(days=30),
                }
                for n in range(count)
            ],
        )  # fmt: skip
        connection.execute(text("CREATE TABLE bench_person (n integer PRIMARY KEY, id bigint)"))
        connection.execute(
            text("INSERT INTO bench_person SELECT id - :first, id FROM account WHERE id >= :first"),
            {"first": first},
        )
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('account_id_seq', (SELECT max(id) FROM account))"))


def days(engine: Engine) -> Days:
    """Make a day to come to and a day to leave, today; the first half signs up for the one, the rest is at the other."""
    come, leave = secrets.token_bytes(5), secrets.token_bytes(5)
    now = clock.now()
    with engine.begin() as connection:
        connection.execute(text("UPDATE attendance SET state = 'stale' WHERE state = 'open'"))
        flat = _day(connection, come, now - timedelta(minutes=5), now + timedelta(hours=3), pays="flat")
        timed = _day(connection, leave, now - timedelta(minutes=115), now + timedelta(minutes=5), pays="time")
        half = connection.execute(text("SELECT count(*) / 2 FROM bench_person")).scalar_one()
        connection.execute(
            text(
                "INSERT INTO signup (service_day_id, volunteer_id, state, queued_at) "
                "SELECT CASE WHEN n < :half THEN :flat ELSE :timed END, id, 'accepted', :now FROM bench_person"
            ),
            {"half": half, "flat": flat, "timed": timed, "now": _said(connection, now)},
        )
        connection.execute(
            text(
                "INSERT INTO attendance (service_day_id, volunteer_id, team_id, area_path, in_at, in_how, in_scan,"
                " points, state) SELECT d.id, p.id, d.team_id, d.area_path, d.starts_at, 'wall', :mark || p.n, 0, 'open'"
                " FROM bench_person p, service_day d WHERE p.n >= :half AND d.id = :timed"
            ),
            {"half": half, "timed": timed, "mark": secrets.token_hex(6) + "-"},
        )
    settle(engine)
    return Days(come, leave)


def settle(engine: Engine) -> None:
    """Have the planner know the tables, and the disk hold what was written."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
        else:
            connection.execute(text("ANALYZE"))


def _day(connection: Connection, public: bytes, starts: object, ends: object, *, pays: str) -> int:
    activity = connection.execute(
        text(
            "SELECT id, team_id, area_path FROM activity WHERE state = 'published' AND pay_kind = 'time' ORDER BY id LIMIT 1"
        )
    ).one()
    if pays == "flat":
        there = connection.execute(text("SELECT id FROM activity WHERE title = 'bench flat'")).scalar()
        if there is None:
            names = [
                c
                for c in _columns(connection, "activity")
                if c not in ("id", "title", "pay_kind", "flat_points")
            ]
            listed = ", ".join(names)
            connection.execute(
                text(
                    f"INSERT INTO activity (title, pay_kind, flat_points, {listed}) "
                    f"SELECT 'bench flat', 'flat', 3, {listed} FROM activity WHERE id = :id"
                ),
                {"id": activity.id},
            )
            there = connection.execute(
                text("SELECT id FROM activity WHERE title = 'bench flat'")
            ).scalar_one()
        activity_id = there
    else:
        activity_id = activity.id
    table = _tables(connection.engine, "service_day")["service_day"]
    made = connection.execute(
        insert(table).returning(table.c.id),
        {
            "activity_id": activity_id, "team_id": activity.team_id, "area_path": activity.area_path,
            "on": clock.today(), "planned_on": clock.today(), "starts_at": starts, "ends_at": ends,
            "capacity": 100_000, "accepted": 0, "state": "open", "public": codes.encode(public), "clash_kept": False,
            **({"held": False} if "held" in table.c else {}),
        },
    )  # fmt: skip
    return int(made.scalar_one())


def _columns(connection: Connection, table: str) -> list[str]:
    return [column.name for column in _tables(connection.engine, table)[table].c]


def _said(connection: Connection, moment: object) -> object:
    from volunteer.db import Moment

    return Moment().process_bind_param(moment, connection.dialect)  # type: ignore[arg-type]


def _tables(engine: Engine, *names: str) -> dict[str, Table]:
    """Return our tables with our own types."""
    from volunteer.db import db

    metadata: MetaData = db.metadata
    return {name: metadata.tables[name] for name in names}
