"""The first schema, with the guards of the books.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What the database itself refuses and keeps: append-only rows, balances that follow postings.
GUARDS_SQLITE = (
    """CREATE TRIGGER ledger_posting_u BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER ledger_posting_d BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER ledger_posting_i BEFORE INSERT ON ledger_posting WHEN EXISTS (SELECT 1 FROM ledger_posting WHERE (id = NEW.id) OR (key = NEW.key AND line = NEW.line) OR (reverses_id = NEW.reverses_id)) BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END""",
    """CREATE TRIGGER ledger_posting_balance AFTER INSERT ON ledger_posting BEGIN
  UPDATE ledger_balance SET amount = amount - NEW.amount WHERE address = NEW.source;
  SELECT RAISE(ABORT, 'CHECK constraint failed: ck_ledger_balance_floor')
    WHERE NEW.source NOT LIKE 'programme:%' AND NOT EXISTS (SELECT 1 FROM ledger_balance WHERE address = NEW.source);
  INSERT INTO ledger_balance (address, amount) SELECT NEW.target, NEW.amount WHERE NEW.target NOT LIKE 'programme:%'
    ON CONFLICT (address) DO UPDATE SET amount = amount + excluded.amount;
END""",
    """CREATE TRIGGER ledger_seal_u BEFORE UPDATE ON ledger_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER ledger_seal_d BEFORE DELETE ON ledger_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER ledger_seal_i BEFORE INSERT ON ledger_seal WHEN EXISTS (SELECT 1 FROM ledger_seal WHERE ("on" = NEW."on")) BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END""",
    """CREATE TRIGGER event_u BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER event_d BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END""",
    """CREATE TRIGGER event_i BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE (id = NEW.id)) BEGIN SELECT RAISE(ABORT, 'append-only: duplicate'); END""",
)

GUARDS_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION liyu_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23514'; END $$""",
    """CREATE TRIGGER ledger_posting_ud BEFORE UPDATE OR DELETE ON ledger_posting FOR EACH ROW EXECUTE FUNCTION liyu_forbid()""",
    """CREATE TRIGGER ledger_posting_t BEFORE TRUNCATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()""",
    """ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_posting_ud""",
    """ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER ledger_posting_t""",
    """CREATE OR REPLACE FUNCTION liyu_move_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.source NOT LIKE 'programme:%' THEN
    UPDATE ledger_balance SET amount = amount - NEW.amount WHERE address = NEW.source;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'ck_ledger_balance_floor' USING ERRCODE = '23514';
    END IF;
  END IF;
  IF NEW.target NOT LIKE 'programme:%' THEN
    INSERT INTO ledger_balance (address, amount) VALUES (NEW.target, NEW.amount)
      ON CONFLICT (address) DO UPDATE SET amount = ledger_balance.amount + excluded.amount;
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER ledger_posting_balance AFTER INSERT ON ledger_posting FOR EACH ROW EXECUTE FUNCTION liyu_move_balance()""",
    """CREATE OR REPLACE FUNCTION liyu_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23514'; END $$""",
    """CREATE TRIGGER ledger_seal_ud BEFORE UPDATE OR DELETE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION liyu_forbid()""",
    """CREATE TRIGGER ledger_seal_t BEFORE TRUNCATE ON ledger_seal FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()""",
    """ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER ledger_seal_ud""",
    """ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER ledger_seal_t""",
    """CREATE OR REPLACE FUNCTION liyu_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23514'; END $$""",
    """CREATE TRIGGER event_ud BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION liyu_forbid()""",
    """CREATE TRIGGER event_t BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION liyu_forbid()""",
    """ALTER TABLE event ENABLE ALWAYS TRIGGER event_ud""",
    """ALTER TABLE event ENABLE ALWAYS TRIGGER event_t""",
)


