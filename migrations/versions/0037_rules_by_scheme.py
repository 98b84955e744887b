"""A street's scheme has rule sets of its own; those there are stay the rules of everywhere. Its levels of difficulty
are its own, too.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
TABLE = "ledger_rule_set"
PAY = (
    "(pay_kind = 'time' AND coefficient {levels} AND flat_points IS NULL)"
    " OR (pay_kind = 'flat' AND flat_points BETWEEN 1 AND 60)"
)


def pay(levels: str) -> None:
    with op.batch_alter_table("activity") as table:
        table.drop_constraint(op.f("ck_activity_pay"), type_="check")
        table.create_check_constraint(op.f("ck_activity_pay"), PAY.format(levels=levels))


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("area_path", PATH, nullable=False, server_default="/"))
        table.drop_constraint(op.f(f"uq_{TABLE}_effective_on"), type_="unique")
        table.create_unique_constraint(
            op.f(f"uq_{TABLE}_area_path_effective_on"), ["area_path", "effective_on"]
        )
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("area_path", server_default=None)
    pay("BETWEEN 1 AND 50")


def downgrade() -> None:
    pay("IN (10, 12, 14)")
    # Where two streets have rules from the same day on, there is no way back, and the database says so.
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(op.f(f"uq_{TABLE}_area_path_effective_on"), type_="unique")
        table.create_unique_constraint(op.f(f"uq_{TABLE}_effective_on"), ["effective_on"])
        table.drop_column("area_path")
