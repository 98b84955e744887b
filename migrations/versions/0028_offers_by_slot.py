"""Offers by star, by area, by day, by appointment and by lot; slots that are booked, draws, favourites.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
KINDS_BEFORE = "kind IN ('goods', 'discount', 'service', 'venue', 'course')"
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
RULES = {
    "kind": "kind IN ('goods', 'discount', 'star', 'service', 'micro', 'venue', 'course', 'vending')",
    "star": "kind <> 'star' OR (points = 0 AND least_star > 0)",
    "micro": "kind <> 'micro' OR (points = 0 AND by_slot AND category IS NOT NULL)",
    "least_star": "least_star BETWEEN 0 AND 5",
    "daily_limit": "daily_limit > 0",
    "drawn_at": "drawn_at IS NULL OR draws_at IS NOT NULL",
}
OFFER = sa.table("offer", sa.column("kind"), sa.column("points"))


def upgrade() -> None:
    with op.batch_alter_table("offer") as table:
        table.add_column(sa.Column("category", sa.String(20), nullable=True))
        table.add_column(sa.Column("by_slot", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("daily_limit", NUMBER, nullable=True))
        table.add_column(sa.Column("least_star", NUMBER, server_default="0", nullable=False))
        table.add_column(sa.Column("for_area_path", PATH, nullable=True))
        table.add_column(sa.Column("draws_at", MOMENT, nullable=True))
        table.add_column(sa.Column("drawn_at", MOMENT, nullable=True))
        table.drop_constraint(op.f("ck_offer_kind"), type_="check")
        for name, rule in RULES.items():
            table.create_check_constraint(op.f(f"ck_offer_{name}"), rule)
    op.create_index("ix_offer_draws_at", "offer", ["draws_at"])
    op.create_table(
        "offer_slot",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("capacity", NUMBER, nullable=False),
        sa.Column("booked", NUMBER, nullable=False),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.CheckConstraint("booked >= 0 AND booked <= capacity", name=op.f("ck_offer_slot_booked")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_offer_slot_times")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_slot_offer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_offer_slot_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_slot")),
    )
    standing = sa.text("cancelled_at IS NULL")
    op.create_index(
        "ix_offer_slot_offer_id_starts_at", "offer_slot", ["offer_id", "starts_at"], unique=True,
        sqlite_where=standing, postgresql_where=standing,
    )  # fmt: skip
    op.create_index("ix_offer_slot_starts_at", "offer_slot", ["starts_at"])
    with op.batch_alter_table("voucher") as table:
        table.add_column(sa.Column("slot_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_voucher_slot_id"), "offer_slot", ["slot_id"], ["id"])
    op.create_index("ix_voucher_slot_id", "voucher", ["slot_id"])
    _draws()
    op.create_table(
        "offer_favourite",
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["account.id"], name=op.f("fk_offer_favourite_volunteer_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_favourite_offer_id")),
        sa.PrimaryKeyConstraint("volunteer_id", "offer_id", name=op.f("pk_offer_favourite")),
    )
    op.create_index("ix_offer_favourite_offer_id", "offer_favourite", ["offer_id"])


def _draws() -> None:
    op.create_table(
        "offer_draw",
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("order", JSON, nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_draw_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_offer_draw")),
    )
    op.create_table(
        "offer_entry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=True),
        sa.CheckConstraint("outcome IN ('won', 'passed', 'lost')", name=op.f("ck_offer_entry_outcome")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_entry_offer_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_offer_entry_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_entry")),
        sa.UniqueConstraint("offer_id", "volunteer_id", name=op.f("uq_offer_entry_offer_id_volunteer_id")),
        sa.UniqueConstraint("offer_id", "number", name=op.f("uq_offer_entry_offer_id_number")),
    )
    op.create_index("ix_offer_entry_volunteer_id", "offer_entry", ["volunteer_id"])


def downgrade() -> None:
    op.drop_table("offer_favourite")
    op.drop_table("offer_entry")
    op.drop_table("offer_draw")
    op.drop_index("ix_offer_draws_at", table_name="offer")
    op.drop_index("ix_voucher_slot_id", table_name="voucher")
    with op.batch_alter_table("voucher") as table:
        table.drop_constraint(op.f("fk_voucher_slot_id"), type_="foreignkey")
        table.drop_column("slot_id")
    op.drop_table("offer_slot")
    # Kinds that the older table does not know become the nearest it does.
    for kind, nearest in (("star", "discount"), ("micro", "service"), ("vending", "goods")):
        op.execute(OFFER.update().where(OFFER.c.kind == kind).values(kind=nearest))
    with op.batch_alter_table("offer") as table:
        for name in RULES:
            table.drop_constraint(op.f(f"ck_offer_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_offer_kind"), KINDS_BEFORE)
        for column in (
            "drawn_at",
            "draws_at",
            "for_area_path",
            "least_star",
            "daily_limit",
            "by_slot",
            "category",
        ):
            table.drop_column(column)
