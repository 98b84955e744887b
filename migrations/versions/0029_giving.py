"""Projects that points are given to, their funders and what was done; gifts of family; what becomes of ending points.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
RULES = {
    "funder": {"kind": "kind IN ('foundation', 'union', 'enterprise')"},
    "giving_project": {
        "state": "state IN ('draft', 'open', 'reached', 'closed', 'reported', 'dropped')",
        "goal": "pool = (goal IS NULL)",
        "goal_positive": "goal IS NULL OR goal > 0",
        "pool_open": "NOT pool OR (state = 'open' AND NOT stops_at_goal)",
        "four_eyes": "approved_by IS NULL OR approved_by <> proposed_by",
        "approved": "pool OR state IN ('draft', 'dropped') OR approved_by IS NOT NULL",
        "filled": "filled >= 0 AND (filled = 0 OR stops_at_goal)",
        "never_more": "NOT stops_at_goal OR filled <= goal",
        "dates": "until_on IS NULL OR until_on >= from_on",
        "match": "(match_per IS NULL) = (match_what IS NULL)",
        "match_per": "match_per IS NULL OR (match_per > 0 AND funder_id IS NOT NULL)",
        "match_most": "match_most IS NULL OR (match_most > 0 AND match_per IS NOT NULL)",
    },
    "gift": {
        "points": "points > 0",
        "from_surplus": "from_surplus BETWEEN 0 AND points",
        "how": "how IN ('self', 'ending')",
    },
    "giving_use": {"helped": "helped IS NULL OR helped >= 0"},
    "family_gift": {"two": "giver_id <> receiver_id", "points": "points BETWEEN 1 AND 200"},
    "ending_choice": {
        "way": "way IN ('spend', 'project', 'pool')",
        "project": "(way = 'project') = (project_id IS NOT NULL)",
    },
}
POINTS_AT = {
    "funder": {"added_by": "account"},
    "giving_project": {"funder_id": "funder", "proposed_by": "account", "approved_by": "account"},
    "gift": {"project_id": "giving_project", "volunteer_id": "account"},
    "giving_use": {"project_id": "giving_project", "published_by": "account"},
    "family_gift": {"giver_id": "account", "receiver_id": "account"},
    "ending_choice": {"volunteer_id": "account", "project_id": "giving_project"},
}
ONCE = {
    "funder": ("area_path", "name"),
    "gift": ("volunteer_id", "asked_with"),
    "family_gift": ("giver_id", "asked_with"),
    "ending_choice": ("volunteer_id", "month"),
}
INDEXES = {
    "giving_project": [("state", "id")],
    "gift": [("project_id", "id"), ("volunteer_id", "id")],
    "giving_use": [("project_id", "id")],
    "family_gift": [("giver_id", "month"), ("receiver_id", "month")],
    "ending_choice": [("month",)],
}


def upgrade() -> None:
    _make(
        "funder",
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("about", sa.String(500), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", NUMBER, nullable=True),
    )
    _make(
        "giving_project",
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("story", sa.String(2000), nullable=False),
        sa.Column("picture", sa.String(20), nullable=False),
        sa.Column("pool", sa.Boolean(), nullable=False),
        sa.Column("goal", NUMBER, nullable=True),
        sa.Column("stops_at_goal", sa.Boolean(), nullable=False),
        sa.Column("filled", NUMBER, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("funder_id", NUMBER, nullable=True),
        sa.Column("match_per", NUMBER, nullable=True),
        sa.Column("match_what", sa.String(60), nullable=True),
        sa.Column("match_most", NUMBER, nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("proposed_by", NUMBER, nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("approved_by", NUMBER, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("reached_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
    )
    pools = sa.text("pool")
    op.create_index(
        "uq_giving_project_pool",
        "giving_project",
        ["area_path"],
        unique=True,
        sqlite_where=pools,
        postgresql_where=pools,
    )
    _make(
        "gift",
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("from_surplus", NUMBER, nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("asked_with", sa.String(64), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
    )
    _make(
        "giving_use",
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("helped", NUMBER, nullable=True),
        sa.Column("published_by", NUMBER, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
    )
    _make(
        "family_gift",
        sa.Column("giver_id", NUMBER, nullable=False),
        sa.Column("receiver_id", NUMBER, nullable=False),
        sa.Column("points", NUMBER, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("asked_with", sa.String(64), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
    )
    _make(
        "ending_choice",
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("project_id", NUMBER, nullable=True),
        sa.Column("chosen_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("ending_choice", "family_gift", "giving_use", "gift", "giving_project", "funder"):
        op.drop_table(table)


def _make(table: str, *columns: sa.Column) -> None:
    """Make a table with its number, its rules, what it points at, and its indexes."""
    once = (
        [sa.UniqueConstraint(*ONCE[table], name=op.f(f"uq_{table}_{'_'.join(ONCE[table])}"))]
        if table in ONCE
        else []
    )
    op.create_table(
        table,
        sa.Column("id", NUMBER, nullable=False),
        *columns,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in RULES[table].items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, other in POINTS_AT[table].items()
        ),
        *once,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for index in INDEXES.get(table, []):
        op.create_index(f"ix_{table}_{'_'.join(index)}", table, list(index))
