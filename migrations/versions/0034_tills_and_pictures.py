"""One-time codes that make a device a till, and the pictures of offers that managers send.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
CODE = "partner_till_code"
CODE_POINTS_AT = {"partner_id": "partner", "made_by": "account", "device_id": "device"}

PICTURE = "offer_picture"
PICTURE_POINTS_AT = {
    "offer_id": "offer",
    "partner_id": "partner",
    "sent_by": "account",
    "decided_by": "account",
}
PICTURE_RULES = {
    "state": "state IN ('waiting', 'shown', 'over', 'refused')",
    "jpeg": "(state IN ('waiting', 'shown')) = (jpeg IS NOT NULL)",
    "decided": "state NOT IN ('shown', 'refused') OR decided_by IS NOT NULL",
    "four_eyes": "decided_by IS NULL OR decided_by <> sent_by",
}


def upgrade() -> None:
    _codes()
    _pictures()


def _codes() -> None:
    op.create_table(
        CODE,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("device_id", NUMBER, nullable=True),
        sa.CheckConstraint("device_id IS NULL OR used_at IS NOT NULL", name=op.f(f"ck_{CODE}_used")),
        sa.CheckConstraint("expires_at > made_at", name=op.f(f"ck_{CODE}_expires_at")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{CODE}_{column}"))
            for column, other in CODE_POINTS_AT.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{CODE}")),
        sa.UniqueConstraint("code_hash", name=op.f(f"uq_{CODE}_code_hash")),
        sa.UniqueConstraint("device_id", name=op.f(f"uq_{CODE}_device_id")),
    )


def _pictures() -> None:
    op.create_table(
        PICTURE,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("offer_id", NUMBER, nullable=False),
        sa.Column("partner_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("sent_by", NUMBER, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{PICTURE}_{column}"))
            for column, other in PICTURE_POINTS_AT.items()
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_{PICTURE}_{name}"))
            for name, rule in PICTURE_RULES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PICTURE}")),
    )
    op.create_index(f"ix_{PICTURE}_digest", PICTURE, ["digest"])
    for state in ("waiting", "shown"):
        where = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_{PICTURE}_{state}",
            PICTURE,
            ["offer_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    op.drop_table(PICTURE)
    op.drop_table(CODE)
