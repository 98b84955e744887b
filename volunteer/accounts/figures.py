"""What the night keeps of registrations, so that ten years of newcomers are read as quickly as a month's.

Everything here follows from the accounts and can be made anew from them at any time: `rollups.rebuild()`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, String, event, insert
from sqlalchemy.orm import Mapped, attributes, mapped_column

from volunteer import clock
from volunteer.accounts.models import User
from volunteer.db import Path, db


class MonthRegistered(db.Model):
    """How many active people, at home in an area or below it, registered in a month ("2026-03")."""

    __tablename__ = "account_month"

    area_path: Mapped[str] = mapped_column(Path, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    people: Mapped[int]


class Redo(db.Model):
    """Somebody the figures count already has moved, left or come back; gone when the figures follow."""

    __tablename__ = "account_redo"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]


class Rolled(db.Model):
    """One row: the figures cover every day up to and including this one; later registrations are read live."""

    __tablename__ = "account_rolled"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[date]


# Beside the model and not in each verb: whatever changes what is counted leaves its note.
@event.listens_for(User, "after_update")
def _changed(_mapper: Any, connection: Connection, user: User) -> None:
    counted = (attributes.get_history(user, name).has_changes() for name in ("state", "area_path"))
    if user.registered_at.date() < clock.today() and any(counted):
        connection.execute(insert(Redo).values(user_id=user.id))


@event.listens_for(User, "after_insert")
def _came(_mapper: Any, connection: Connection, user: User) -> None:
    if user.registered_at.date() < clock.today():
        connection.execute(insert(Redo).values(user_id=user.id))
