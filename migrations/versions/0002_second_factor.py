"""A second factor, step-up and quieter sign-in.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("sample", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_in", sa.Column("proved_at", _moment, nullable=True))
    op.add_column("sign_in", sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_in", sa.Column("renew", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "second_factor",
        sa.Column("id", _id, nullable=False),
        sa.Column("user_id", _id, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", _moment, nullable=False),
        sa.Column("confirmed_at", _moment, nullable=True),
        sa.Column("last_step", _id, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_second_factor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factor_user_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", _id, nullable=False),
        sa.Column("user_id", _id, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", _moment, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_recovery_code_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_code_user_id_code_hash")),
    )
    op.create_table(
        "welcome_link",
        sa.Column("id", _id, nullable=False),
        sa.Column("user_id", _id, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("used_at", _moment, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_welcome_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_welcome_link_token_hash")),
    )
    op.create_index(op.f("ix_welcome_link_user_id"), "welcome_link", ["user_id"])
    op.create_table(
        "account_proposal",
        sa.Column("id", _id, nullable=False),
        sa.Column("user_id", _id, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=True),
        sa.Column("area_id", _id, nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", _id, nullable=False),
        sa.Column("asked_at", _moment, nullable=False),
        sa.Column("decided_by", _id, nullable=True),
        sa.Column("decided_at", _moment, nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.CheckConstraint("act IN ('role', 'factor_reset')", name=op.f("ck_account_proposal_act")),
        sa.CheckConstraint(
            "outcome IN ('open', 'done', 'refused')", name=op.f("ck_account_proposal_outcome")
        ),
        sa.CheckConstraint("asked_by <> user_id", name=op.f("ck_account_proposal_not_for_oneself")),
        sa.CheckConstraint(
            "decided_by <> asked_by AND decided_by <> user_id", name=op.f("ck_account_proposal_four_eyes")
        ),
        sa.CheckConstraint(
            "(outcome = 'open') = (decided_by IS NULL)", name=op.f("ck_account_proposal_decided")
        ),
        sa.CheckConstraint(
            "act <> 'role' OR (role IS NOT NULL AND area_id IS NOT NULL)",
            name=op.f("ck_account_proposal_names_the_role"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_account_proposal_area_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_account_proposal_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_account_proposal_decided_by")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_account_proposal_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_proposal")),
    )
    op.create_index(op.f("ix_account_proposal_user_id"), "account_proposal", ["user_id"])
    is_open = sa.text("outcome = 'open'")
    op.create_index(
        "uq_account_proposal_open",
        "account_proposal",
        ["user_id", "act"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    for table in ("account_proposal", "welcome_link", "recovery_code", "second_factor"):
        op.drop_table(table)
    for table, columns in (("sign_in", ("renew", "waiting", "proved_at")), ("account", ("sample",))):
        for column in columns:
            op.drop_column(table, column)
