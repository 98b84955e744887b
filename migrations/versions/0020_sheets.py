"""Sign-in sheets of paper and their rows; a kept scan says whether a device or a sheet brought it.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OUTCOME = "('same', 'conflict', 'to_confirm', 'parked', 'refused')"


def upgrade() -> None:
    op.create_table(
        "paper_sheet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("page", NUMBER, nullable=False),
        sa.Column("pages", NUMBER, nullable=False),
        sa.Column("code", sa.String(18), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("printed_by", NUMBER, nullable=False),
        sa.Column("printed_at", MOMENT, nullable=False),
        sa.Column("typed_by", NUMBER, nullable=True),
        sa.Column("typed_at", MOMENT, nullable=True),
        sa.Column("checked_by", NUMBER, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.CheckConstraint(
            "state IN ('printed', 'typed', 'checked', 'spoilt')", name=op.f("ck_paper_sheet_state")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_paper_sheet_number")),
        sa.CheckConstraint("page BETWEEN 1 AND pages AND page <= number", name=op.f("ck_paper_sheet_page")),
        sa.CheckConstraint(
            "state NOT IN ('typed', 'checked') OR typed_by IS NOT NULL", name=op.f("ck_paper_sheet_typed")
        ),
        sa.CheckConstraint(
            "(state = 'checked') = (checked_by IS NOT NULL)", name=op.f("ck_paper_sheet_checked")
        ),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> typed_by", name=op.f("ck_paper_sheet_four_eyes")
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_paper_sheet_service_day_id")
        ),
        sa.ForeignKeyConstraint(["printed_by"], ["account.id"], name=op.f("fk_paper_sheet_printed_by")),
        sa.ForeignKeyConstraint(["typed_by"], ["account.id"], name=op.f("fk_paper_sheet_typed_by")),
        sa.ForeignKeyConstraint(["checked_by"], ["account.id"], name=op.f("fk_paper_sheet_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheet")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_sheet_code")),
        sa.UniqueConstraint("service_day_id", "number", name=op.f("uq_paper_sheet_service_day_id_number")),
    )
    op.create_index("ix_paper_sheet_state_service_day_id", "paper_sheet", ["state", "service_day_id"])
    op.create_table(
        "paper_row",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("blank", sa.Boolean(), nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=True),
        sa.Column("volunteer_no", sa.String(20), nullable=False),
        sa.Column("came", sa.String(12), nullable=False),
        sa.Column("left", sa.String(12), nullable=False),
        sa.Column("absent", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(60), nullable=False),
        sa.Column("typed_by", NUMBER, nullable=True),
        sa.Column("came_outcome", sa.String(12), nullable=True),
        sa.Column("left_outcome", sa.String(12), nullable=True),
        sa.Column("refusal", sa.String(60), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 20", name=op.f("ck_paper_row_number")),
        sa.CheckConstraint("blank OR volunteer_id IS NOT NULL", name=op.f("ck_paper_row_whose")),
        sa.CheckConstraint(
            f"came_outcome IS NULL OR came_outcome IN {OUTCOME}", name=op.f("ck_paper_row_came_outcome")
        ),
        sa.CheckConstraint(
            f"left_outcome IS NULL OR left_outcome IN {OUTCOME}", name=op.f("ck_paper_row_left_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["paper_sheet.id"], name=op.f("fk_paper_row_sheet_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_paper_row_volunteer_id")),
        sa.ForeignKeyConstraint(["typed_by"], ["account.id"], name=op.f("fk_paper_row_typed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_row")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_paper_row_sheet_id_number")),
        sa.UniqueConstraint("sheet_id", "volunteer_id", name=op.f("uq_paper_row_sheet_id_volunteer_id")),
    )
    op.create_index("ix_paper_row_volunteer_id", "paper_row", ["volunteer_id"])
    with op.batch_alter_table("kept_scan") as table:
        table.add_column(sa.Column("how", sa.String(8), server_default="kept", nullable=False))
        table.create_check_constraint(op.f("ck_kept_scan_how"), "how IN ('kept', 'sheet')")


def downgrade() -> None:
    with op.batch_alter_table("kept_scan") as table:
        table.drop_constraint(op.f("ck_kept_scan_how"), type_="check")
        table.drop_column("how")
    op.drop_table("paper_row")
    op.drop_table("paper_sheet")
