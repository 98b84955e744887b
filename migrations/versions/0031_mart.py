"""A charity mart: what was donated, what was counted, baskets shown with one code; what vending machines dropped.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
OPEN = sa.text("state IN ('draft', 'asked')")
RULES = {
    "mart_delivery": {"quantity": "quantity > 0"},
    "mart_count": {
        "state": "state IN ('draft', 'asked', 'booked', 'dropped')",
        "four_eyes": "confirmed_by IS NULL OR confirmed_by <> counted_by",
        "large": "state <> 'booked' OR NOT large OR confirmed_by IS NOT NULL",
    },
    "mart_count_line": {"counted": "counted >= 0 AND expected >= 0"},
    "basket": {"redeemed_at": "(redeemed_at IS NULL) = (scan IS NULL)"},
    "vending_drop": {"failed": "(failed_at IS NULL) = (reason IS NULL)"},
}
POINTS_AT = {
    "mart_delivery": {"partner_id": "partner", "offer_id": "offer", "taken_in_by": "account"},
    "mart_count": {"partner_id": "partner", "counted_by": "account", "confirmed_by": "account"},
    "mart_count_line": {"count_id": "mart_count", "offer_id": "offer"},
    "basket": {"partner_id": "partner", "volunteer_id": "account"},
    "vending_drop": {"voucher_id": "voucher", "device_id": "device"},
}
ONCE = {
    "mart_delivery": [("partner_id", "asked_with")],
    "mart_count_line": [("count_id", "offer_id")],
    "vending_drop": [("scan",)],
    "basket": [("public",), ("scan",), ("typed_hash",), ("volunteer_id", "asked_with")],
}
INDEXES = {
    "mart_delivery": [("partner_id", "on")],
    "mart_count": [("partner_id", "id")],
    "basket": [("volunteer_id", "id"), ("partner_id",)],
    "vending_drop": [("voucher_id",), ("device_id", "id")],
}


def upgrade() -> None:
    _make(
        "mart_delivery",
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("donor", sa.String(60), nullable=True),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("taken_in_by", NUMBER, nullable=False),
        sa.Column("taken_in_at", MOMENT, nullable=False),
        sa.Column("asked_with", sa.String(64), nullable=True),
    )
    _make(
        "mart_count",
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("large", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("counted_by", NUMBER, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", NUMBER, nullable=True),
        sa.Column("booked_at", MOMENT, nullable=True),
    )
    op.create_index(
        "uq_mart_count_open",
        "mart_count",
        ["partner_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    _make(
        "mart_count_line",
        sa.Column("count_id", NUMBER, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("expected", NUMBER, nullable=False),
        sa.Column("counted", NUMBER, nullable=False),
        sa.Column("reason", sa.String(12), nullable=True),
    )
    _make(
        "basket",
        sa.Column("public", sa.String(16), nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("asked_with", sa.String(64), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("armed_until", MOMENT, nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("typed_hash", sa.String(64), nullable=True),
        sa.Column("redeemed_at", MOMENT, nullable=True),
        sa.Column("scan", sa.String(64), nullable=True),
    )
    op.create_table(
        "basket_voucher",
        sa.Column("voucher_id", NUMBER, nullable=False),
        sa.Column("basket_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_basket_voucher_voucher_id")),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"], name=op.f("fk_basket_voucher_basket_id")),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_basket_voucher")),
    )
    op.create_index("ix_basket_voucher_basket_id", "basket_voucher", ["basket_id"])
    _make(
        "vending_drop",
        sa.Column("scan", sa.String(64), nullable=False),
        sa.Column("voucher_id", NUMBER, nullable=False),
        sa.Column("device_id", NUMBER, nullable=False),
        sa.Column("slot", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
    )


def downgrade() -> None:
    for table in (
        "vending_drop",
        "basket_voucher",
        "basket",
        "mart_count_line",
        "mart_count",
        "mart_delivery",
    ):
        op.drop_table(table)


def _make(table: str, *columns: sa.Column) -> None:
    """Make a table with its number, its rules, what it points at, what is there once, and its indexes."""
    op.create_table(
        table,
        sa.Column("id", NUMBER, nullable=False),
        *columns,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in RULES[table].items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in POINTS_AT[table].items()
        ),
        *(
            sa.UniqueConstraint(*once, name=op.f(f"uq_{table}_{'_'.join(once)}"))
            for once in ONCE.get(table, [])
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for index in INDEXES.get(table, []):
        op.create_index(f"ix_{table}_{'_'.join(index)}", table, list(index))
