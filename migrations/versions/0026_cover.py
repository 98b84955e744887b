"""What people hold and what the shelves can take, night by night.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cover_day",
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("outstanding", NUMBER, nullable=False),
        sa.Column("funded", NUMBER, nullable=False),
        sa.CheckConstraint("outstanding >= 0 AND funded >= 0", name=op.f("ck_cover_day_points")),
        sa.PrimaryKeyConstraint("area_path", "on", name=op.f("pk_cover_day")),
    )


def downgrade() -> None:
    op.drop_table("cover_day")
