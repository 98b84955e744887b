"""Statements: what becomes of an agreed one (paid outside, or circulated to the partner's own volunteers). Seals: a tree
of hashes over each day, so that one row can be shown to be inside. Months closed
by two people, append-only.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")

STATEMENT = {
    "state": "state IN ('draft', 'confirmed', 'agreed', 'paid', 'circulated')",
    "signed": "state NOT IN ('agreed', 'paid', 'circulated') OR (confirmed_by IS NOT NULL AND agreed_by IS NOT NULL)",
    "ended": "(state IN ('paid', 'circulated')) = (ended_at IS NOT NULL)",
    "ended_by": "(ended_at IS NULL) = (ended_by IS NULL) AND (state = 'paid') = (reference IS NOT NULL)",
    "nothing_below_zero_is_paid": "ended_at IS NULL OR points > 0",
    "carried": "carried_into IS NULL OR (points < 0 AND carried_into <> id)",
}
CIRCULATION = {
    "state": "state IN ('open', 'done', 'refused')",
    "percent": "percent BETWEEN 1 AND 50",
    "share_of_statement": "points > 0 AND points * 100 <= statement_points * percent",
    "decided_by": "(state = 'open') = (decided_by IS NULL)",
    "decided_at": "(decided_by IS NULL) = (decided_at IS NULL)",
    "four_eyes": "decided_by IS NULL OR decided_by <> proposed_by",
}
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER month_close_u BEFORE UPDATE ON month_close BEGIN SELECT RAISE(ABORT, 'append-only'); END",
        "CREATE TRIGGER month_close_d BEFORE DELETE ON month_close BEGIN SELECT RAISE(ABORT, 'append-only'); END",
        "CREATE TRIGGER month_close_i BEFORE INSERT ON month_close WHEN EXISTS (SELECT 1 FROM month_close WHERE (month = NEW.month)) "
        "BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END",
    ),
    "postgresql": (
        "CREATE TRIGGER month_close_ud BEFORE UPDATE OR DELETE ON month_close FOR EACH ROW EXECUTE FUNCTION liyu_forbid()",
        "CREATE TRIGGER month_close_t BEFORE TRUNCATE ON month_close FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()",
        "ALTER TABLE month_close ENABLE ALWAYS TRIGGER month_close_ud",
        "ALTER TABLE month_close ENABLE ALWAYS TRIGGER month_close_t",
    ),
}


def upgrade() -> None:
    with op.batch_alter_table("statement") as table:
        table.add_column(sa.Column("ended_by", NUMBER, nullable=True))
        table.add_column(sa.Column("ended_at", MOMENT, nullable=True))
        table.add_column(sa.Column("reference", sa.String(100), nullable=True))
        table.add_column(sa.Column("carried_into", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_statement_ended_by"), "account", ["ended_by"], ["id"])
        table.create_foreign_key(op.f("fk_statement_carried_into"), "statement", ["carried_into"], ["id"])
        table.drop_constraint(op.f("ck_statement_state"), type_="check")
        for name, rule in STATEMENT.items():
            table.create_check_constraint(op.f(f"ck_statement_{name}"), rule)
    op.create_index(op.f("ix_statement_carried_into"), "statement", ["carried_into"])
    op.create_table(
        "circulation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("statement_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("statement_points", NUMBER, nullable=False),
        sa.Column("percent", NUMBER, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("proposed_by", NUMBER, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_circulation_{name}"))
            for name, rule in CIRCULATION.items()
        ),
        *_points_at(
            "circulation",
            statement_id="statement",
            partner_id="partner",
            proposed_by="account",
            decided_by="account",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulation")),
    )
    live = sa.text("state <> 'refused'")
    op.create_index(
        "uq_circulation_live_statement_id",
        "circulation",
        ["statement_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "circulation_share",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("circulation_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.CheckConstraint("points > 0", name=op.f("ck_circulation_share_points")),
        *_points_at("circulation_share", circulation_id="circulation", volunteer_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circulation_share")),
        sa.UniqueConstraint(
            "circulation_id", "volunteer_id", name=op.f("uq_circulation_share_circulation_id_volunteer_id")
        ),
    )
    op.create_index(op.f("ix_circulation_share_volunteer_id"), "circulation_share", ["volunteer_id"])
    # Old seals stay as they are, version 1; the table keeps its triggers, so the columns are added one by one.
    op.add_column("ledger_seal", sa.Column("version", NUMBER, server_default="1", nullable=False))
    op.add_column("ledger_seal", sa.Column("root", sa.String(64), nullable=True))
    op.add_column("ledger_seal", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.create_table(
        "month_ask",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("allow_open", sa.Boolean(), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        *_points_at("month_ask", asked_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_ask")),
        sa.UniqueConstraint("month", name=op.f("uq_month_ask_month")),
    )
    op.create_table(
        "month_close",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("key_id", NUMBER, nullable=False),
        sa.Column("public_key", sa.String(60), nullable=False),
        sa.Column("signature", sa.String(120), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("approved_by", NUMBER, nullable=False),
        sa.CheckConstraint("approved_by <> made_by", name=op.f("ck_month_close_four_eyes")),
        *_points_at("month_close", made_by="account", approved_by="account"),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_close")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(sa.DDL(statement))


def downgrade() -> None:
    op.drop_table("month_close")
    op.drop_table("month_ask")
    # A day sealed in the newer way stays sealed; the older code finds that it does not fit and says so.
    for column in ("salt", "root", "version"):
        op.drop_column("ledger_seal", column)
    op.drop_table("circulation_share")
    op.drop_table("circulation")
    # What was paid or circulated is agreed, and settled, in the older table as well.
    op.execute(
        "UPDATE statement SET state = 'agreed', ended_at = NULL, ended_by = NULL, reference = NULL WHERE ended_at IS NOT NULL"
    )
    op.drop_index(op.f("ix_statement_carried_into"), "statement")
    with op.batch_alter_table("statement") as table:
        for name in STATEMENT:
            table.drop_constraint(op.f(f"ck_statement_{name}"), type_="check")
        table.drop_constraint(op.f("fk_statement_carried_into"), type_="foreignkey")
        table.drop_constraint(op.f("fk_statement_ended_by"), type_="foreignkey")
        for column in ("carried_into", "reference", "ended_at", "ended_by"):
            table.drop_column(column)
        table.create_check_constraint(op.f("ck_statement_state"), "state IN ('draft', 'confirmed', 'agreed')")


def _points_at(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
