"""What the night does for accounts: forgets who asked to be forgotten, drops what is over, counts who registered."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete

from volunteer import clock, limits, timetable
from volunteer.accounts import closing, import_requests, rollups
from volunteer.accounts.models import PhoneCode, User
from volunteer.db import db


@timetable.daily("accounts.close", at="03:10")
def close(on: date) -> int:
    """Close the accounts whose week to think again is over; return how many."""
    leaving = closing.due(on)
    for user_id in leaving:
        user = db.session.get(User, user_id, with_for_update=True)
        if user is not None:
            closing.close(user)
    return len(leaving)


@timetable.daily("accounts.tidy", at="03:20")
def tidy(on: date) -> int:
    """Drop phone codes and rate counters that mean nothing any more; return how many rows went."""
    old = delete(PhoneCode).where(PhoneCode.expires_at < clock.now() - timedelta(days=1))
    return (db.session.execute(old).rowcount or 0) + limits.prune()


@timetable.daily("accounts.imports", at="03:25")
def imports(on: date) -> int:
    """Wipe the tables of people that nobody has decided about for a week; return how many."""
    return import_requests.expire()


@timetable.daily("accounts.figures", at="00:10")
def figures(on: date) -> int:
    """Count who registered in the days that are over."""
    return rollups.roll(on)


@timetable.every("accounts.redo", minutes=1)
def redo(at: datetime) -> int:
    """Count anew when somebody moved, left or came back."""
    return rollups.redo(clock.today())
