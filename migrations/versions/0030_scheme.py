"""What a street says of its scheme.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
POINTS_AT = {"area_id": "area", "changed_by": "account"}


def upgrade() -> None:
    op.create_table(
        "courtesy_scheme",
        sa.Column("area_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("about", sa.String(600), nullable=False),
        sa.Column("contact", sa.String(120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", NUMBER, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_courtesy_scheme_{column}"))
            for column, table in POINTS_AT.items()
        ),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_courtesy_scheme")),
    )


def downgrade() -> None:
    op.drop_table("courtesy_scheme")
