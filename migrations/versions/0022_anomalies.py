"""Anomalies: what was seen, about whom, and what somebody made of it; a hold that nobody asked for by name.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
RULES = {
    "state": "state IN ('open', 'explained', 'wrong')",
    "answered": "(state = 'open') = (answered_by IS NULL)",
    "note": "(answered_by IS NULL) = (note IS NULL)",
    "other_eyes": "answered_by IS NULL OR answered_before IS NULL OR answered_by <> answered_before",
    "own": "answered_by IS NULL OR reopened_by IS NULL OR answered_by <> reopened_by",
}
POINTS_AT = {
    "team_id": "team",
    "service_day_id": "service_day",
    "answered_by": "account",
    "answered_before": "account",
    "reopened_by": "account",
}
HOLD = sa.table("person_hold", sa.column("held_by"))


def upgrade() -> None:
    op.create_table(
        "anomaly",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("team_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        sa.Column("answered_before", NUMBER, nullable=True),
        sa.Column("reopened_by", NUMBER, nullable=True),
        sa.Column("reopened_at", MOMENT, nullable=True),
        sa.Column("reopening", sa.String(200), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_anomaly_{name}")) for name, rule in RULES.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_anomaly_{column}"))
            for column, table in POINTS_AT.items()
        ),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_anomaly_kind_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly")),
    )
    op.create_index("ix_anomaly_state_id", "anomaly", ["state", "id"])
    op.create_index("ix_anomaly_team_id", "anomaly", ["team_id"])
    op.create_index("ix_anomaly_service_day_id", "anomaly", ["service_day_id"])
    op.create_table(
        "anomaly_person",
        sa.Column("anomaly_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["anomaly_id"], ["anomaly.id"], name=op.f("fk_anomaly_person_anomaly_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["account.id"], name=op.f("fk_anomaly_person_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("anomaly_id", "volunteer_id", name=op.f("pk_anomaly_person")),
    )
    op.create_index(op.f("ix_anomaly_person_volunteer_id"), "anomaly_person", ["volunteer_id"])
    with op.batch_alter_table("person_hold") as table:
        table.alter_column("held_by", existing_type=NUMBER, nullable=True)


def downgrade() -> None:
    # A hold that nobody asked for has no place in the older table: what it held back is paid as the others are.
    op.execute(HOLD.delete().where(HOLD.c.held_by.is_(None)))
    with op.batch_alter_table("person_hold") as table:
        table.alter_column("held_by", existing_type=NUMBER, nullable=False)
    op.drop_table("anomaly_person")
    op.drop_table("anomaly")
