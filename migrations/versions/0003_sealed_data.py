"""Keys of personal data by community; the audit chain.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

GUARDS_SQLITE = (
    """CREATE TRIGGER audit_seal_u BEFORE UPDATE ON audit_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER audit_seal_d BEFORE DELETE ON audit_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER audit_seal_i BEFORE INSERT ON audit_seal WHEN EXISTS (SELECT 1 FROM audit_seal WHERE (seq = NEW.seq)) BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END""",
)

GUARDS_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION liyu_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23514'; END $$""",
    """CREATE TRIGGER audit_seal_ud BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION liyu_forbid()""",
    """CREATE TRIGGER audit_seal_t BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()""",
    """ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_ud""",
    """ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_t""",
)


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("scope", PATH, nullable=False),
        sa.Column("kid", NUMBER, autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("encryptions", NUMBER, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kid BETWEEN 1 AND 255", name=op.f("ck_data_key_kid")),
        sa.CheckConstraint("encryptions >= 0", name=op.f("ck_data_key_encryptions")),
        sa.CheckConstraint(
            "wrapped IS NOT NULL OR retired_at IS NOT NULL", name=op.f("ck_data_key_destroyed")
        ),
        sa.PrimaryKeyConstraint("scope", "kid", name=op.f("pk_data_key")),
    )
    op.create_index(
        "uq_data_key_current",
        "data_key",
        ["scope"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seal")),
    )
    for statement in GUARDS_SQLITE if op.get_bind().dialect.name == "sqlite" else GUARDS_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_seal")
    op.drop_table("data_key")
