"""S30, T34: the trail and the books in one chain; whoever edits a row, also past every guard, is named."""

from __future__ import annotations

import os
import random
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Integer, LargeBinary, func, insert, select, text

from volunteer import accounts, chain, checkin, clock, service_days, timetable
from volunteer.chain import Block
from volunteer.db import db, transaction
from volunteer.events import Happened

EDITS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 40


@pytest.fixture
def written(
    here: Any, xiaoman: Any, daming: Any, day: Any, clock: Any, voucher: Any, give_points: Any
) -> None:
    """A day with two people in and out, points, a voucher; sealed in two blocks of each table."""
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    clock.move("2026-03-08 08:50")
    for n, person in enumerate((xiaoman, daming)):
        checkin.record(person, checkin.showing(day).code, f"in-{n}")
    with here.outside():
        assert chain.seal() > 10
    clock.move("2026-03-08 11:31")
    for n, person in enumerate((xiaoman, daming)):
        checkin.record(person, checkin.showing(day).code, f"out-{n}")
    with here.outside():
        assert chain.seal() > 3 and chain.seal() == 0
    assert chain.verify() == []


def free(table: str) -> None:
    """Take the guards of a table away, as the owner of the database can; the transaction that does is undone."""
    if db.engine.dialect.name == "sqlite":
        for suffix in "udi":
            db.session.execute(text(f"DROP TRIGGER {table}_{suffix}"))
        if table == "ledger_posting":
            db.session.execute(text("DROP TRIGGER ledger_posting_balance"))
    else:
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        db.session.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign keys either


def edited(column: Any, value: str, dice: random.Random) -> tuple[str, dict[str, Any]]:
    """An SQL expression for a value of which one byte is another."""
    if db.engine.dialect.name == "postgresql":
        kind = column.type.compile(db.engine.dialect)
        if isinstance(column.type, Integer) or "INT" in kind:
            return f'"{column.name}" + 1', {}
        if "TIMESTAMP" in kind:
            return f"\"{column.name}\" + interval '1 microsecond'", {}
        if kind == "DATE":
            return f'"{column.name}" + 1', {}
        if "BYTEA" in kind:
            return f'set_byte("{column.name}", 0, 255 - get_byte("{column.name}", 0))', {}
        if kind == "JSONB":
            return f'''"{column.name}" || '{{"x": 1}}' '''.strip(), {}
    if isinstance(column.type, LargeBinary):
        return f'randomblob(length("{column.name}"))', {}
    if value.lstrip("-").isdigit() and isinstance(column.type, Integer):
        return f'"{column.name}" + 1', {}
    place = dice.randrange(len(value))
    other = dice.choice([char for char in "abcXYZ019 " if char != value[place]])
    return ":new", {"new": value[:place] + other + value[place + 1 :]}


def test_any_byte_of_any_row_changed_past_the_guards_is_named(here, written):
    """T34, S30: over many random edits by the database's owner the first bad row is named, 0 missed."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice, done = random.Random(seed), 0
    places = [
        (stream, row_id)
        for stream in chain.STREAMS
        for row_id in db.session.scalars(select(db.metadata.tables[stream].c.id))
    ]
    while done < EDITS:
        stream, row_id = dice.choice(places)
        column = dice.choice([column for column in db.metadata.tables[stream].columns if column.name != "id"])
        here.undo()
        raw = db.session.execute(
            text(f'SELECT CAST("{column.name}" AS TEXT) FROM {stream} WHERE id = :id'), {"id": row_id}
        ).scalar()
        if not raw:
            continue
        free(stream)
        to, bound = edited(column, raw, dice)
        db.session.execute(
            text(f'UPDATE {stream} SET "{column.name}" = {to} WHERE id = :id'), {"id": row_id, **bound}
        )
        assert [(one.table, one.id) for one in chain.verify()] == [(stream, row_id)], (
            column.name,
            raw,
            bound,
        )
        done += 1
    here.undo()
    assert chain.verify() == []


def test_a_row_taken_away_or_slipped_in_is_named(here, written):
    """T34: a deleted row is missed; a row put in among those long sealed belongs to no block."""
    for stream in chain.STREAMS:
        first = db.session.scalar(select(func.min(db.metadata.tables[stream].c.id)))
        here.undo()
        free(stream)
        db.session.execute(text(f"DELETE FROM {stream} WHERE id = :id"), {"id": first})
        assert [(one.table, one.id) for one in chain.verify()] == [(stream, first)]
        here.undo()
    free("event")
    newest = db.session.scalar(select(func.max(Happened.id)))
    db.session.execute(
        insert(Happened).values(id=newest + 2 * chain.LATE_IDS, at=clock.now(), kind="teams.Left", facts={})
    )
    here.commit()
    with here.outside():
        chain.seal()
    db.session.execute(insert(Happened).values(id=newest + 50, at=clock.now(), kind="teams.Left", facts={}))
    assert [(one.table, one.id) for one in chain.verify()] == [("event", newest + 50)]


def test_a_block_that_is_edited_is_noticed(here, written):
    """T34: the chain's own rows, every column of them."""
    for seq in db.session.scalars(select(Block.seq)).all():
        for column in Block.__table__.columns:
            if column.name == "seq":
                continue
            here.undo()
            free("audit_seal")
            said = "'bytes'" if column.name == "marks" else f'CAST("{column.name}" AS TEXT)'
            raw = db.session.execute(
                text(f"SELECT {said} FROM audit_seal WHERE seq = :seq"), {"seq": seq}
            ).scalar()
            if column.name in ("previous", "head"):
                to, bound = ":new", {"new": ("0" if raw[0] != "0" else "1") + raw[1:]}
            elif column.name == "stream":
                to, bound = ":new", {"new": "event" if raw != "event" else "ledger_posting"}
            elif column.name == "sealed_at" and db.engine.dialect.name == "sqlite":
                to, bound = ":new", {"new": raw.replace("2026", "2025")}
            else:
                to, bound = edited(column, raw, random.Random(1))
            db.session.execute(
                text(f'UPDATE audit_seal SET "{column.name}" = {to} WHERE seq = :seq'), {"seq": seq, **bound}
            )
            db.session.expire_all()
            assert chain.verify() != [], (seq, column.name)
    here.undo()


