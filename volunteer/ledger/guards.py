"""What the database itself refuses and keeps, on both engines: append-only rows, balances that follow postings, and
months that stay as they were closed.

The statements run when tables are made (tests) and from the migrations (everywhere else); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import DDL, Connection, MetaData, Table, event

APPEND_ONLY = {
    "ledger_posting": ("id = NEW.id", "key = NEW.key AND line = NEW.line", "reverses_id = NEW.reverses_id"),
    "ledger_seal": ('"on" = NEW."on"',),
    "month_close": ("month = NEW.month",),
    "event": ("id = NEW.id",),
    "audit_seal": ("seq = NEW.seq",),
}

#: Addresses that keep no balance row: two volunteers must never wait for one another there.
UNKEPT = "programme:"

#: What both engines say when a row would be booked into a month that two people have closed.
MONTH_CLOSED = "ledger.month_closed"
#: Whoever writes a posting holds this until the end; a month is closed by whoever has it alone.
CLOSING_LOCK = 7_135_001


def sqlite(table: str) -> Iterator[str]:
    """Triggers against UPDATE, DELETE and the REPLACE that would slip past both."""
    clash = " OR ".join(f"({one})" for one in APPEND_ONLY[table])
    yield f"CREATE TRIGGER {table}_u BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    yield f"CREATE TRIGGER {table}_d BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    yield (
        f"CREATE TRIGGER {table}_i BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {clash}) "
        "BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END"
    )
    if table == "ledger_posting":
        yield f"""CREATE TRIGGER ledger_posting_balance AFTER INSERT ON ledger_posting BEGIN
  UPDATE ledger_balance SET amount = amount - NEW.amount WHERE address = NEW.source;
  SELECT RAISE(ABORT, 'CHECK constraint failed: ck_ledger_balance_floor')
    WHERE NEW.source NOT LIKE '{UNKEPT}%' AND NOT EXISTS (SELECT 1 FROM ledger_balance WHERE address = NEW.source);
  INSERT INTO ledger_balance (address, amount) SELECT NEW.target, NEW.amount WHERE NEW.target NOT LIKE '{UNKEPT}%'
    ON CONFLICT (address) DO UPDATE SET amount = amount + excluded.amount;
END"""
        # After, not before: only then does SQLite know the number of the row. Midnight in Shanghai is 16:00 in UTC.
        yield f"""CREATE TRIGGER ledger_posting_closed AFTER INSERT ON ledger_posting BEGIN
  SELECT RAISE(ABORT, '{MONTH_CLOSED}') FROM month_close
    WHERE month = (SELECT max(month) FROM month_close)
    AND (NEW.id <= last_id OR NEW.at < datetime(month || '-01', '+1 month', '-8 hours'));
END"""


def postgresql(table: str) -> Iterator[str]:
    """The same with TRUNCATE, enabled even for a replica role."""
    # Said for each table: which of them is made first is not ours to say.
    yield """CREATE OR REPLACE FUNCTION liyu_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23514'; END $$"""
    yield (
        f"CREATE TRIGGER {table}_ud BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION liyu_forbid()"
    )
    yield f"CREATE TRIGGER {table}_t BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_ud"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_t"
    if table == "ledger_posting":
        yield f"""CREATE OR REPLACE FUNCTION liyu_move_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.source NOT LIKE '{UNKEPT}%' THEN
    UPDATE ledger_balance SET amount = amount - NEW.amount WHERE address = NEW.source;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'ck_ledger_balance_floor' USING ERRCODE = '23514';
    END IF;
  END IF;
  IF NEW.target NOT LIKE '{UNKEPT}%' THEN
    INSERT INTO ledger_balance (address, amount) VALUES (NEW.target, NEW.amount)
      ON CONFLICT (address) DO UPDATE SET amount = ledger_balance.amount + excluded.amount;
  END IF;
  RETURN NULL;
END $$"""
        yield (
            "CREATE TRIGGER ledger_posting_balance AFTER INSERT ON ledger_posting "
            "FOR EACH ROW EXECUTE FUNCTION liyu_move_balance()"
        )
        yield f"""CREATE OR REPLACE FUNCTION liyu_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared({CLOSING_LOCK});
  IF EXISTS (
    SELECT 1 FROM month_close WHERE month = (SELECT max(month) FROM month_close)
    AND (NEW.id <= last_id OR NEW.at < ((month || '-01')::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
  ) THEN
    RAISE EXCEPTION '{MONTH_CLOSED}' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$"""
        yield (
            "CREATE TRIGGER ledger_posting_closed BEFORE INSERT ON ledger_posting "
            "FOR EACH ROW EXECUTE FUNCTION liyu_refuse_closed()"
        )


def statements(dialect: str, table: str) -> list[str]:
    """Return the guard statements of one table for "sqlite" or "postgresql"."""
    return list(sqlite(table) if dialect == "sqlite" else postgresql(table))


def names(dialect: str) -> set[str]:
    """Return the names of every guard there must be."""
    made = (statement.split() for table in APPEND_ONLY for statement in statements(dialect, table))
    return {words[2] for words in made if words[:2] == ["CREATE", "TRIGGER"]}


def install(metadata: MetaData) -> None:
    """Have `create_all` make the guards together with the tables."""
    for name in APPEND_ONLY:
        event.listen(metadata.tables[name], "after_create", _make)


def _make(table: Table, connection: Connection, **_: object) -> None:
    for statement in statements(connection.dialect.name, table.name):
        connection.execute(DDL(statement.replace("%", "%%")))
