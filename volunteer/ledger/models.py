"""The books: postings that name both ends, balances the database keeps, dated rule sets, sealed days.

A transfer is the postings that share a key. A trigger on `ledger_posting` moves the balances in the same statement,
so a balance that disagrees with its postings cannot be written; issuing and expired addresses keep no balance row.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Posting(db.Model):
    """`amount` points from `source` to `target`; append-only.

    `at` is when it was booked and never lies in a closed month; `on` is the day it speaks of, which may.
    """

    __tablename__ = "ledger_posting"
    __table_args__ = (
        UniqueConstraint("key", "line"),
        UniqueConstraint("reverses_id"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("source <> target", "two_ends"),
        CheckConstraint("line >= 0", "line"),
        Index("ix_ledger_posting_source", "source"),
        Index("ix_ledger_posting_target", "target"),
        Index("ix_ledger_posting_volunteer_id_id", "volunteer_id", "id"),
        Index("ix_ledger_posting_on_move", "on", "move"),
        # Where somebody's points are held: few among all that a person's years have brought.
        Index(
            "ix_ledger_posting_claimed",
            "volunteer_id",
            "target",
            postgresql_where=text("move = 'claim'"),
            sqlite_where=text("move = 'claim'"),
        ),
    )
    reach: ClassVar = access.Reach(owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    line: Mapped[int]
    move: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(Path)
    target: Mapped[str] = mapped_column(Path)
    amount: Mapped[int]
    at: Mapped[datetime]
    on: Mapped[date]
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    area_path: Mapped[str | None] = mapped_column(Path)
    why: Mapped[dict[str, Any]]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_posting.id"))


class Balance(db.Model):
    """What an address holds now; written only by the trigger on postings."""

    __tablename__ = "ledger_balance"
    __table_args__ = (CheckConstraint("amount >= 0", "floor"),)

    address: Mapped[str] = mapped_column(Path, primary_key=True)
    amount: Mapped[int]


class RuleSet(db.Model):
    """A dated version of the policy numbers; the one with the latest `effective_on` up to a day applies that day.

    `area_path` is the street whose scheme it is for, or "/" for every street that has none of its own.
    """

    __tablename__ = "ledger_rule_set"
    __table_args__ = (UniqueConstraint("area_path", "effective_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    area_path: Mapped[str] = mapped_column(Path)
    effective_on: Mapped[date]
    params: Mapped[dict[str, Any]]
    note: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Adjustment(db.Model):
    """Points that one of the office asks to give or take by hand, and another agrees to: open → done or refused."""

    __tablename__ = "points_adjustment"
    __table_args__ = (
        CheckConstraint("points <> 0 AND points BETWEEN -1000 AND 1000", "points"),
        CheckConstraint("state IN ('open', 'done', 'refused')", "state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", "decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", "decided_by"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", "four_eyes"),
        CheckConstraint(
            "asked_by <> volunteer_id AND (decided_by IS NULL OR decided_by <> volunteer_id)", "not_ones_own"
        ),
        Index("ix_points_adjustment_state_area_path", "state", "area_path"),
        Index(
            "uq_points_adjustment_open_volunteer_id",
            "volunteer_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path)
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))


class Seal(db.Model):
    """A day of the books sealed: `head` hashes the day's postings and the head before it; append-only.

    From version 2 on the postings stand in a tree of hashes, `root`, so that one of them can be shown to be inside
    without the others; `salt` keeps anybody from guessing what they say.
    """

    __tablename__ = "ledger_seal"

    on: Mapped[date] = mapped_column(primary_key=True)
    last_id: Mapped[int]
    postings: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
    root: Mapped[str | None] = mapped_column(String(64))
    salt: Mapped[bytes | None]


class SealedBlock(db.Model):
    """The hash over 256 rows of a sealed day: what the day's root stands on, kept so that a proof reads no more than
    one block. Whoever uses one proves it against the root first.
    """

    __tablename__ = "ledger_sealed_block"

    on: Mapped[date] = mapped_column(ForeignKey("ledger_seal.on"), primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    last_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class MonthAsk(db.Model):
    """Somebody asks that a month be closed; another closes it. `allow_open`: statements may be left undecided."""

    __tablename__ = "month_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    allow_open: Mapped[bool]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]


class MonthClose(db.Model):
    """A month closed by two people: what it came to, as it was signed; append-only."""

    __tablename__ = "month_close"
    __table_args__ = (CheckConstraint("approved_by <> made_by", "four_eyes"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    last_id: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    summary: Mapped[str] = mapped_column(Text)
    key_id: Mapped[int]
    public_key: Mapped[str] = mapped_column(String(60))
    signature: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
