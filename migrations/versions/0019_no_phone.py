"""For people without a phone: printed volunteer cards, and family who act for somebody.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PEOPLE = ("person_id", "helper_id", "asked_by", "agreed_by", "ended_by")


def upgrade() -> None:
    op.create_table(
        "volunteer_card",
        _number("id"),
        _number("volunteer_id"),
        _number("revision"),
        sa.Column("until", sa.Date(), nullable=False),
        _number("made_by"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _number("ended_by", empty=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (reason IS NULL)", name=op.f("ck_volunteer_card_ended")),
        _to("volunteer_card", "volunteer_id", "account.id"),
        _to("volunteer_card", "made_by", "account.id"),
        _to("volunteer_card", "ended_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_card")),
    )
    op.create_index("ix_volunteer_card_volunteer_id", "volunteer_card", ["volunteer_id"])
    living = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_volunteer_card_living",
        "volunteer_card",
        ["volunteer_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    _proxies()


def downgrade() -> None:
    op.drop_table("proxy")
    op.drop_table("volunteer_card")


def _proxies() -> None:
    op.create_table(
        "proxy",
        _number("id"),
        _number("person_id"),
        _number("helper_id"),
        sa.Column("state", sa.String(8), nullable=False),
        _number("asked_by"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("how", sa.String(8), nullable=True),
        _number("agreed_by", empty=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        _number("ended_by", empty=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("shown_on", sa.Date(), nullable=True),
        _check("state", "state IN ('asked', 'agreed', 'ended')"),
        _check("how", "how IS NULL OR how IN ('self', 'desk')"),
        _check("two", "person_id <> helper_id"),
        _check("ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
        _check("agreed_how", "(agreed_at IS NULL) = (how IS NULL)"),
        _check("agreed_by", "(agreed_at IS NULL) = (agreed_by IS NULL)"),
        _check("agreed", "state <> 'agreed' OR agreed_at IS NOT NULL"),
        _check("both", "how IS NULL OR how <> 'self' OR agreed_by <> asked_by"),
        _check(
            "desk",
            "how IS NULL OR how <> 'desk'"
            " OR (agreed_by <> helper_id AND agreed_by <> person_id AND reason IS NOT NULL)",
        ),
        *(_to("proxy", column, "account.id") for column in PEOPLE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
    )
    for column in ("person_id", "helper_id"):
        op.create_index(f"ix_proxy_{column}", "proxy", [column])
    living = sa.text("state <> 'ended'")
    op.create_index(
        "uq_proxy_living",
        "proxy",
        ["person_id", "helper_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_proxy_{name}"))


def _number(name: str, *, empty: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=empty)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
