"""Drafts of rules, tried on the last quarter and agreed to by a second person.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
RULES = {
    "state": "state IN ('draft', 'proposed', 'adopted', 'dropped')",
    "four_eyes": "decided_by IS NULL OR decided_by <> made_by",
    "adopted": "(state = 'adopted') = (rule_set_id IS NOT NULL)",
    "tried": "state NOT IN ('proposed', 'adopted') OR trial IS NOT NULL",
}
POINTS_AT = {"made_by": "account", "decided_by": "account", "rule_set_id": "ledger_rule_set"}


def upgrade() -> None:
    op.create_table(
        "rule_draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("trial", JSON, nullable=True),
        sa.Column("tried_against", NUMBER, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("rule_set_id", NUMBER, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_rule_draft_{name}")) for name, rule in RULES.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_rule_draft_{column}"))
            for column, table in POINTS_AT.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_draft")),
        sa.UniqueConstraint("rule_set_id", name=op.f("uq_rule_draft_rule_set_id")),
    )
    op.create_index("ix_rule_draft_state_id", "rule_draft", ["state", "id"])


def downgrade() -> None:
    op.drop_table("rule_draft")
