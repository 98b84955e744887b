"""What proves a person beyond their password: the second factor, its recovery codes, a link that works once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.db import db

_OPEN = text("outcome = 'open'")


class SecondFactor(db.Model):
    """The secret of somebody's authenticator app, sealed; it counts once a code from the app has confirmed it."""

    __tablename__ = "second_factor"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    secret_sealed: Mapped[bytes]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    #: The latest step a code was taken of; no code of it or before it works again.
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(db.Model):
    """A code for the day the phone is lost: hashed, once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class WelcomeLink(db.Model):
    """A link with which somebody chooses their password: hashed, a day, once."""

    __tablename__ = "welcome_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Proposal(db.Model):
    """An act on an account that takes two of the office: one asks, another decides."""

    __tablename__ = "account_proposal"
    __table_args__ = (
        CheckConstraint("act IN ('role', 'factor_reset')", "act"),
        CheckConstraint("outcome IN ('open', 'done', 'refused')", "outcome"),
        CheckConstraint("asked_by <> user_id", "not_for_oneself"),
        CheckConstraint("decided_by <> asked_by AND decided_by <> user_id", "four_eyes"),
        CheckConstraint("(outcome = 'open') = (decided_by IS NULL)", "decided"),
        CheckConstraint("act <> 'role' OR (role IS NOT NULL AND area_id IS NOT NULL)", "names_the_role"),
        Index(
            "uq_account_proposal_open",
            "user_id",
            "act",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    role: Mapped[str | None] = mapped_column(String(30))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    until: Mapped[date | None]
    reason: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(10), default="open")
