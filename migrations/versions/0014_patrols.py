"""Patrols: routes with checkpoints, walks, visits, findings.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _kept_photos()
    _routes()
    _walks()
    _findings()


def downgrade() -> None:
    for table in (
        "patrol_finding",
        "patrol_visit",
        "patrol_stop",
        "patrol_series",
        "patrol",
        "patrol_code",
        "patrol_point",
        "patrol_route",
        "kept_photo",
    ):
        op.drop_table(table)


def _kept_photos() -> None:
    op.create_table(
        "kept_photo",
        _number("id"),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_photo")),
        sa.UniqueConstraint("about", name=op.f("uq_kept_photo_about")),
    )
    op.create_index(op.f("ix_kept_photo_added_at"), "kept_photo", ["added_at"])


def _routes() -> None:
    op.create_table(
        "patrol_route",
        _number("id"),
        _number("team_id", empty=True),
        _number("area_id"),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        _number("created_by", empty=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _check("patrol_route", "state", "state IN ('open', 'closed')"),
        _to("patrol_route", "team_id", "team.id"),
        _to("patrol_route", "area_id", "area.id"),
        _to("patrol_route", "created_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_route")),
        sa.UniqueConstraint("area_id", "name", name=op.f("uq_patrol_route_area_id_name")),
    )
    op.create_index("ix_patrol_route_area_path", "patrol_route", ["area_path"])
    op.create_index("ix_patrol_route_team_id", "patrol_route", ["team_id"])
    op.create_table(
        "patrol_point",
        _number("id"),
        _number("route_id"),
        _number("nth"),
        sa.Column("name", sa.String(40), nullable=False),
        _number("area_id"),
        sa.Column("hint", sa.String(120), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("patrol_point", "route_id", "patrol_route.id"),
        _to("patrol_point", "area_id", "area.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_point")),
    )
    op.create_index("ix_patrol_point_route_id_nth", "patrol_point", ["route_id", "nth"])
    op.create_table(
        "patrol_code",
        _number("id"),
        _number("point_id"),
        sa.Column("code", sa.String(16), nullable=False),
        _number("made_by", empty=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("patrol_code", "point_id", "patrol_point.id"),
        _to("patrol_code", "made_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_code")),
        sa.UniqueConstraint("code", name=op.f("uq_patrol_code_code")),
    )
    op.create_index(
        "uq_patrol_code_live",
        "patrol_code",
        ["point_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _walks() -> None:
    op.create_table(
        "patrol",
        _number("service_day_id"),
        _number("route_id"),
        sa.Column("name", sa.String(40), nullable=False),
        _number("chosen_by", empty=True),
        sa.Column("chosen_at", MOMENT, nullable=False),
        _to("patrol", "service_day_id", "service_day.id", ondelete="CASCADE"),
        _to("patrol", "route_id", "patrol_route.id"),
        _to("patrol", "chosen_by", "account.id"),
        sa.PrimaryKeyConstraint("service_day_id", name=op.f("pk_patrol")),
    )
    op.create_index(op.f("ix_patrol_route_id"), "patrol", ["route_id"])
    op.create_table(
        "patrol_series",
        _number("series_id"),
        _number("route_id"),
        _to("patrol_series", "series_id", "service_series.id"),
        _to("patrol_series", "route_id", "patrol_route.id"),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_patrol_series")),
    )
    op.create_table(
        "patrol_stop",
        _number("id"),
        _number("service_day_id"),
        _number("point_id"),
        _number("nth"),
        sa.Column("name", sa.String(40), nullable=False),
        _number("area_id"),
        sa.Column("hint", sa.String(120), nullable=True),
        _to("patrol_stop", "service_day_id", "patrol.service_day_id", ondelete="CASCADE"),
        _to("patrol_stop", "point_id", "patrol_point.id"),
        _to("patrol_stop", "area_id", "area.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_stop")),
        sa.UniqueConstraint(
            "service_day_id", "point_id", name=op.f("uq_patrol_stop_service_day_id_point_id")
        ),
    )
    op.create_index("ix_patrol_stop_point_id", "patrol_stop", ["point_id"])
    op.create_table(
        "patrol_visit",
        _number("id"),
        _number("stop_id"),
        _number("service_day_id"),
        _number("volunteer_id"),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("flag", sa.String(8), nullable=True),
        _check("patrol_visit", "flag", "flag IS NULL OR flag IN ('fast', 'burst')"),
        _to("patrol_visit", "stop_id", "patrol_stop.id"),
        _to("patrol_visit", "service_day_id", "service_day.id"),
        _to("patrol_visit", "volunteer_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_visit")),
        sa.UniqueConstraint("stop_id", "volunteer_id", name=op.f("uq_patrol_visit_stop_id_volunteer_id")),
    )
    op.create_index(
        "ix_patrol_visit_service_day_id_volunteer_id", "patrol_visit", ["service_day_id", "volunteer_id"]
    )


def _findings() -> None:
    op.create_table(
        "patrol_finding",
        _number("id"),
        sa.Column("sent", sa.String(64), nullable=False),
        _number("service_day_id"),
        _number("stop_id", empty=True),
        _number("team_id"),
        _number("area_id"),
        sa.Column("area_path", PATH, nullable=False),
        _number("reporter_id"),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(300), nullable=True),
        _number("answered_by", empty=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        _check("patrol_finding", "state", "state IN ('reported', 'accepted', 'resolved', 'declined')"),
        _check(
            "patrol_finding",
            "kind",
            "kind IN ('clean', 'facility', 'fire', 'road', 'building', 'people', 'other')",
        ),
        _check(
            "patrol_finding",
            "answered",
            "state NOT IN ('resolved', 'declined') OR (answer IS NOT NULL AND answered_at IS NOT NULL)",
        ),
        _to("patrol_finding", "service_day_id", "service_day.id"),
        _to("patrol_finding", "stop_id", "patrol_stop.id"),
        _to("patrol_finding", "team_id", "team.id"),
        _to("patrol_finding", "area_id", "area.id"),
        _to("patrol_finding", "reporter_id", "account.id"),
        _to("patrol_finding", "answered_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_finding")),
        sa.UniqueConstraint("sent", name=op.f("uq_patrol_finding_sent")),
    )
    op.create_index("ix_patrol_finding_state_area_path", "patrol_finding", ["state", "area_path"])
    op.create_index("ix_patrol_finding_area_path_reported_at", "patrol_finding", ["area_path", "reported_at"])
    op.create_index("ix_patrol_finding_reporter_id", "patrol_finding", ["reporter_id"])
    op.create_index("ix_patrol_finding_service_day_id", "patrol_finding", ["service_day_id"])


def _number(name: str, *, empty: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=empty)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _to(table: str, column: str, target: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, ondelete=ondelete)
