"""People from a table wait for a second person, and a partner's long month leaves when two agree.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "state": "state IN ('tried', 'open', 'refused', 'done', 'undone', 'dropped')",
    "wiped": "(state IN ('tried', 'open')) = (rows_sealed IS NOT NULL)",
    "reason": "state IN ('tried', 'dropped') OR reason IS NOT NULL",
    "decided_by": "(state IN ('refused', 'done', 'undone')) = (decided_by IS NOT NULL)",
    "decided_at": "(decided_by IS NULL) = (decided_at IS NULL)",
    "four_eyes": "decided_by IS NULL OR decided_by <> asked_by",
    "undone_by": "(state = 'undone') = (undone_by IS NOT NULL)",
    "undone_at": "(undone_by IS NULL) = (undone_at IS NULL)",
    "undo_reason": "(undone_by IS NULL) = (undo_reason IS NULL)",
}


def upgrade() -> None:
    op.create_table(
        "import_request",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("row_count", NUMBER, nullable=False),
        sa.Column("new_count", NUMBER, nullable=False),
        sa.Column("known_count", NUMBER, nullable=False),
        sa.Column("rows_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("undone_by", NUMBER, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undo_reason", sa.String(200), nullable=True),
        *[
            sa.CheckConstraint(condition, name=op.f(f"ck_import_request_{name}"))
            for name, condition in CHECKS.items()
        ],
        *[
            sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_import_request_{column}"))
            for column in ("asked_by", "decided_by", "undone_by")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_request")),
        sa.UniqueConstraint("key", name=op.f("uq_import_request_key")),
    )
    op.create_index("ix_import_request_state_area_path", "import_request", ["state", "area_path"])
    op.create_table(
        "imported_account",
        sa.Column("user_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("import_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_imported_account_user_id")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_request.id"], name=op.f("fk_imported_account_import_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_imported_account")),
    )
    op.create_index(op.f("ix_imported_account_import_id"), "imported_account", ["import_id"])
    op.add_column("export_request", sa.Column("partner_id", NUMBER, nullable=True))


def downgrade() -> None:
    op.drop_column("export_request", "partner_id")
    op.drop_table("imported_account")
    op.drop_table("import_request")
