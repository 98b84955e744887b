"""Partners: complaints, strikes that can be taken back, pledges, renewals, visits, tills, facts and thanks.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("state = 'open' AND filed_by IS NOT NULL")
COMPLAINT = {
    "category": "category IN ('refused', 'manner', 'spend_first', 'price', 'charged', 'other')",
    "state": "state IN ('open', 'upheld', 'dismissed')",
    "decided": "(state = 'open') = (decided_by IS NULL) AND (decided_by IS NULL) = (answer IS NULL)",
    "strike": "(state = 'upheld') = (strike_id IS NOT NULL)",
    "other_eyes": "decided_by IS NULL OR filed_by IS NULL OR decided_by <> filed_by",
    "replied": "(reply IS NULL) = (replied_by IS NULL)",
}
FLAGS = ("paused_by_strikes", "tills_only", "thanked")
STRIKE = {
    "taken_back": "(taken_back_by IS NULL) = (taken_back_at IS NULL)",
    "other_eyes": "taken_back_by IS NULL OR upheld_by IS NULL OR taken_back_by <> upheld_by",
}


def upgrade() -> None:
    with op.batch_alter_table("partner") as table:
        for flag in FLAGS:
            table.add_column(sa.Column(flag, sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("renewal_asked_at", MOMENT, nullable=True))
        table.add_column(sa.Column("renewal_asked_by", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_partner_renewal_asked_by"), "account", ["renewal_asked_by"], ["id"])
    op.create_table(
        "partner_pledge",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("accepted_by", NUMBER, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        *_points("partner_pledge", partner_id="partner", accepted_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_pledge")),
    )
    op.create_index("ix_partner_pledge_partner_id_id", "partner_pledge", ["partner_id", "id"])
    with op.batch_alter_table("agreement") as table:
        table.add_column(sa.Column("statement_day", NUMBER, server_default=sa.text("1"), nullable=False))
        table.add_column(sa.Column("pledge_id", NUMBER, nullable=True))
        table.create_check_constraint(op.f("ck_agreement_statement_day"), "statement_day BETWEEN 1 AND 28")
        table.create_foreign_key(op.f("fk_agreement_pledge_id"), "partner_pledge", ["pledge_id"], ["id"])
    op.add_column("voucher", sa.Column("device_id", NUMBER, nullable=True))
    with op.batch_alter_table("partner_strike") as table:
        table.add_column(sa.Column("taken_back_by", NUMBER, nullable=True))
        table.add_column(sa.Column("taken_back_at", MOMENT, nullable=True))
        table.add_column(sa.Column("taken_back_why", sa.String(200), nullable=True))
        table.create_foreign_key(
            op.f("fk_partner_strike_taken_back_by"), "account", ["taken_back_by"], ["id"]
        )
        for name, rule in STRIKE.items():
            table.create_check_constraint(op.f(f"ck_partner_strike_{name}"), rule)
    op.create_table(
        "partner_complaint",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("filed_by", NUMBER, nullable=True),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reply", sa.String(500), nullable=True),
        sa.Column("replied_by", NUMBER, nullable=True),
        sa.Column("replied_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(200), nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("strike_id", NUMBER, nullable=True),
        *_rules("partner_complaint", COMPLAINT),
        *_points(
            "partner_complaint",
            partner_id="partner",
            filed_by="account",
            replied_by="account",
            decided_by="account",
            strike_id="partner_strike",
        ),
        sa.UniqueConstraint("strike_id", name=op.f("uq_partner_complaint_strike_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_complaint")),
    )
    op.create_index(
        "uq_partner_complaint_open",
        "partner_complaint",
        ["partner_id", "filed_by"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_partner_complaint_state_due_on", "partner_complaint", ["state", "due_on"])
    op.create_index("ix_partner_complaint_partner_id_id", "partner_complaint", ["partner_id", "id"])
    op.create_index("ix_partner_complaint_filed_by", "partner_complaint", ["filed_by"])
    op.create_table(
        "partner_visit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("visited_by", NUMBER, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        *_rules("partner_visit", {"result": "result IN ('fine', 'follow_up', 'serious')"}),
        *_points("partner_visit", partner_id="partner", visited_by="account"),
        sa.UniqueConstraint("partner_id", "on", name=op.f("uq_partner_visit_partner_id_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_visit")),
    )
    op.create_index("ix_partner_visit_on", "partner_visit", ["on"])
    op.create_table(
        "partner_honour",
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("redeemed", NUMBER, nullable=False),
        sa.Column("refused", NUMBER, nullable=False),
        sa.Column("wait_seconds", NUMBER, nullable=True),
        *_points("partner_honour", partner_id="partner"),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_partner_honour")),
    )
    op.create_table(
        "partner_year",
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("year", NUMBER, nullable=False),
        sa.Column("redeemed", NUMBER, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("value_cents", NUMBER, nullable=False),
        *_points("partner_year", partner_id="partner"),
        sa.PrimaryKeyConstraint("partner_id", "year", name=op.f("pk_partner_year")),
    )
    op.create_index("ix_partner_year_year_redeemed", "partner_year", ["year", "redeemed"])
    op.create_table(
        "partner_till",
        sa.Column("device_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("let_in_by", NUMBER, nullable=False),
        sa.Column("let_in_at", MOMENT, nullable=False),
        *_points("partner_till", device_id="device", partner_id="partner", let_in_by="account"),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_partner_till")),
    )
    op.create_index("ix_partner_till_partner_id", "partner_till", ["partner_id"])


def _rules(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def _points(table: str, **at: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in at.items()
    ]


def downgrade() -> None:
    for table_name in (
        "partner_till",
        "partner_year",
        "partner_honour",
        "partner_visit",
        "partner_complaint",
    ):
        op.drop_table(table_name)
    op.drop_column("voucher", "device_id")
    with op.batch_alter_table("agreement") as table:
        table.drop_constraint(op.f("fk_agreement_pledge_id"), type_="foreignkey")
        table.drop_constraint(op.f("ck_agreement_statement_day"), type_="check")
        table.drop_column("pledge_id")
        table.drop_column("statement_day")
    op.drop_table("partner_pledge")
    with op.batch_alter_table("partner_strike") as table:
        for name in STRIKE:
            table.drop_constraint(op.f(f"ck_partner_strike_{name}"), type_="check")
        table.drop_constraint(op.f("fk_partner_strike_taken_back_by"), type_="foreignkey")
        for name in ("taken_back_why", "taken_back_at", "taken_back_by"):
            table.drop_column(name)
    with op.batch_alter_table("partner") as table:
        table.drop_constraint(op.f("fk_partner_renewal_asked_by"), type_="foreignkey")
        for name in ("renewal_asked_by", "renewal_asked_at", *FLAGS):
            table.drop_column(name)
