"""A person's in-app inbox; what leaves it by text message or mail, and what somebody wants to be told so."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Notice(db.Model):
    """A sentence for one person; kept as text and facts, so it is read in the language of whoever opens it."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_notice_user_id_id", "user_id", "id"))
    reach: ClassVar = access.Reach(owner="user_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    text: Mapped[str]
    facts: Mapped[dict[str, Any]]
    link: Mapped[str | None] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(120))
    read_at: Mapped[datetime | None]


class Choice(db.Model):
    """Whether somebody wants a kind of news by text message or mail."""

    __tablename__ = "notice_choice"
    __table_args__ = (CheckConstraint("channel IN ('sms', 'mail')", "channel"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    wanted: Mapped[bool]


class MailAddress(db.Model):
    """An address somebody confirmed as theirs, sealed; `area_path` says under which community's key."""

    __tablename__ = "mail_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    area_path: Mapped[str] = mapped_column(Path)
    address_sealed: Mapped[bytes]
    masked: Mapped[str] = mapped_column(String(160))
    confirmed_at: Mapped[datetime]


class Outgoing(db.Model):
    """A notice that also leaves by one way: waiting → sending → sent, or failed; dropped when it was no news any more.

    One row a person, key and way is what makes it once.
    """

    __tablename__ = "notice_outgoing"
    __table_args__ = (
        UniqueConstraint("user_id", "key", "channel"),
        CheckConstraint("channel IN ('sms', 'mail')", "channel"),
        CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')", "state"),
        # Few wait at any moment; the timetable asks for them every minute.
        Index(
            "ix_notice_outgoing_waiting",
            "due_at",
            sqlite_where=sql("state = 'waiting'"),
            postgresql_where=sql("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(8))
    text: Mapped[str]
    facts: Mapped[dict[str, Any]]
    link: Mapped[str | None] = mapped_column(String(200))
    due_at: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(60))
