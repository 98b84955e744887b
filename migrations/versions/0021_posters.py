"""Posters: codes on paper for a day or a station, which of them count by themselves, activities at a station; and
screens that are lent a wall.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "service_day",
        sa.Column("poster_enough", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("station_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_activity_station_id"), "station", ["station_id"], ["id"])
    op.create_index(op.f("ix_activity_station_id"), "activity", ["station_id"])
    op.create_table(
        "poster_code",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=True),
        sa.Column("station_id", NUMBER, nullable=True),
        sa.Column("made_by", NUMBER, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(service_day_id IS NULL) <> (station_id IS NULL)", name=op.f("ck_poster_code_one_place")
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_poster_code_service_day_id")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_poster_code_station_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_poster_code_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster_code")),
        sa.UniqueConstraint("code", name=op.f("uq_poster_code_code")),
    )
    for column in ("service_day_id", "station_id"):
        live = sa.text(f"ended_at IS NULL AND {column} IS NOT NULL")
        op.create_index(
            f"uq_poster_code_live_{column}",
            "poster_code",
            [column],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )
    op.create_table(
        "poster_award",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("nth", NUMBER, nullable=False),
        sa.Column("attendance_id", NUMBER, nullable=False),
        sa.CheckConstraint("nth IN (1, 2)", name=op.f("ck_poster_award_nth")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_poster_award_volunteer_id")),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_poster_award_attendance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster_award")),
        sa.UniqueConstraint(
            "volunteer_id", "week", "nth", name=op.f("uq_poster_award_volunteer_id_week_nth")
        ),
        sa.UniqueConstraint("attendance_id", name=op.f("uq_poster_award_attendance_id")),
    )
    op.create_table(
        "wall_screen",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("code_print", sa.String(64), nullable=False),
        sa.Column("token_print", sa.String(64), nullable=False),
        sa.Column("code_until", MOMENT, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=True),
        sa.Column("paired_by", NUMBER, nullable=True),
        sa.Column("paired_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(service_day_id IS NULL) = (paired_at IS NULL)", name=op.f("ck_wall_screen_paired")
        ),
        sa.CheckConstraint("(paired_at IS NULL) = (paired_by IS NULL)", name=op.f("ck_wall_screen_by")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_wall_screen_service_day_id")
        ),
        sa.ForeignKeyConstraint(["paired_by"], ["account.id"], name=op.f("fk_wall_screen_paired_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_screen")),
        sa.UniqueConstraint("code_print", name=op.f("uq_wall_screen_code_print")),
        sa.UniqueConstraint("token_print", name=op.f("uq_wall_screen_token_print")),
    )
    op.create_index("ix_wall_screen_service_day_id", "wall_screen", ["service_day_id"])
    op.create_index("ix_wall_screen_code_until", "wall_screen", ["code_until"])


def downgrade() -> None:
    op.drop_table("wall_screen")
    op.drop_table("poster_award")
    op.drop_table("poster_code")
    op.drop_index(op.f("ix_activity_station_id"), "activity")
    with op.batch_alter_table("activity") as table:
        table.drop_constraint(op.f("fk_activity_station_id"), type_="foreignkey")
        table.drop_column("station_id")
    with op.batch_alter_table("service_day") as table:
        table.drop_column("poster_enough")
