"""For people without a phone: printed volunteer cards, and family who act for somebody.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "volunteer_card",
        _number("id"),
        _number("volunteer_id"),
        _number("revision"),
        sa.Column("until", sa.Date(), nullable=False),
        _number("made_by"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _number("ended_by", empty=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (reason IS NULL)", name=op.f("ck_volunteer_card_ended")),
        _to("volunteer_card", "volunteer_id", "account.id"),
        _to("volunteer_card", "made_by", "account.id"),
        _to("volunteer_card", "ended_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_card")),
    )
    op.create_index("ix_volunteer_card_volunteer_id", "volunteer_card", ["volunteer_id"])
    living = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_volunteer_card_living",
        "volunteer_card",
        ["volunteer_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )


def downgrade() -> None:
    op.drop_table("volunteer_card")


def _number(name: str, *, empty: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=empty)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
