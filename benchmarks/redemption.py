"""Redemptions at the counter: distinct vouchers, each shown a moment ago; voucher, transfer, balances, notice, event.

The yardstick is the same transaction as one function of PostgreSQL, prepared, 16 clients of pgbench.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, insert, text

from benchmarks import checkin, crowd, filling, stand
from rewards.vouchers import codes
from volunteer import clock
from volunteer.db import db
from volunteer.signing import Keyring

COUNTERS = 64
COUNT = 9_000


@dataclass(frozen=True)
class Shelf:
    """Vouchers that are being shown, each with the public name and nonce its code is made of."""

    first: int
    shown: list[tuple[bytes, bytes]]


def counters(engine: Engine) -> None:
    """Give sixty-four of the crowd a counter to stand at, at the partners there are."""
    with engine.begin() as connection:
        partners = connection.execute(
            text("SELECT id FROM partner WHERE state = 'signed' ORDER BY id LIMIT 16")
        ).scalars().all()  # fmt: skip
        people = connection.execute(
            text("SELECT id FROM bench_person WHERE n < :most ORDER BY n"), {"most": COUNTERS}
        ).scalars().all()  # fmt: skip
        connection.execute(
            insert(db.metadata.tables["grant_held"]),
            [
                {"user_id": one, "role": "counter", "partner_id": partners[n % len(partners)], "since": clock.today()}
                for n, one in enumerate(people)
            ],
        )  # fmt: skip


def shelf(engine: Engine, count: int = COUNT) -> Shelf:
    """Have so many vouchers claimed, paid for and shown; the nth at the partner of counter n modulo sixty-four."""
    tables, now = db.metadata.tables, clock.now()
    shown = [(secrets.token_bytes(8), secrets.token_bytes(6)) for _n in range(count)]
    with engine.begin() as connection:
        offer = connection.execute(text("SELECT id FROM offer ORDER BY id LIMIT 1")).scalar_one()
        first = connection.execute(text("SELECT coalesce(max(id), 0) + 1 FROM voucher")).scalar_one()
        at = connection.execute(
            text(
                "SELECT g.partner_id FROM bench_person p JOIN grant_held g ON g.user_id = p.id"
                " WHERE p.n < :most ORDER BY p.n"
            ),
            {"most": COUNTERS},
        ).scalars().all()  # fmt: skip
        holders = connection.execute(
            text("SELECT id, area_path FROM account WHERE id IN (SELECT id FROM bench_person WHERE n >= :most) ORDER BY id"),
            {"most": COUNTERS},
        ).all()  # fmt: skip
        rows, postings = [], []
        month = f"{now.year + 2}-{now.month:02}"
        for n, (public, nonce) in enumerate(shown):
            holder, path = holders[n % len(holders)]
            rows.append(
                {
                    "id": first + n, "public": public.hex(), "offer_id": offer, "partner_id": at[n % COUNTERS],
                    "volunteer_id": holder, "area_path": path, "title": "凉茶一壶", "points": 10, "value_cents": 800,
                    "state": "claimed", "claimed_at": now, "expires_on": clock.today() + timedelta(days=90),
                    "armed_until": now + timedelta(minutes=30), "nonce": nonce,
                }
            )  # fmt: skip
            same = {
                "line": 0, "amount": 10, "at": now, "on": clock.today(), "volunteer_id": holder,
                "area_path": path, "why": {"title": "凉茶一壶"},
            }  # fmt: skip
            purse = f"volunteer:{holder}:{month}"
            postings.append(
                {
                    **same,
                    "key": f"bench:{first + n}",
                    "move": "award",
                    "source": "programme:issued",
                    "target": purse,
                }
            )
            postings.append(
                {
                    **same,
                    "key": f"claim:{first + n}",
                    "move": "claim",
                    "source": purse,
                    "target": f"held:{first + n}",
                }
            )
        connection.execute(insert(tables["voucher"]), rows)
        connection.execute(insert(tables["ledger_posting"]), postings)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('voucher_id_seq', (SELECT max(id) FROM voucher))"))
    filling.settle(engine)
    return Shelf(first, shown)


def over_http(port: int, engine: Engine, count: int = COUNT) -> crowd.Run:
    """Redeem them all over HTTP, sixty-four counters at once."""
    keyring, there = Keyring.of(stand.SECRET), shelf(engine, count)

    def make(n: int) -> bytes:
        code = codes.qr_code(keyring, *there.shown[n])
        body = json.dumps({"code": code, "scan": f"{there.first}-{n}"}).encode()
        return crowd.post("/api/v1/redemptions", body, filling.token(n % COUNTERS))

    run = crowd.send(port, make, count)
    assert run.statuses == {201: count}, run.statuses
    with engine.connect() as connection:
        done = connection.execute(
            text("SELECT count(*) FROM voucher WHERE id >= :first AND state = 'redeemed'"),
            {"first": there.first},
        ).scalar_one()
    assert done == count, done
    return run


def yardstick(address: str, engine: Engine, count: int = COUNT) -> float:
    """Redeem them all by the function in the database and return transactions a second."""
    there = shelf(engine, count)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER SEQUENCE bench_redeem RESTART WITH {there.first}"))
    script = f"SELECT bench_redeem(nextval('bench_redeem'), {there.first}, {COUNTERS});\n"
    return checkin.pgbench(address, {"redeem": script}, count * 9 // 10)
