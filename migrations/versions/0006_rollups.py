"""Figures kept by the night.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _int() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _path() -> Any:
    return sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "account_month",
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("people", _int(), nullable=False),
        sa.PrimaryKeyConstraint("area_path", "month", name=op.f("pk_account_month")),
    )
    op.create_table(
        "account_redo",
        sa.Column("id", _int(), nullable=False),
        sa.Column("user_id", _int(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_redo")),
    )
    op.create_table(
        "account_rolled",
        sa.Column("id", _int(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_rolled")),
    )
    op.create_index("ix_account_registered_at", "account", ["registered_at"])
    op.create_index(
        "ix_service_day_review",
        "service_day",
        ["review"],
        sqlite_where=sa.text("review IS NOT NULL"),
        postgresql_where=sa.text("review IS NOT NULL"),
    )
    op.create_table(
        "hours_day",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("team_id", _int(), autoincrement=False, nullable=False),
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("records", _int(), nullable=False),
        sa.Column("minutes_a", _int(), nullable=False),
        sa.Column("minutes_b", _int(), nullable=False),
        sa.Column("minutes_c", _int(), nullable=False),
        sa.PrimaryKeyConstraint("on", "team_id", "area_path", name=op.f("pk_hours_day")),
    )
    op.create_table(
        "hours_month",
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("records", _int(), nullable=False),
        sa.Column("minutes_a", _int(), nullable=False),
        sa.Column("minutes_b", _int(), nullable=False),
        sa.Column("minutes_c", _int(), nullable=False),
        sa.Column("people", _int(), nullable=False),
        sa.PrimaryKeyConstraint("area_path", "month", name=op.f("pk_hours_month")),
    )
    op.create_table(
        "hours_redo",
        sa.Column("id", _int(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_redo")),
    )
    op.create_table(
        "hours_rolled",
        sa.Column("id", _int(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_rolled")),
    )
    op.create_table(
        "hours_span",
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("people", _int(), nullable=False),
        sa.PrimaryKeyConstraint("area_path", "first", "last", name=op.f("pk_hours_span")),
    )
    op.create_table(
        "hours_standing",
        sa.Column("board", sa.String(length=24), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("volunteer_id", _int(), autoincrement=False, nullable=False),
        sa.Column("place", _int(), nullable=False),
        sa.Column("minutes", _int(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("board", "season", "volunteer_id", name=op.f("pk_hours_standing")),
    )
    with op.batch_alter_table("hours_standing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hours_standing_board_season_place", ["board", "season", "place"], unique=False
        )
        batch_op.create_index("ix_hours_standing_volunteer_id", ["volunteer_id"], unique=False)

    op.create_table(
        "ledger_day",
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("amount", _int(), nullable=False),
        sa.PrimaryKeyConstraint("move", "on", "area_path", name=op.f("pk_ledger_day")),
    )
    op.create_table(
        "ledger_month",
        sa.Column("area_path", _path(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("amount", _int(), nullable=False),
        sa.PrimaryKeyConstraint("area_path", "month", "move", name=op.f("pk_ledger_month")),
    )
    op.create_table(
        "ledger_rolled",
        sa.Column("id", _int(), nullable=False),
        sa.Column("last_id", _int(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_rolled")),
    )


def downgrade() -> None:
    op.drop_table("ledger_rolled")
    op.drop_table("ledger_month")
    op.drop_table("ledger_day")
    op.drop_table("hours_standing")
    op.drop_table("hours_span")
    op.drop_table("hours_rolled")
    op.drop_table("hours_redo")
    op.drop_table("hours_month")
    op.drop_table("hours_day")
    op.drop_index("ix_service_day_review", "service_day")
    op.drop_index("ix_account_registered_at", "account")
    op.drop_table("account_rolled")
    op.drop_table("account_redo")
    op.drop_table("account_month")