def _guards() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in GUARDS_SQLITE if sqlite else GUARDS_POSTGRESQL:
        op.execute(sa.DDL(statement.replace("%", "%%")))


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('street', 'community', 'grid')", name=op.f("ck_area_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("path", name=op.f("uq_area_path")),
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("about", sa.String(length=60), nullable=True),
        sa.Column("within", sa.String(length=60), nullable=True),
        sa.Column("whom", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_about_id", ["about", "id"], unique=False)
        batch_op.create_index("ix_event_kind_id", ["kind", "id"], unique=False)
        batch_op.create_index("ix_event_whom_id", ["whom", "id"], unique=False)
        batch_op.create_index("ix_event_within_id", ["within", "id"], unique=False)

    op.create_table(
        "event_delivery",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reaction", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "reaction", name=op.f("pk_event_delivery")),
    )
    op.create_table(
        "holiday",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_holiday_kind")),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_holiday")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.String(length=160), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_created_at"), ["created_at"], unique=False)

    op.create_table(
        "ledger_balance",
        sa.Column(
            "address",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_ledger_balance_floor")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_ledger_balance")),
    )
    op.create_table(
        "ledger_seal",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("postings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_ledger_seal")),
    )
    op.create_table(
        "phone_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
    )
    with op.batch_alter_table("phone_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phone_code_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "rate_limit",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("hits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
    )
    with op.batch_alter_table("rate_limit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_limit_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "scheduler_lease",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("epoch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_scheduler_lease_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler_lease")),
    )
    op.create_table(
        "timetable_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'failed')", name=op.f("ck_timetable_run_outcome")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (finished_at IS NULL)", name=op.f("ck_timetable_run_finished")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_run")),
        sa.UniqueConstraint("job", "due", "slot", name=op.f("uq_timetable_run_job_due_slot")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volunteer_no", sa.String(length=12), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("pass_revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_masked", sa.String(length=20), nullable=False),
        sa.Column("id_index", sa.LargeBinary(), nullable=True),
        sa.Column("id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id_masked", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.Column("home_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("skills", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closing_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('active', 'suspended', 'closed')", name=op.f("ck_account_state")),
        sa.ForeignKeyConstraint(["home_id"], ["area.id"], name=op.f("fk_account_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("id_index", name=op.f("uq_account_id_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_account_phone_index")),
        sa.UniqueConstraint("public", name=op.f("uq_account_public")),
        sa.UniqueConstraint("volunteer_no", name=op.f("uq_account_volunteer_no")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_area_path"), ["area_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_home_id"), ["home_id"], unique=False)

    op.create_table(
        "station",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("colour", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("open_hours", sa.String(length=60), nullable=False),
        sa.Column("amenities", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_station_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_station_area_id"), ["area_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_api_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_consent_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_user_id_purpose", ["user_id", "purpose"], unique=False)

    op.create_table(
        "grant_held",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("given_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(area_id IS NOT NULL AND team_id IS NULL AND partner_id IS NULL) OR (area_id IS NULL AND team_id IS NOT NULL AND partner_id IS NULL) OR (area_id IS NULL AND team_id IS NULL AND partner_id IS NOT NULL)",
            name=op.f("ck_grant_held_one_place"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_grant_held_area_id")),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name=op.f("fk_grant_held_given_by")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_grant_held_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_held")),
    )
    with op.batch_alter_table("grant_held", schema=None) as batch_op:
        batch_op.create_index("ix_grant_held_partner_id_role", ["partner_id", "role"], unique=False)
        batch_op.create_index("ix_grant_held_team_id_role", ["team_id", "role"], unique=False)
        batch_op.create_index(batch_op.f("ix_grant_held_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_grant_held_area",
            ["user_id", "role", "area_id"],
            unique=True,
            sqlite_where=sa.text("area_id IS NOT NULL"),
            postgresql_where=sa.text("area_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_grant_held_partner",
            ["user_id", "role", "partner_id"],
            unique=True,
            sqlite_where=sa.text("partner_id IS NOT NULL"),
            postgresql_where=sa.text("partner_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_grant_held_team",
            ["user_id", "role", "team_id"],
            unique=True,
            sqlite_where=sa.text("team_id IS NOT NULL"),
            postgresql_where=sa.text("team_id IS NOT NULL"),
        )

    op.create_table(
        "guardian",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guardian_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_masked", sa.String(length=20), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["guardian_id"], ["account.id"], name=op.f("fk_guardian_guardian_id")),
        sa.ForeignKeyConstraint(["minor_id"], ["account.id"], name=op.f("fk_guardian_minor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("minor_id", "phone_index", name=op.f("uq_guardian_minor_id_phone_index")),
    )
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardian_guardian_id"), ["guardian_id"], unique=False)

    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column(
            "source",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("why", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_posting_amount")),
        sa.CheckConstraint("line >= 0", name=op.f("ck_ledger_posting_line")),
        sa.CheckConstraint("source <> target", name=op.f("ck_ledger_posting_two_ends")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["ledger_posting.id"], name=op.f("fk_ledger_posting_reverses_id")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["account.id"], name=op.f("fk_ledger_posting_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
        sa.UniqueConstraint("key", "line", name=op.f("uq_ledger_posting_key_line")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_posting_reverses_id")),
    )
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_posting_on_move", ["on", "move"], unique=False)
        batch_op.create_index("ix_ledger_posting_source", ["source"], unique=False)
        batch_op.create_index("ix_ledger_posting_target", ["target"], unique=False)
        batch_op.create_index("ix_ledger_posting_volunteer_id_id", ["volunteer_id", "id"], unique=False)

    op.create_table(
        "ledger_rule_set",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_ledger_rule_set_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_rule_set")),
        sa.UniqueConstraint("effective_on", name=op.f("uq_ledger_rule_set_effective_on")),
        sa.UniqueConstraint("version", name=op.f("uq_ledger_rule_set_version")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=True),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_notice_user_id_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_user_id_id", ["user_id", "id"], unique=False)

    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("licence_no", sa.String(length=40), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.String(length=160), nullable=False),
        sa.Column("contact_phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contact_phone_masked", sa.String(length=20), nullable=False),
        sa.Column("applicant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("plaque_no", sa.String(length=20), nullable=True),
        sa.Column("plaque_on", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('caring_enterprise', 'co_building_unit', 'public_body', 'union', 'foundation', 'charity_mart')",
            name=op.f("ck_partner_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'reviewed', 'signed', 'paused', 'terminated', 'lapsed', 'rejected')",
            name=op.f("ck_partner_state"),
        ),
        sa.ForeignKeyConstraint(["applicant_id"], ["account.id"], name=op.f("fk_partner_applicant_id")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_partner_area_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_partner_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("licence_no", name=op.f("uq_partner_licence_no")),
        sa.UniqueConstraint("plaque_no", name=op.f("uq_partner_plaque_no")),
    )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partner_area_path"), ["area_path"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_sign_in_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("members", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'pending', 'active', 'rejected', 'suspended', 'closed')",
            name=op.f("ck_team_state"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_team_area_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_team_decided_by")),
        sa.ForeignKeyConstraint(["leader_id"], ["account.id"], name=op.f("fk_team_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("area_id", "name", name=op.f("uq_team_area_id_name")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_area_path"), ["area_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_team_leader_id"), ["leader_id"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("place_name", sa.String(length=60), nullable=False),
        sa.Column("place_address", sa.String(length=120), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("risk_level", sa.String(length=8), nullable=False),
        sa.Column("insurance", sa.String(length=80), nullable=True),
        sa.Column("guarantees", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("pay_kind", sa.String(length=4), nullable=False),
        sa.Column("coefficient", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flat_points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("walk_ins", sa.Boolean(), nullable=False),
        sa.Column("min_age", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(pay_kind = 'time' AND coefficient IN (10, 12, 14) AND flat_points IS NULL) OR (pay_kind = 'flat' AND flat_points BETWEEN 1 AND 60)",
            name=op.f("ck_activity_pay"),
        ),
        sa.CheckConstraint(
            "risk_level <> 'high' OR insurance IS NOT NULL", name=op.f("ck_activity_high_risk_insured")
        ),
        sa.CheckConstraint("risk_level IN ('low', 'medium', 'high')", name=op.f("ck_activity_risk_level")),
        sa.CheckConstraint(
            "state IN ('draft', 'pending', 'published', 'rejected', 'closed', 'withdrawn', 'cancelled')",
            name=op.f("ck_activity_state"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_activity_decided_by")),
        sa.ForeignKeyConstraint(["leader_id"], ["account.id"], name=op.f("fk_activity_leader_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_activity_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_area_path"), ["area_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_team_id"), ["team_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_agreement_dates")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_agreement_partner_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["account.id"], name=op.f("fk_agreement_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("partner_id", "version", name=op.f("uq_agreement_partner_id_version")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('applied', 'member', 'left', 'refused')", name=op.f("ck_membership_state")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_membership_team_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_membership_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("team_id", "volunteer_id", name=op.f("uq_membership_team_id_volunteer_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_volunteer_id_state", ["volunteer_id", "state"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=20), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stock", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("per_person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("adults_only", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "kind IN ('goods', 'discount', 'service', 'venue', 'course')", name=op.f("ck_offer_kind")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'paused', 'withdrawn')", name=op.f("ck_offer_state")
        ),
        sa.CheckConstraint("per_person > 0", name=op.f("ck_offer_per_person")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_offer_points")),
        sa.CheckConstraint("stock = given_in - claimed + returned", name=op.f("ck_offer_stock_adds_up")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_offer_stock")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_offer_dates")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_offer_created_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_offer_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_area_path"), ["area_path"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index("ix_offer_state_until_on", ["state", "until_on"], unique=False)

    op.create_table(
        "partner_strike",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("upheld_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_strike_partner_id")),
        sa.ForeignKeyConstraint(["upheld_by"], ["account.id"], name=op.f("fk_partner_strike_upheld_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_strike")),
    )
    with op.batch_alter_table("partner_strike", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_strike_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("agreed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'confirmed', 'agreed')", name=op.f("ck_statement_state")),
        sa.CheckConstraint(
            "agreed_by IS NULL OR agreed_by <> confirmed_by", name=op.f("ck_statement_four_eyes")
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["account.id"], name=op.f("fk_statement_agreed_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name=op.f("fk_statement_confirmed_by")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_statement_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("partner_id", "month", name=op.f("uq_statement_partner_id_month")),
    )
    op.create_table(
        "service_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("rrule", sa.String(length=200), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("capacity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ahead", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('running', 'ended')", name=op.f("ck_service_series_state")),
        sa.CheckConstraint("ahead BETWEEN 1 AND 26", name=op.f("ck_service_series_ahead")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_service_series_activity_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_service_series_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_series")),
    )
    with op.batch_alter_table("service_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_series_activity_id"), ["activity_id"], unique=False)

    op.create_table(
        "voucher",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_with", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("armed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("typed_hash", sa.String(length=64), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scan", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'redeemed') = (redeemed_at IS NOT NULL)", name=op.f("ck_voucher_redeemed_at")
        ),
        sa.CheckConstraint(
            "state IN ('claimed', 'redeemed', 'refused', 'cancelled', 'lapsed')",
            name=op.f("ck_voucher_state"),
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_voucher_offer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_voucher_partner_id")),
        sa.ForeignKeyConstraint(["redeemed_by"], ["account.id"], name=op.f("fk_voucher_redeemed_by")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_voucher_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("public", name=op.f("uq_voucher_public")),
        sa.UniqueConstraint("scan", name=op.f("uq_voucher_scan")),
        sa.UniqueConstraint("typed_hash", name=op.f("uq_voucher_typed_hash")),
        sa.UniqueConstraint("volunteer_id", "asked_with", name=op.f("uq_voucher_volunteer_id_asked_with")),
    )
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.create_index("ix_voucher_offer_id_volunteer_id", ["offer_id", "volunteer_id"], unique=False)
        batch_op.create_index(
            "ix_voucher_partner_id_state_redeemed_at", ["partner_id", "state", "redeemed_at"], unique=False
        )
        batch_op.create_index("ix_voucher_state_expires_on", ["state", "expires_on"], unique=False)
        batch_op.create_index("ix_voucher_volunteer_id_id", ["volunteer_id", "id"], unique=False)

    op.create_table(
        "service_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accepted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("public", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("clash_kept", sa.Boolean(), nullable=False),
        sa.Column("served", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'cancelled', 'closed')", name=op.f("ck_service_day_state")),
        sa.CheckConstraint("accepted >= 0 AND accepted <= capacity", name=op.f("ck_service_day_accepted")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_service_day_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_service_day_ends_after_start")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_service_day_activity_id")),
        sa.ForeignKeyConstraint(["series_id"], ["service_series.id"], name=op.f("fk_service_day_series_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_service_day_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_day")),
        sa.UniqueConstraint("public", name=op.f("uq_service_day_public")),
        sa.UniqueConstraint("series_id", "planned_on", name=op.f("uq_service_day_series_id_planned_on")),
    )
    with op.batch_alter_table("service_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_day_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index("ix_service_day_area_path_on", ["area_path", "on"], unique=False)
        batch_op.create_index("ix_service_day_on_id", ["on", "id"], unique=False)
        batch_op.create_index("ix_service_day_team_id_on", ["team_id", "on"], unique=False)

    op.create_table(
        "statement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("redeemed_on", sa.Date(), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_cents", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id")
        ),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.id"], name=op.f("fk_statement_line_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_statement_line_voucher_id")),
    )
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_line_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_how", sa.String(length=8), nullable=False),
        sa.Column("in_scan", sa.String(length=64), nullable=False),
        sa.Column("in_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_how", sa.String(length=8), nullable=True),
        sa.Column("out_scan", sa.String(length=64), nullable=True),
        sa.Column("out_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "in_how IN ('wall', 'pass', 'card', 'number', 'manual', 'kept', 'roll', 'auto')",
            name=op.f("ck_attendance_in_how"),
        ),
        sa.CheckConstraint(
            "out_how IS NULL OR out_how IN ('wall', 'pass', 'card', 'number', 'manual', 'kept', 'roll', 'auto')",
            name=op.f("ck_attendance_out_how"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'confirmed', 'stale', 'to_confirm', 'void')",
            name=op.f("ck_attendance_state"),
        ),
        sa.CheckConstraint("out_at IS NULL OR out_at >= in_at", name=op.f("ck_attendance_out_after_in")),
        sa.ForeignKeyConstraint(["in_by"], ["account.id"], name=op.f("fk_attendance_in_by")),
        sa.ForeignKeyConstraint(["out_by"], ["account.id"], name=op.f("fk_attendance_out_by")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_attendance_service_day_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_attendance_team_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_attendance_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("in_scan", name=op.f("uq_attendance_in_scan")),
        sa.UniqueConstraint("out_scan", name=op.f("uq_attendance_out_scan")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attendance_service_day_id_volunteer_id", ["service_day_id", "volunteer_id"], unique=False
        )
        batch_op.create_index("ix_attendance_state_service_day_id", ["state", "service_day_id"], unique=False)
        batch_op.create_index("ix_attendance_volunteer_id_in_at", ["volunteer_id", "in_at"], unique=False)
        batch_op.create_index(
            "uq_attendance_open_volunteer_id",
            ["volunteer_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "service_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("capacity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accepted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("min_age", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=True),
        sa.CheckConstraint("accepted >= 0 AND accepted <= capacity", name=op.f("ck_service_post_accepted")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_service_post_service_day_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_post")),
        sa.UniqueConstraint("service_day_id", "name", name=op.f("uq_service_post_service_day_id_name")),
    )
    with op.batch_alter_table("service_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_post_service_day_id"), ["service_day_id"], unique=False)

    op.create_table(
        "service_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "area_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("formula", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("grade IN ('A', 'B', 'C')", name=op.f("ck_service_record_grade")),
        sa.CheckConstraint(
            "state IN ('provisional', 'confirmed', 'reversed')", name=op.f("ck_service_record_state")
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_service_record_minutes")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_service_record_points")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["account.id"], name=op.f("fk_service_record_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["recorder_id"], ["account.id"], name=op.f("fk_service_record_recorder_id")),
        sa.ForeignKeyConstraint(["reversed_by"], ["account.id"], name=op.f("fk_service_record_reversed_by")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_service_record_service_day_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_service_record_team_id")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["account.id"], name=op.f("fk_service_record_volunteer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("source", name=op.f("uq_service_record_source")),
    )
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.create_index("ix_service_record_area_path_on", ["area_path", "on"], unique=False)
        batch_op.create_index("ix_service_record_service_day_id", ["service_day_id"], unique=False)
        batch_op.create_index("ix_service_record_state_on", ["state", "on"], unique=False)
        batch_op.create_index("ix_service_record_volunteer_id_on", ["volunteer_id", "on"], unique=False)

    op.create_table(
        "kept_scan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scan", sa.String(length=64), nullable=False),
        sa.Column("service_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("attendance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_kept_scan_attendance_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_kept_scan_service_day_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_kept_scan_team_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_kept_scan_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_scan")),
        sa.UniqueConstraint("scan", name=op.f("uq_kept_scan_scan")),
    )
    with op.batch_alter_table("kept_scan", schema=None) as batch_op:
        batch_op.create_index(
            "ix_kept_scan_service_day_id_outcome", ["service_day_id", "outcome"], unique=False
        )

    op.create_table(
        "signup",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_day_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("volunteer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('accepted', 'waitlisted', 'left', 'no_show', 'attended', 'cancelled')",
            name=op.f("ck_signup_state"),
        ),
        sa.ForeignKeyConstraint(["post_id"], ["service_post.id"], name=op.f("fk_signup_post_id")),
        sa.ForeignKeyConstraint(
            ["service_day_id"], ["service_day.id"], name=op.f("fk_signup_service_day_id")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["account.id"], name=op.f("fk_signup_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint(
            "service_day_id", "volunteer_id", name=op.f("uq_signup_service_day_id_volunteer_id")
        ),
    )
    with op.batch_alter_table("signup", schema=None) as batch_op:
        batch_op.create_index(
            "ix_signup_service_day_id_state_queued_at", ["service_day_id", "state", "queued_at"], unique=False
        )
        batch_op.create_index("ix_signup_volunteer_id_state", ["volunteer_id", "state"], unique=False)

    _guards()


def downgrade() -> None:
    with op.batch_alter_table("signup", schema=None) as batch_op:
        batch_op.drop_index("ix_signup_volunteer_id_state")
        batch_op.drop_index("ix_signup_service_day_id_state_queued_at")

    op.drop_table("signup")
    with op.batch_alter_table("kept_scan", schema=None) as batch_op:
        batch_op.drop_index("ix_kept_scan_service_day_id_outcome")

    op.drop_table("kept_scan")
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.drop_index("ix_service_record_volunteer_id_on")
        batch_op.drop_index("ix_service_record_state_on")
        batch_op.drop_index("ix_service_record_service_day_id")
        batch_op.drop_index("ix_service_record_area_path_on")

    op.drop_table("service_record")
    with op.batch_alter_table("service_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_post_service_day_id"))

    op.drop_table("service_post")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attendance_open_volunteer_id",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_attendance_volunteer_id_in_at")
        batch_op.drop_index("ix_attendance_state_service_day_id")
        batch_op.drop_index("ix_attendance_service_day_id_volunteer_id")

    op.drop_table("attendance")
    with op.batch_alter_table("statement_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_line_statement_id"))

    op.drop_table("statement_line")
    with op.batch_alter_table("service_day", schema=None) as batch_op:
        batch_op.drop_index("ix_service_day_team_id_on")
        batch_op.drop_index("ix_service_day_on_id")
        batch_op.drop_index("ix_service_day_area_path_on")
        batch_op.drop_index(batch_op.f("ix_service_day_activity_id"))

    op.drop_table("service_day")
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_index("ix_voucher_volunteer_id_id")
        batch_op.drop_index("ix_voucher_state_expires_on")
        batch_op.drop_index("ix_voucher_partner_id_state_redeemed_at")
        batch_op.drop_index("ix_voucher_offer_id_volunteer_id")

    op.drop_table("voucher")
    with op.batch_alter_table("service_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_series_activity_id"))

    op.drop_table("service_series")
    op.drop_table("statement")
    with op.batch_alter_table("partner_strike", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_strike_partner_id"))

    op.drop_table("partner_strike")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index("ix_offer_state_until_on")
        batch_op.drop_index(batch_op.f("ix_offer_partner_id"))
        batch_op.drop_index(batch_op.f("ix_offer_area_path"))

    op.drop_table("offer")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_volunteer_id_state")

    op.drop_table("membership")
    op.drop_table("agreement")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_team_id"))
        batch_op.drop_index(batch_op.f("ix_activity_area_path"))

    op.drop_table("activity")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_leader_id"))
        batch_op.drop_index(batch_op.f("ix_team_area_path"))
        batch_op.drop_index(batch_op.f("ix_team_area_id"))

    op.drop_table("team")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_user_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_area_path"))
        batch_op.drop_index(batch_op.f("ix_partner_area_id"))

    op.drop_table("partner")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_user_id_id")

    op.drop_table("notice")
    op.drop_table("ledger_rule_set")
    with op.batch_alter_table("ledger_posting", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_posting_volunteer_id_id")
        batch_op.drop_index("ix_ledger_posting_target")
        batch_op.drop_index("ix_ledger_posting_source")
        batch_op.drop_index("ix_ledger_posting_on_move")

    op.drop_table("ledger_posting")
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardian_guardian_id"))

    op.drop_table("guardian")
    with op.batch_alter_table("grant_held", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_grant_held_team",
            sqlite_where=sa.text("team_id IS NOT NULL"),
            postgresql_where=sa.text("team_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_grant_held_partner",
            sqlite_where=sa.text("partner_id IS NOT NULL"),
            postgresql_where=sa.text("partner_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_grant_held_area",
            sqlite_where=sa.text("area_id IS NOT NULL"),
            postgresql_where=sa.text("area_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_grant_held_user_id"))
        batch_op.drop_index("ix_grant_held_team_id_role")
        batch_op.drop_index("ix_grant_held_partner_id_role")

    op.drop_table("grant_held")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_user_id_purpose")

    op.drop_table("consent")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_user_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_station_area_id"))

    op.drop_table("station")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_home_id"))
        batch_op.drop_index(batch_op.f("ix_account_area_path"))

    op.drop_table("account")
    op.drop_table("timetable_run")
    op.drop_table("scheduler_lease")
    with op.batch_alter_table("rate_limit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_limit_ends_at"))

    op.drop_table("rate_limit")
    with op.batch_alter_table("phone_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phone_code_phone_index"))

    op.drop_table("phone_code")
    op.drop_table("ledger_seal")
    op.drop_table("ledger_balance")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_created_at"))

    op.drop_table("idempotency_key")
    op.drop_table("holiday")
    op.drop_table("event_delivery")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_within_id")
        batch_op.drop_index("ix_event_whom_id")
        batch_op.drop_index("ix_event_kind_id")
        batch_op.drop_index("ix_event_about_id")

    op.drop_table("event")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_area_parent_id"))

    op.drop_table("area")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION liyu_move_balance()")
        op.execute("DROP FUNCTION liyu_forbid()")
