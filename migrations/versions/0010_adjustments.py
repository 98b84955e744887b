"""Points by hand, by two people.

Revision ID: 0010
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "points_adjustment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("evidence", sa.String(500), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *_checks(
            points="points <> 0 AND points BETWEEN -1000 AND 1000",
            state="state IN ('open', 'done', 'refused')",
            decided_at="(state = 'open') = (decided_at IS NULL)",
            decided_by="(decided_at IS NULL) = (decided_by IS NULL)",
            four_eyes="decided_by IS NULL OR decided_by <> asked_by",
            not_ones_own="asked_by <> volunteer_id AND (decided_by IS NULL OR decided_by <> volunteer_id)",
        ),
        *[
            sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_points_adjustment_{column}"))
            for column in ("volunteer_id", "asked_by", "decided_by")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_adjustment")),
    )
    op.create_index("ix_points_adjustment_state_area_path", "points_adjustment", ["state", "area_path"])
    op.create_index(op.f("ix_points_adjustment_volunteer_id"), "points_adjustment", ["volunteer_id"])
    op.create_index(
        "uq_points_adjustment_open_volunteer_id",
        "points_adjustment",
        ["volunteer_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("points_adjustment")


def _checks(**conditions: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_points_adjustment_{name}"))
        for name, condition in conditions.items()
    ]
