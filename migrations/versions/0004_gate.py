"""What the gate counts and asks.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("service_day", sa.Column("review", sa.String(12), nullable=True))
    op.add_column("attendance", sa.Column("device", sa.String(32), nullable=True))
    op.create_index(
        "ix_attendance_service_day_id_device",
        "attendance",
        ["service_day_id", "device"],
        sqlite_where=sa.text("device IS NOT NULL"),
        postgresql_where=sa.text("device IS NOT NULL"),
    )
    op.add_column("account", sa.Column("safe_phrase", sa.String(40), nullable=True))
    op.add_column("account", sa.Column("vouchers_frozen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("guardian", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "head_count",
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("people", NUMBER, nullable=False),
        sa.Column("came", NUMBER, nullable=False),
        sa.Column("counted_by", NUMBER, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_head_count_people")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_head_count_service_day_id")
        ),
        sa.ForeignKeyConstraint(["counted_by"], ["account.id"], name=op.f("fk_head_count_counted_by")),
        sa.PrimaryKeyConstraint("service_day_id", name=op.f("pk_head_count")),
    )
    op.create_table(
        "shared_phone",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("granted_by", NUMBER, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_shared_phone_service_day_id")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_shared_phone_volunteer_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["account.id"], name=op.f("fk_shared_phone_granted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_phone")),
        sa.UniqueConstraint(
            "service_day_id", "volunteer_id", name=op.f("uq_shared_phone_service_day_id_volunteer_id")
        ),
    )
    op.add_column("kept_scan", sa.Column("device_id", NUMBER, nullable=True))
    op.create_table(
        "device",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("owner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("team_id", NUMBER, nullable=True),
        sa.Column("partner_id", NUMBER, nullable=True),
        sa.Column("sign_in_id", NUMBER, nullable=True),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", NUMBER, nullable=True),
        sa.CheckConstraint("kind IN ('gate', 'counter')", name=op.f("ck_device_kind")),
        sa.CheckConstraint("team_id IS NULL OR partner_id IS NULL", name=op.f("ck_device_one_place")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_device_revoked")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_device_owner_id")),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"], name=op.f("fk_device_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("key_id", name=op.f("uq_device_key_id")),
    )
    op.create_index(op.f("ix_device_area_path"), "device", ["area_path"])
    op.create_index(op.f("ix_device_owner_id"), "device", ["owner_id"])
    op.create_index("ix_device_team_id", "device", ["team_id"])
    op.create_index("ix_device_partner_id", "device", ["partner_id"])


def downgrade() -> None:
    op.drop_table("device")
    op.drop_column("kept_scan", "device_id")
    op.drop_table("shared_phone")
    op.drop_table("head_count")
    op.drop_index("ix_attendance_service_day_id_device", table_name="attendance")
    op.drop_column("guardian", "withdrawn_at")
    op.drop_column("account", "vouchers_frozen_at")
    op.drop_column("account", "safe_phrase")
    op.drop_column("attendance", "device")
    op.drop_column("service_day", "review")
