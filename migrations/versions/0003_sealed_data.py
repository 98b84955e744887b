"""Keys of personal data by community.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("scope", PATH, nullable=False),
        sa.Column("kid", NUMBER, autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("encryptions", NUMBER, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kid BETWEEN 1 AND 255", name=op.f("ck_data_key_kid")),
        sa.CheckConstraint("encryptions >= 0", name=op.f("ck_data_key_encryptions")),
        sa.CheckConstraint(
            "wrapped IS NOT NULL OR retired_at IS NOT NULL", name=op.f("ck_data_key_destroyed")
        ),
        sa.PrimaryKeyConstraint("scope", "kid", name=op.f("pk_data_key")),
    )
    op.create_index(
        "uq_data_key_current",
        "data_key",
        ["scope"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("data_key")
