"""What a partner says is wrong with a statement before it confirms it, and what the office answered.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
TABLE = "statement_objection"
POINTS_AT = {
    "statement_id": "statement", "voucher_id": "voucher", "partner_id": "partner", "said_by": "account",
    "answered_by": "account",
}  # fmt: skip
RULES = {
    "state": "state IN ('open', 'stands', 'changed', 'gone')",
    "answered": "(state = 'open') = (answered_at IS NULL)",
    "answered_by": "(state IN ('stands', 'changed')) = (answered_by IS NOT NULL AND answer IS NOT NULL)",
    "four_eyes": "answered_by IS NULL OR answered_by <> said_by",
}
ONE_OPEN = {
    "open_line": ("voucher_id", "state = 'open' AND voucher_id IS NOT NULL"),
    "open_missing": ("statement_id", "state = 'open' AND voucher_id IS NULL"),
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("statement_id", NUMBER, nullable=False),
        sa.Column("voucher_id", NUMBER, nullable=True),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("said", sa.String(200), nullable=False),
        sa.Column("said_by", NUMBER, nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("answer", sa.String(200), nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{TABLE}_{column}"))
            for column, other in POINTS_AT.items()
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}")) for name, rule in RULES.items()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f(f"ix_{TABLE}_statement_id"), TABLE, ["statement_id"])
    for name, (column, where) in ONE_OPEN.items():
        op.create_index(
            f"uq_{TABLE}_{name}",
            TABLE,
            [column],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    op.drop_table(TABLE)
