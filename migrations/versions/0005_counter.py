"""What the counter and the books hold back.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("voucher", sa.Column("undone_at", MOMENT, nullable=True))
    op.create_table(
        "voucher_dispute",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("voucher_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("redeemed_at", MOMENT, nullable=False),
        sa.Column("redeemed_by", NUMBER, nullable=False),
        sa.Column("said", sa.String(200), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'asked', 'upheld', 'dismissed')", name=op.f("ck_voucher_dispute_state")
        ),
        sa.CheckConstraint(
            "(state IN ('upheld', 'dismissed')) = (decided_at IS NOT NULL)",
            name=op.f("ck_voucher_dispute_decided_at"),
        ),
        sa.CheckConstraint(
            "asked_by IS NULL OR decided_by IS NULL OR asked_by <> decided_by",
            name=op.f("ck_voucher_dispute_four_eyes"),
        ),
        *_refers("voucher_dispute", voucher_id="voucher", partner_id="partner", volunteer_id="account"),
        *_refers("voucher_dispute", redeemed_by="account", asked_by="account", decided_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_dispute")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_voucher_dispute_voucher_id")),
    )
    op.create_index("ix_voucher_dispute_state_id", "voucher_dispute", ["state", "id"])
    op.create_table(
        "claw_back",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("voucher_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("statement_id", NUMBER, nullable=True),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("value_cents", NUMBER, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("approved_by", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("approved_by <> asked_by", name=op.f("ck_claw_back_four_eyes")),
        *_refers("claw_back", voucher_id="voucher", partner_id="partner", statement_id="statement"),
        *_refers("claw_back", asked_by="account", approved_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claw_back")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_claw_back_voucher_id")),
    )
    op.create_index("ix_claw_back_partner_id_statement_id", "claw_back", ["partner_id", "statement_id"])
    op.create_index(op.f("ix_claw_back_statement_id"), "claw_back", ["statement_id"])


def downgrade() -> None:
    op.drop_table("claw_back")
    op.drop_table("voucher_dispute")
    op.drop_column("voucher", "undone_at")


def _refers(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]
