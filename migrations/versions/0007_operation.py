"""Switches of operation.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_to_writing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_closed_to_writing_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_to_writing")),
    )


def downgrade() -> None:
    op.drop_table("closed_to_writing")
