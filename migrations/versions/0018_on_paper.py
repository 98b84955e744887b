"""Two more ways of coming: by the code on a poster, and by a signed sheet of paper.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = ("wall", "pass", "card", "number", "manual", "kept", "roll", "auto")
NEW = ("poster", "sheet")
WAYS = ("in_how", "out_how")
STAY = sa.table("attendance", *(sa.column(way) for way in WAYS))


def upgrade() -> None:
    _known(*BEFORE, *NEW)


def downgrade() -> None:
    # What the older words have no name for was vouched for by a person.
    for way in WAYS:
        column = STAY.c[way]
        op.execute(STAY.update().where(column.in_(NEW)).values({way: "manual"}))
    _known(*BEFORE)


def _known(*ways: str) -> None:
    words = ", ".join(f"'{one}'" for one in ways)
    with op.batch_alter_table("attendance") as table:
        for way in WAYS:
            table.drop_constraint(op.f(f"ck_attendance_{way}"), type_="check")
        table.create_check_constraint(op.f("ck_attendance_in_how"), f"in_how IN ({words})")
        table.create_check_constraint(
            op.f("ck_attendance_out_how"), f"out_how IS NULL OR out_how IN ({words})"
        )
