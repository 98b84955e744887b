"""Corrections: late hours, scans taken back, undoings by two, appeals.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
LIVE = "state IN ('filed', 'first', 'notice', 'objected', 'effective')"


def upgrade() -> None:
    # Sealed columns end alike, so that the change of keys finds them all.
    with op.batch_alter_table("kept_photo") as table:
        table.alter_column("sealed", new_column_name="jpeg_sealed", existing_type=sa.LargeBinary())
    _supplements()
    _undoing()
    _appeals()


def downgrade() -> None:
    op.drop_table("appeal")
    op.drop_table("record_answer")
    op.drop_table("reversal_request")
    op.drop_table("gate_scan")
    op.drop_table("supplement")
    with op.batch_alter_table("kept_photo") as table:
        table.alter_column("jpeg_sealed", new_column_name="sealed", existing_type=sa.LargeBinary())


def _supplements() -> None:
    op.create_table(
        "supplement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("filed_by", NUMBER, nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("team_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("minutes", NUMBER, nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("sheet", sa.String(200), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("first_by", NUMBER, nullable=True),
        sa.Column("first_at", MOMENT, nullable=True),
        sa.Column("second_by", NUMBER, nullable=True),
        sa.Column("second_at", MOMENT, nullable=True),
        sa.Column("notice_until", sa.Date(), nullable=True),
        sa.Column("objected_by", NUMBER, nullable=True),
        sa.Column("objected_at", MOMENT, nullable=True),
        sa.Column("objection", sa.String(500), nullable=True),
        sa.Column("ended_by", NUMBER, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *_checks(
            "supplement",
            minutes="minutes > 0",
            state=("state IN ('filed', 'first', 'notice', 'objected', 'effective', 'rejected', 'withdrawn')"),
            first_by="first_by IS NULL OR (first_by <> volunteer_id AND first_by <> filed_by)",
            second_by=(
                "second_by IS NULL OR (second_by <> volunteer_id AND second_by <> filed_by"
                " AND first_by IS NOT NULL AND second_by <> first_by)"
            ),
            two_agreed=(
                "state NOT IN ('notice', 'objected', 'effective')"
                " OR (second_by IS NOT NULL AND notice_until IS NOT NULL)"
            ),
            objected="state <> 'objected' OR objected_at IS NOT NULL",
        ),
        *_people(
            "supplement", "volunteer_id", "filed_by", "first_by", "second_by", "objected_by", "ended_by"
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_supplement_service_day_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_supplement_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
    )
    op.create_index(
        "uq_supplement_live",
        "supplement",
        ["volunteer_id", "service_day_id"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_index("ix_supplement_state_area_path", "supplement", ["state", "area_path"])
    op.create_index("ix_supplement_service_day_id", "supplement", ["service_day_id"])


def _undoing() -> None:
    op.create_table(
        "gate_scan",
        sa.Column("scan", sa.String(64), nullable=False),
        sa.Column("attendance_id", NUMBER, nullable=False),
        sa.Column("service_day_id", NUMBER, nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("scanned_by", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", NUMBER, nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        *_checks(
            "gate_scan",
            direction="direction IN ('in', 'out')",
            undone="(undone_at IS NULL) = (reason IS NULL)",
        ),
        *_people("gate_scan", "scanned_by", "undone_by"),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_gate_scan_attendance_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_gate_scan_service_day_id")
        ),
        sa.PrimaryKeyConstraint("scan", name=op.f("pk_gate_scan")),
    )
    op.create_index("ix_gate_scan_service_day_id_device_at", "gate_scan", ["service_day_id", "device", "at"])
    op.create_index("ix_gate_scan_attendance_id", "gate_scan", ["attendance_id"])
    op.create_table(
        "reversal_request",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("attendance_id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("team_id", NUMBER, nullable=False),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("note", sa.String(200), nullable=True),
        *_checks(
            "reversal_request",
            state="state IN ('open', 'done', 'refused')",
            decided_at="(state = 'open') = (decided_at IS NULL)",
            decided_by="(decided_at IS NULL) = (decided_by IS NULL)",
            four_eyes="decided_by IS NULL OR decided_by <> asked_by",
            not_ones_own="decided_by IS NULL OR decided_by <> volunteer_id",
        ),
        *_people("reversal_request", "volunteer_id", "asked_by", "decided_by"),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_reversal_request_attendance_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_reversal_request_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal_request")),
    )
    op.create_index(
        "uq_reversal_request_open_attendance_id",
        "reversal_request",
        ["attendance_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_reversal_request_attendance_id"), "reversal_request", ["attendance_id"])
    op.create_index("ix_reversal_request_state_area_path", "reversal_request", ["state", "area_path"])


def _appeals() -> None:
    op.create_table(
        "record_answer",
        sa.Column("record_id", NUMBER, nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_record.id"], name=op.f("fk_record_answer_record_id")
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_answer")),
    )
    outcomes = "IN ('upheld', 'dismissed', 'redirected')"
    op.create_table(
        "appeal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("volunteer_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("record_id", NUMBER, nullable=True),
        sa.Column("service_day_id", NUMBER, nullable=True),
        sa.Column("area_path", PATH, nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("answer", sa.String(500), nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("escalation", sa.String(500), nullable=True),
        sa.Column("escalated_at", MOMENT, nullable=True),
        sa.Column("final_outcome", sa.String(10), nullable=True),
        sa.Column("final_answer", sa.String(500), nullable=True),
        sa.Column("final_by", NUMBER, nullable=True),
        sa.Column("final_at", MOMENT, nullable=True),
        *_checks(
            "appeal",
            kind="kind IN ('wrong', 'missing', 'not_me', 'complaint')",
            state="state IN ('filed', 'answered', 'escalated', 'final', 'withdrawn')",
            outcome=f"outcome IS NULL OR outcome {outcomes}",
            final_outcome=f"final_outcome IS NULL OR final_outcome {outcomes}",
            answered="state <> 'answered' OR (answer IS NOT NULL AND answered_by IS NOT NULL)",
            final="(state = 'final') = (final_by IS NOT NULL)",
            other_eyes=(
                "(answered_by IS NULL OR answered_by <> volunteer_id)"
                " AND (final_by IS NULL OR final_by <> volunteer_id)"
                " AND (final_by IS NULL OR answered_by IS NULL OR final_by <> answered_by)"
            ),
        ),
        *_people("appeal", "volunteer_id", "answered_by", "final_by"),
        sa.ForeignKeyConstraint(["record_id"], ["service_record.id"], name=op.f("fk_appeal_record_id")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_appeal_service_day_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    waits = "state IN ('filed', 'escalated') AND record_id IS NOT NULL"
    op.create_index(
        "uq_appeal_waiting_record",
        "appeal",
        ["volunteer_id", "record_id"],
        unique=True,
        sqlite_where=sa.text(waits),
        postgresql_where=sa.text(waits),
    )
    op.create_index("ix_appeal_state_area_path", "appeal", ["state", "area_path"])
    op.create_index("ix_appeal_volunteer_id", "appeal", ["volunteer_id"])
    op.create_index("ix_appeal_record_id", "appeal", ["record_id"])


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def _people(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{table}_{column}"))
        for column in columns
    ]