def test_a_chain_made_anew_is_found_out_by_an_anchor(here, written, command):
    """T34, S30: who edits a row and seals everything again cannot make the head that was kept elsewhere."""
    kept = command("seal", "anchor").output.strip()
    assert command("seal", "verify", "--anchor", kept).exit_code == 0
    free("audit_seal")
    free("event")
    db.session.execute(text("DELETE FROM audit_seal"))
    db.session.execute(text("UPDATE event SET kind = 'teams.Left' WHERE id = 3"))
    here.commit()
    assert "rows sealed" in command("seal", "now").output
    assert command("seal", "verify").exit_code == 0  # in itself it holds
    told = command("seal", "verify", "--anchor", kept)
    assert told.exit_code == 2 and "BROKEN  audit_seal" in told.output
    assert '"ok": false' in command("seal", "verify", "--json", "--anchor", kept).output


def test_the_inspection_of_the_books_proves_the_chain(here, written, command):
    """S30: the nightly inspection names the row as well."""
    assert re.search(r"ok +0 +audit.chain", command("ledger", "inspect").output)
    free("event")
    db.session.execute(text("UPDATE event SET whom = 4242 WHERE id = 2"))
    here.commit()
    told = command("ledger", "inspect")
    assert told.exit_code == 1 and re.search(r"FAIL +1 +audit.chain.*\n +event 2\n", told.output)


def test_a_block_cannot_be_changed_or_taken_away(here, written):
    """S30: the chain's table is append-only like what it seals."""
    for statement in ("UPDATE audit_seal SET head = head", "DELETE FROM audit_seal"):
        with pytest.raises(Exception, match="append-only"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_everything_is_sealed_within_a_minute(here, xiaoman, clock):
    """S30: the timetable seals each minute; what waits longer shows in the lag."""
    here.commit()
    clock.pass_(seconds=59)
    assert chain.lag() == timedelta(seconds=59)
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["audit.seal"])
    assert chain.lag() == timedelta(0) and chain.anchor() is not None
    assert timetable.JOBS["audit.seal"].apart == timedelta(minutes=1)


def test_a_row_committed_late_is_sealed_with_the_next(app, here, xiaoman, outdoors):
    """S30: a slow transaction keeps its lower id out of the block until it is over, then it is in the chain."""
    here.commit()
    with here.outside():
        chain.seal()
    opened, go, sealed = threading.Event(), threading.Event(), []

    def slow() -> None:
        with app.app_context(), transaction():
            accounts.register(name="慢的人", phone="13500000001", home=accounts_home())
            db.session.flush()
            opened.set()
            go.wait(20)

    def accounts_home() -> Any:
        from volunteer import community

        return community.communities()[0]

    def quick() -> None:
        with app.app_context():
            sealed.append(chain.seal())

    with here.outside():
        first = threading.Thread(target=outdoors.copy().run, args=(slow,))
        first.start()
        assert opened.wait(20)
        if db.engine.dialect.name == "postgresql":
            with outdoors.copy().run(app.app_context), transaction():
                accounts.register(name="快的人", phone="13500000002", home=accounts_home())
        second = threading.Thread(target=outdoors.copy().run, args=(quick,))
        second.start()
        second.join(0.4)
        waited = second.is_alive()
        go.set()
        first.join()
        second.join()
        chain.seal()
    if db.engine.dialect.name == "postgresql":
        assert waited, "sealed although a lower id was still under way"
    assert chain.verify() == [] and chain.lag() == timedelta(0)
    assert sum(len(block.ids()) for block in db.session.scalars(select(Block))) == sum(
        db.session.scalar(select(func.count()).select_from(db.metadata.tables[stream]))
        for stream in chain.STREAMS
    )
