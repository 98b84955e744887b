"""People are called over at random in the middle of a day.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = sa.text("closed_at IS NULL")
CHECKS = {
    "person_hold": {
        "own": "held_by <> volunteer_id",
        "cleared": "(cleared_at IS NULL) = (cleared_by IS NULL)",
        "four_eyes": "cleared_by <> held_by AND cleared_by <> volunteer_id",
    },
    "roll_call": {
        "number": "number BETWEEN 1 AND 6",
        "kind": "kind IN ('sample', 'digits')",
        "seed": "(kind = 'sample') = (seed IS NOT NULL)",
        "code": "(kind = 'digits') = (code IS NOT NULL)",
        "code_until": "(kind = 'digits') = (code_until IS NOT NULL)",
    },
    "roll_call_person": {
        "state": "state IN ('called', 'present', 'missing')",
        "marked": "(state = 'called') = (marked_at IS NULL)",
        "missing": "state <> 'missing' OR marked_by IS NOT NULL",
        "own": "marked_by <> volunteer_id",
        "tries": "tries BETWEEN 0 AND 3",
    },
}


def _rules(table: str, **points_at: str) -> list[sa.Constraint]:
    checks = [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in CHECKS[table].items()
    ]
    keys = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in points_at.items()
    ]
    return [*checks, *keys]


def upgrade() -> None:
    op.create_table(
        "person_hold",
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("held_by", NUMBER, nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("cleared_by", NUMBER, nullable=True),
        sa.Column("cleared_at", MOMENT, nullable=True),
        *_rules(
            "person_hold",
            service_day_id="service_day",
            volunteer_id="account",
            held_by="account",
            cleared_by="account",
        ),
        sa.PrimaryKeyConstraint("service_day_id", "volunteer_id", name=op.f("pk_person_hold")),
    )
    op.create_index(op.f("ix_person_hold_volunteer_id"), "person_hold", ["volunteer_id"])
    op.create_table(
        "roll_call",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("seed", sa.String(32), nullable=True),
        sa.Column("code", sa.String(3), nullable=True),
        sa.Column("code_until", MOMENT, nullable=True),
        sa.Column("among", FACTS, nullable=False),
        sa.Column("opened_by", NUMBER, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        *_rules("roll_call", service_day_id="service_day", opened_by="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_call")),
        sa.UniqueConstraint("service_day_id", "number", name=op.f("uq_roll_call_service_day_id_number")),
    )
    for name, column, unique in (
        ("uq_roll_call_open_service_day_id", "service_day_id", True),
        ("ix_roll_call_open_ends_at", "ends_at", False),
    ):
        op.create_index(name, "roll_call", [column], unique=unique, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "roll_call_person",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("roll_call_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("attendance_id", NUMBER, nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("marked_by", NUMBER, nullable=True),
        sa.Column("marked_at", MOMENT, nullable=True),
        *_rules(
            "roll_call_person",
            roll_call_id="roll_call",
            volunteer_id="account",
            attendance_id="attendance",
            marked_by="account",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_call_person")),
        sa.UniqueConstraint(
            "roll_call_id", "volunteer_id", name=op.f("uq_roll_call_person_roll_call_id_volunteer_id")
        ),
    )
    op.create_index("ix_roll_call_person_volunteer_id_id", "roll_call_person", ["volunteer_id", "id"])


def downgrade() -> None:
    for table in ("roll_call_person", "roll_call", "person_hold"):
        op.drop_table(table)
