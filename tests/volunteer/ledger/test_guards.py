"""What the database itself refuses: rows of the books are added and never touched again, on both engines."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from volunteer import chain, events, ledger
from volunteer.clock import now
from volunteer.ledger import guards

COLUMNS = {
    "ledger_posting": "id, key, line, move, source, target, amount, at, {on}, volunteer_id, area_path, why, reverses_id",
    "ledger_seal": "{on}, last_id, postings, head, sealed_at",
    "month_close": "month, last_id, head, summary, key_id, public_key, signature, closed_at, made_by, approved_by",
    "event": "id, at, kind, actor_id, about, within, whom, facts, request_id",
    "audit_seal": "seq, stream, last_id, rows, marks, previous, head, sealed_at",
}


@pytest.fixture
def books(here, xiaoman, daming, earn, clock, db):
    """One row in each guarded table."""
    earn(xiaoman, 18)
    ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={})
    earn(xiaoman, 10, "record:2")
    events.record(events.KINDS["accounts.Registered"](**_facts("accounts.Registered")))
    clock.move("2026-03-08 01:00")
    ledger.seal(date(2026, 3, 7))
    made = ledger.closing.MonthClose(
        month="2026-02", last_id=0, head="0" * 64, summary="{}", key_id=1, public_key="", signature="", closed_at=now(),
        made_by=xiaoman.id, approved_by=daming.id,
    )  # fmt: skip
    db.session.add(made)
    with here.outside():
        chain.seal()
    return here


def _facts(kind):
    fields = events.KINDS[kind].__dataclass_fields__
    return {name: 1 if "int" in str(field.type) else "" for name, field in fields.items()}


def refused(books, db, statement, **values):
    with pytest.raises(IntegrityError, match="append-only"):
        db.session.execute(text(statement), values)
    books.undo()


@pytest.mark.parametrize("table", sorted(guards.APPEND_ONLY))
def test_rows_are_neither_changed_nor_taken_away(books, db, table):
    """T34, S30."""
    first = COLUMNS[table].split(",")[0].format(on='"on"')
    before = db.session.execute(text(f"SELECT * FROM {table}")).all()
    assert before
    refused(books, db, f"UPDATE {table} SET {first} = {first}")
    refused(books, db, f"DELETE FROM {table}")
    assert db.session.execute(text(f"SELECT * FROM {table}")).all() == before


@pytest.mark.parametrize("table", sorted(guards.APPEND_ONLY))
def test_nothing_slips_past_as_a_replacement(books, db, engine, table):
    """T34: sQLite's INSERT OR REPLACE would delete silently; PostgreSQL's ON CONFLICT DO UPDATE is an update."""
    columns = COLUMNS[table].format(on='"on"')
    if engine.name == "sqlite":
        refused(books, db, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
        refused(books, db, f"REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1")
        refused(books, db, f"UPDATE OR REPLACE {table} SET rowid = rowid")
    else:
        first = columns.split(",")[0]
        refused(
            books,
            db,
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1 "
            f"ON CONFLICT ({first}) DO UPDATE SET {first} = excluded.{first}",
        )


@pytest.mark.parametrize(
    ("row", "where"),
    [("key, line, 9000", "id = 1"), ("'other', 0, 9000", "reverses_id IS NOT NULL")],
)
def test_a_replacement_under_another_number_is_refused_too(books, db, engine, row, where):
    """T34."""
    rest = 'move, source, target, amount, at, "on", volunteer_id, area_path, why, reverses_id'
    how = "INSERT OR REPLACE" if engine.name == "sqlite" else "INSERT"
    clash = "(key, line)" if "key" in row else "(reverses_id)"
    instead = "" if engine.name == "sqlite" else f" ON CONFLICT {clash} DO UPDATE SET amount = 1"
    refused(
        books,
        db,
        f"{how} INTO ledger_posting (key, line, id, {rest}) "
        f"SELECT {row}, {rest} FROM ledger_posting WHERE {where}{instead}",
    )


@pytest.mark.parametrize("only", ["the insert guard", "recursive triggers"])
def test_on_sqlite_either_of_two_guards_alone_stops_a_replacement(books, db, engine, only):
    if engine.name != "sqlite":
        return
    rest = 'move, source, target, amount, at, "on", volunteer_id, area_path, why, reverses_id'
    replacements = [
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1" for table in guards.APPEND_ONLY
    ] + [
        f"INSERT OR REPLACE INTO ledger_posting (key, line, id, {rest}) SELECT {row}, {rest} FROM ledger_posting {where}"
        for row, where in [
            ("key, line, 9000", "LIMIT 1"),
            ("'other', 0, 9000", "WHERE reverses_id IS NOT NULL"),
        ]
    ]
    for statement in replacements:
        if only == "the insert guard":
            db.session.execute(text("PRAGMA recursive_triggers = OFF"))
        else:
            for table in guards.APPEND_ONLY:
                db.session.execute(text(f"DROP TRIGGER {table}_i"))
        refused(books, db, statement)
        db.session.execute(text("PRAGMA recursive_triggers = ON"))


@pytest.mark.parametrize("table", sorted(guards.APPEND_ONLY))
def test_a_table_is_not_emptied_at_a_stroke(books, db, engine, table):
    """T34."""
    if engine.name == "sqlite":
        refused(
            books, db, f"DELETE FROM {table} WHERE 1"
        )  # there is no TRUNCATE; an unconditional DELETE is one
        return
    refused(books, db, f"TRUNCATE {table} CASCADE")
    # Enabled even for a replica's role, which silences ordinary triggers.
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    refused(books, db, f"TRUNCATE {table} CASCADE")
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    refused(books, db, f"DELETE FROM {table}")


def test_the_guards_are_named_and_there(books, db, engine):
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    assert guards.names(engine.name) <= set(db.session.scalars(text(listed)))


def test_each_guard_is_said_for_both_engines():
    for engine in ("sqlite", "postgresql"):
        for table in guards.APPEND_ONLY:
            said = " ".join(guards.statements(engine, table))
            assert re.search(rf"BEFORE UPDATE.* ON {table}", said)
            assert "DELETE" in said


def test_balances_follow_the_posting_in_the_same_statement(books, db, xiaoman):
    """A balance that disagrees cannot be written through the books: whoever adds a posting moves it."""
    purse = f"volunteer:{xiaoman.id}:2028-03"
    for amount, kept in [(4, 6), (6, 0)]:
        db.session.execute(
            text(
                'INSERT INTO ledger_posting (key, line, move, source, target, amount, at, "on", volunteer_id, why) '
                "VALUES (:key, 0, 'claim', :purse, 'held:1', :amount, '2026-03-08 01:00:00', '2026-03-08', :who, '{}')"
            ),
            {"key": f"by hand {amount}", "purse": purse, "amount": amount, "who": xiaoman.id},
        )
        assert ledger.at(purse) == kept
    assert ledger.at("held:1") == 10
    with pytest.raises(IntegrityError, match="ck_ledger_balance_floor"):
        db.session.execute(
            text(
                'INSERT INTO ledger_posting (key, line, move, source, target, amount, at, "on", volunteer_id, why) '
                "VALUES ('over', 0, 'claim', :purse, 'held:1', 1, '2026-03-08 01:00:00', '2026-03-08', :who, '{}')"
            ),
            {"purse": purse, "who": xiaoman.id},
        )
