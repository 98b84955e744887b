"""A complaint tied to a voucher, and a partner that a mistaken complaint ended.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
AT_LARGE_BEFORE = "state = 'open' AND filed_by IS NOT NULL"
OPEN = {
    "open": (["partner_id", "filed_by"], f"{AT_LARGE_BEFORE} AND voucher_id IS NULL"),
    "open_voucher": (["voucher_id"], "state = 'open' AND voucher_id IS NOT NULL"),
}
RULES = {
    "reinstated": "(reinstated_by IS NULL) = (reinstated_at IS NULL)",
    "reinstated_other_eyes": "reinstated_by IS NULL OR terminated_by IS NULL OR reinstated_by <> terminated_by",
}
BY = ("terminated_by", "reinstated_by")


def upgrade() -> None:
    op.drop_index("uq_partner_complaint_open", "partner_complaint")
    with op.batch_alter_table("partner_complaint") as table:
        table.add_column(sa.Column("voucher_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_partner_complaint_voucher_id"), "voucher", ["voucher_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_partner_complaint_voucher"), "voucher_id IS NULL OR filed_by IS NOT NULL"
        )
    for name, (columns, where) in OPEN.items():
        _one(name, columns, where)
    with op.batch_alter_table("partner") as table:
        table.add_column(sa.Column("terminated_at", MOMENT, nullable=True))
        table.add_column(
            sa.Column("terminated_by_strikes", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.add_column(sa.Column("reinstated_at", MOMENT, nullable=True))
        for column in BY:
            table.add_column(sa.Column(column, NUMBER, nullable=True))
            table.create_foreign_key(op.f(f"fk_partner_{column}"), "account", [column], ["id"])
        for name, rule in RULES.items():
            table.create_check_constraint(op.f(f"ck_partner_{name}"), rule)


def downgrade() -> None:
    with op.batch_alter_table("partner") as table:
        for name in RULES:
            table.drop_constraint(op.f(f"ck_partner_{name}"), type_="check")
        for column in BY:
            table.drop_constraint(op.f(f"fk_partner_{column}"), type_="foreignkey")
            table.drop_column(column)
        for column in ("terminated_at", "terminated_by_strikes", "reinstated_at"):
            table.drop_column(column)
    for name in OPEN:
        op.drop_index(f"uq_partner_complaint_{name}", "partner_complaint")
    # Nothing said is lost: of two that are open, the older one keeps the person's place among the open.
    op.execute(
        sa.text(
            "UPDATE partner_complaint SET filed_by = NULL, voucher_id = NULL WHERE voucher_id IS NOT NULL AND state = 'open'"
            " AND EXISTS (SELECT 1 FROM partner_complaint AS older WHERE older.partner_id = partner_complaint.partner_id"
            " AND older.filed_by = partner_complaint.filed_by AND older.state = 'open'"
            " AND (older.id < partner_complaint.id OR older.voucher_id IS NULL))"
        )
    )
    with op.batch_alter_table("partner_complaint") as table:
        table.drop_constraint(op.f("ck_partner_complaint_voucher"), type_="check")
        table.drop_constraint(op.f("fk_partner_complaint_voucher_id"), type_="foreignkey")
        table.drop_column("voucher_id")
    _one("open", OPEN["open"][0], AT_LARGE_BEFORE)


def _one(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"uq_partner_complaint_{name}",
        "partner_complaint",
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
