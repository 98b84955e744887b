"""A month that two people have closed takes no more rows; the blocks of a sealed day are kept.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "ledger_sealed_block"
SQLITE = """CREATE TRIGGER ledger_posting_closed AFTER INSERT ON ledger_posting BEGIN
  SELECT RAISE(ABORT, 'ledger.month_closed') FROM month_close
    WHERE month = (SELECT max(month) FROM month_close)
    AND (NEW.id <= last_id OR NEW.at < datetime(month || '-01', '+1 month', '-8 hours'));
END"""
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION liyu_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7135001);
  IF EXISTS (
    SELECT 1 FROM month_close WHERE month = (SELECT max(month) FROM month_close)
    AND (NEW.id <= last_id OR NEW.at < ((month || '-01')::timestamp + interval '1 month') AT TIME ZONE 'Asia/Shanghai')
  ) THEN
    RAISE EXCEPTION 'ledger.month_closed' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$""",
    "CREATE TRIGGER ledger_posting_closed BEFORE INSERT ON ledger_posting "
    "FOR EACH ROW EXECUTE FUNCTION liyu_refuse_closed()",
)


def upgrade() -> None:
    for statement in (SQLITE,) if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.DDL(statement.replace("%", "%%")))
    op.create_table(
        TABLE,
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("nth", NUMBER, nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["on"], ["ledger_seal.on"], name=op.f(f"fk_{TABLE}_on")),
        sa.PrimaryKeyConstraint("on", "nth", name=op.f(f"pk_{TABLE}")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ledger_posting_closed")
    else:
        op.execute("DROP TRIGGER ledger_posting_closed ON ledger_posting")
        op.execute("DROP FUNCTION liyu_refuse_closed()")
