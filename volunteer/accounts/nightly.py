"""What the night does for accounts: forgets who asked to be forgotten, drops codes and counters that are over."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import delete

from volunteer import clock, limits, timetable
from volunteer.accounts import closing
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
