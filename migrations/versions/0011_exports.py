"""Long lists leave when two agree.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "state": "state IN ('open', 'approved', 'refused')",
    "decided_at": "(state = 'open') = (decided_at IS NULL)",
    "decided_by": "(decided_at IS NULL) = (decided_by IS NULL)",
    "four_eyes": "decided_by IS NULL OR decided_by <> asked_by",
}


def upgrade() -> None:
    op.create_table(
        "export_request",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("fields", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("right_needed", sa.String(40), nullable=False),
        sa.Column("row_count", NUMBER, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *[
            sa.CheckConstraint(condition, name=op.f(f"ck_export_request_{name}"))
            for name, condition in CHECKS.items()
        ],
        *[
            sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_export_request_{column}"))
            for column in ("asked_by", "decided_by")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    op.create_index(
        "uq_export_request_open_asked_by_what",
        "export_request",
        ["asked_by", "what"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_export_request_state_area_path", "export_request", ["state", "area_path"])


def downgrade() -> None:
    op.drop_table("export_request")
