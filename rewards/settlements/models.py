"""What was redeemed at a partner in a month: drawn up, agreed, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

#: A statement that two people have signed: its figures are fixed, and what comes late goes on another.
FIXED = ("agreed", "paid", "circulated")


class Statement(db.Model):
    """One partner, one month ("2026-11"): draft → confirmed by the partner → agreed by a second person → paid outside
    of here, or circulated to the partner's own volunteers.

    One below zero is taken off the next that is paid or circulated: `carried_into` says which.
    """

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("partner_id", "month"),
        CheckConstraint("state IN ('draft', 'confirmed', 'agreed', 'paid', 'circulated')", "state"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> confirmed_by", "four_eyes"),
        CheckConstraint(
            "state NOT IN ('agreed', 'paid', 'circulated') OR (confirmed_by IS NOT NULL AND agreed_by IS NOT NULL)",
            "signed",
        ),
        CheckConstraint("(state IN ('paid', 'circulated')) = (ended_at IS NOT NULL)", "ended"),
        CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (state = 'paid') = (reference IS NOT NULL)",
            "ended_by",
        ),
        CheckConstraint("ended_at IS NULL OR points > 0", "nothing_below_zero_is_paid"),
        CheckConstraint("carried_into IS NULL OR (points < 0 AND carried_into <> id)", "carried"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    month: Mapped[str] = mapped_column(String(7))
    count: Mapped[int]
    points: Mapped[int]
    value_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    drawn_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(String(100))
    carried_into: Mapped[int | None] = mapped_column(ForeignKey("statement.id"), index=True)


class StatementLine(db.Model):
    """One redeemed voucher on one statement, once."""

    __tablename__ = "statement_line"
    __table_args__ = (UniqueConstraint("voucher_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"), index=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    redeemed_on: Mapped[date]
    points: Mapped[int]
    value_cents: Mapped[int]


class ClawBack(db.Model):
    """A voucher whose points went back after it was paid for: taken off the partner's next statement, once.

    Two people of the office stand behind it. `statement_id` stays empty until that statement is drawn up.
    """

    __tablename__ = "claw_back"
    __table_args__ = (
        UniqueConstraint("voucher_id"),
        CheckConstraint("approved_by <> asked_by", "four_eyes"),
        Index("ix_claw_back_partner_id_statement_id", "partner_id", "statement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"), index=True)
    points: Mapped[int]
    value_cents: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Objection(db.Model):
    """A partner says that a line of its statement is wrong, or without a line that a voucher is missing.

    The office answers: it `stands`, or the figures are `changed`. `gone` is what its holder disputed meanwhile.
    """

    __tablename__ = "statement_objection"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'stands', 'changed', 'gone')", "state"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", "answered"),
        CheckConstraint(
            "(state IN ('stands', 'changed')) = (answered_by IS NOT NULL AND answer IS NOT NULL)",
            "answered_by",
        ),
        CheckConstraint("answered_by IS NULL OR answered_by <> said_by", "four_eyes"),
        Index(
            "uq_statement_objection_open_line",
            "voucher_id",
            unique=True,
            sqlite_where=text("state = 'open' AND voucher_id IS NOT NULL"),
            postgresql_where=text("state = 'open' AND voucher_id IS NOT NULL"),
        ),
        Index(
            "uq_statement_objection_open_missing",
            "statement_id",
            unique=True,
            sqlite_where=text("state = 'open' AND voucher_id IS NULL"),
            postgresql_where=text("state = 'open' AND voucher_id IS NULL"),
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"), index=True)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    said: Mapped[str] = mapped_column(String(200))
    said_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[str | None] = mapped_column(String(200))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]


class Circulation(db.Model):
    """Points of an agreed statement for the partner's own volunteers: proposed by the partner, decided by the office."""

    __tablename__ = "circulation"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'refused')", "state"),
        CheckConstraint("percent BETWEEN 1 AND 50", "percent"),
        CheckConstraint("points > 0 AND points * 100 <= statement_points * percent", "share_of_statement"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", "decided_by"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", "decided_at"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", "four_eyes"),
        Index(
            "uq_circulation_live_statement_id",
            "statement_id",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statement.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    statement_points: Mapped[int]
    percent: Mapped[int]
    points: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))


class Share(db.Model):
    """What one volunteer of the partner gets of it; who is not of its staff says first that they work for it."""

    __tablename__ = "circulation_share"
    __table_args__ = (
        UniqueConstraint("circulation_id", "volunteer_id"),
        CheckConstraint("points > 0", "points"),
    )
    reach: ClassVar = access.Reach(owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    circulation_id: Mapped[int] = mapped_column(ForeignKey("circulation.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    points: Mapped[int]
    agreed_at: Mapped[datetime | None]


class StatementPaper(db.Model):
    """A statement that was taken away on paper: what its check code stands for. Written once, whoever prints it again."""

    __tablename__ = "statement_paper"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    month: Mapped[str] = mapped_column(String(7))
    count: Mapped[int]
    points: Mapped[int]
    value_cents: Mapped[int]
    printed_at: Mapped[datetime]
