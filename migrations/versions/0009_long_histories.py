"""Indexes for people with ten years behind them.

Revision ID: 0009
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

RECORDS = "ix_service_record_volunteer_id_on"
CLAIMED = sa.text("move = 'claim'")


def upgrade() -> None:
    op.create_index(
        "ix_ledger_posting_claimed",
        "ledger_posting",
        ["volunteer_id", "target"],
        postgresql_where=CLAIMED,
        sqlite_where=CLAIMED,
    )
    op.drop_index(RECORDS, "service_record")
    op.create_index(
        RECORDS,
        "service_record",
        ["volunteer_id", "on"],
        postgresql_include=["state", "grade", "minutes", "points"],
    )


def downgrade() -> None:
    op.drop_index(RECORDS, "service_record")
    op.create_index(RECORDS, "service_record", ["volunteer_id", "on"])
    op.drop_index("ix_ledger_posting_claimed", "ledger_posting")
