"""The calendar: series that end, days changed by themselves, secret addresses, and news by text message and mail.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
CHANNEL = "channel IN ('sms', 'mail')"


def upgrade() -> None:
    op.add_column(
        "service_series", sa.Column("ending", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("service_day", sa.Column("edited", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("service_day", sa.Column("revision", NUMBER, server_default="0", nullable=False))
    op.add_column("service_day", sa.Column("revised_at", MOMENT, nullable=True))
    op.create_table(
        "calendar_link",
        sa.Column("user_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_calendar_link_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_link")),
    )
    op.create_table(
        "notice_choice",
        sa.Column("user_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_notice_choice_channel")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_notice_choice_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", "channel", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "mail_address",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.String(160), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_mail_address_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_address")),
        sa.UniqueConstraint("user_id", name=op.f("uq_mail_address_user_id")),
    )
    op.create_table(
        "notice_outgoing",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("link", sa.String(200), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(60), nullable=True),
        sa.CheckConstraint(CHANNEL, name=op.f("ck_notice_outgoing_channel")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')",
            name=op.f("ck_notice_outgoing_state"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_notice_outgoing_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_outgoing")),
        sa.UniqueConstraint("user_id", "key", "channel", name=op.f("uq_notice_outgoing_user_id_key_channel")),
    )
    op.create_index(
        "ix_notice_outgoing_waiting",
        "notice_outgoing",
        ["due_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    for table in ("notice_outgoing", "mail_address", "notice_choice"):
        op.drop_table(table)
    op.drop_table("calendar_link")
    op.drop_column("service_day", "revised_at")
    op.drop_column("service_day", "revision")
    op.drop_column("service_day", "edited")
    op.drop_column("service_series", "ending")
