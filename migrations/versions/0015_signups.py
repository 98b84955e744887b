"""Offers, no-shows, draws, slots, stalls and a second team.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES_BEFORE = "state IN ('accepted', 'waitlisted', 'left', 'no_show', 'attended', 'cancelled')"
STATES = "state IN ('applied', 'accepted', 'waitlisted', 'offered', 'lapsed', 'left', 'no_show', 'attended', 'cancelled')"
#: What somebody has who has it in none of the older words.
SIGNUP = sa.table("signup", sa.column("state"), sa.column("offer_until"))
OLDER = {"offered": "accepted", "lapsed": "left", "applied": "waitlisted"}


def upgrade() -> None:
    op.add_column("service_post", sa.Column("max_age", NUMBER, nullable=True))
    with op.batch_alter_table("service_series") as table:
        table.add_column(sa.Column("draw_hours", NUMBER, nullable=True))
        table.create_check_constraint(op.f("ck_service_series_draw_hours"), "draw_hours BETWEEN 12 AND 336")
    with op.batch_alter_table("service_day") as table:
        table.add_column(sa.Column("walk_ins", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("draws_at", MOMENT, nullable=True))
        table.add_column(sa.Column("drawn_at", MOMENT, nullable=True))
        table.add_column(sa.Column("cohost_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_service_day_cohost_id"), "team", ["cohost_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_service_day_drawn"), "drawn_at IS NULL OR draws_at IS NOT NULL"
        )
        table.create_check_constraint(
            op.f("ck_service_day_cohost"), "cohost_id IS NULL OR cohost_id <> team_id"
        )
    op.create_index(op.f("ix_service_day_cohost_id"), "service_day", ["cohost_id"])
    _index_where(
        "ix_service_day_draws_at", "service_day", "draws_at", "draws_at IS NOT NULL AND drawn_at IS NULL"
    )
    _new_table(
        "service_slot",
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("capacity", NUMBER, nullable=False),
        sa.Column("taken", NUMBER, nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_service_slot_capacity")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_service_slot_taken")),
        sa.UniqueConstraint("service_day_id", "at", name=op.f("uq_service_slot_service_day_id_at")),
    )
    _new_table(
        "service_stall",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("public", sa.String(16), nullable=False),
        sa.Column("served", NUMBER, nullable=True),
        sa.CheckConstraint("served >= 0", name=op.f("ck_service_stall_served")),
        sa.UniqueConstraint("service_day_id", "name", name=op.f("uq_service_stall_service_day_id_name")),
        sa.UniqueConstraint("public", name=op.f("uq_service_stall_public")),
    )
    _new_table(
        "service_draw",
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("order", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.UniqueConstraint("service_day_id", name=op.f("uq_service_draw_service_day_id")),
    )
    with op.batch_alter_table("signup") as table:
        table.add_column(sa.Column("slot_id", NUMBER, nullable=True))
        table.add_column(sa.Column("offer_until", MOMENT, nullable=True))
        table.add_column(sa.Column("behind", sa.Boolean(), nullable=False, server_default=sa.text("false")))
        table.add_column(sa.Column("number", NUMBER, nullable=True))
        table.add_column(sa.Column("excuse", sa.String(200), nullable=True))
        table.add_column(sa.Column("excused_by", NUMBER, nullable=True))
        table.drop_constraint(op.f("ck_signup_state"), type_="check")
        table.create_check_constraint(op.f("ck_signup_state"), STATES)
        table.create_check_constraint(
            op.f("ck_signup_offered"), "(state = 'offered') = (offer_until IS NOT NULL)"
        )
        table.create_check_constraint(op.f("ck_signup_excused"), "(excuse IS NULL) = (excused_by IS NULL)")
        table.create_unique_constraint(op.f("uq_signup_service_day_id_number"), ["service_day_id", "number"])
        table.create_foreign_key(op.f("fk_signup_slot_id"), "service_slot", ["slot_id"], ["id"])
        table.create_foreign_key(op.f("fk_signup_excused_by"), "account", ["excused_by"], ["id"])
    _index_where("ix_signup_offer_until", "signup", "offer_until", "offer_until IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_signup_offer_until", "signup")
    for state, older in OLDER.items():
        op.execute(SIGNUP.update().where(SIGNUP.c.state == state).values(state=older, offer_until=None))
    with op.batch_alter_table("signup") as table:
        for name in ("excused_by", "slot_id"):
            table.drop_constraint(op.f(f"fk_signup_{name}"), type_="foreignkey")
        table.drop_constraint(op.f("uq_signup_service_day_id_number"), type_="unique")
        for name in ("excused", "offered", "state"):
            table.drop_constraint(op.f(f"ck_signup_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_signup_state"), STATES_BEFORE)
        for name in ("excused_by", "excuse", "number", "behind", "offer_until", "slot_id"):
            table.drop_column(name)
    for name in ("service_draw", "service_stall", "service_slot"):
        op.drop_table(name)
    op.drop_index("ix_service_day_draws_at", "service_day")
    op.drop_index(op.f("ix_service_day_cohost_id"), "service_day")
    with op.batch_alter_table("service_day") as table:
        table.drop_constraint(op.f("ck_service_day_cohost"), type_="check")
        table.drop_constraint(op.f("ck_service_day_drawn"), type_="check")
        table.drop_constraint(op.f("fk_service_day_cohost_id"), type_="foreignkey")
        for name in ("cohost_id", "drawn_at", "draws_at", "walk_ins"):
            table.drop_column(name)
    with op.batch_alter_table("service_series") as table:
        table.drop_constraint(op.f("ck_service_series_draw_hours"), type_="check")
        table.drop_column("draw_hours")
    op.drop_column("service_post", "max_age")


def _new_table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of things that belong to a day."""
    op.create_table(
        name,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f(f"fk_{name}_service_day_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _index_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
