"""Parked scans are decided by the office.

Revision ID: 0008
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("kept_scan") as table:
        table.add_column(sa.Column("area_path", PATH, nullable=True))
        table.add_column(sa.Column("volunteer_id", NUMBER, nullable=True))
        table.add_column(sa.Column("decided_by", NUMBER, nullable=True))
        table.add_column(sa.Column("note", sa.String(200), nullable=True))
    op.execute(
        "UPDATE kept_scan SET area_path ="
        " (SELECT area_path FROM service_day WHERE service_day.id = kept_scan.service_day_id)"
    )
    with op.batch_alter_table("kept_scan") as table:
        table.alter_column("area_path", existing_type=PATH, nullable=False)
        table.create_foreign_key(op.f("fk_kept_scan_volunteer_id"), "account", ["volunteer_id"], ["id"])
        table.create_foreign_key(op.f("fk_kept_scan_decided_by"), "account", ["decided_by"], ["id"])
        table.create_check_constraint(
            op.f("ck_kept_scan_four_eyes"), "decided_by IS NULL OR decided_by <> uploaded_by"
        )
        table.create_check_constraint(
            op.f("ck_kept_scan_decided"), "decided_by IS NULL OR settled_at IS NOT NULL"
        )
    op.create_index("ix_kept_scan_volunteer_id", "kept_scan", ["volunteer_id"])
    op.create_index("ix_kept_scan_outcome_area_path", "kept_scan", ["outcome", "area_path"])


def downgrade() -> None:
    op.drop_index("ix_kept_scan_outcome_area_path", table_name="kept_scan")
    op.drop_index("ix_kept_scan_volunteer_id", table_name="kept_scan")
    with op.batch_alter_table("kept_scan") as table:
        table.drop_constraint(op.f("ck_kept_scan_decided"), type_="check")
        table.drop_constraint(op.f("ck_kept_scan_four_eyes"), type_="check")
        table.drop_constraint(op.f("fk_kept_scan_decided_by"), type_="foreignkey")
        table.drop_constraint(op.f("fk_kept_scan_volunteer_id"), type_="foreignkey")
        for column in ("note", "decided_by", "volunteer_id", "area_path"):
            table.drop_column(column)
