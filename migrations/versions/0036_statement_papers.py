"""What the check code of a printed statement stands for.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "statement_paper"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("value_cents", NUMBER, nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f(f"fk_{TABLE}_partner_id")),
        sa.PrimaryKeyConstraint("code", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(op.f(f"ix_{TABLE}_partner_id"), TABLE, ["partner_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
