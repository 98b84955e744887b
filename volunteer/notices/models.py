"""A person's in-app inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import db


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
