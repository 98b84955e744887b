"""When a guardian takes back their agreement, the child's places go to the next in the queue; when the holiday table
changes, days that are planned already are held against it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from volunteer import accounts, clock, events
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import holidays, rechecks, signups
from volunteer.service_days.models import ServiceDay, Signup
from volunteer.service_days.places import COMING


@events.on(accounts.GuardianWithdrew)
def give_places_back(happened: accounts.GuardianWithdrew) -> None:
    minor = db.session.get_one(accounts.User, happened.user_id)
    days = db.session.scalars(
        select(ServiceDay)
        .join(Signup, Signup.service_day_id == ServiceDay.id)
        .where(
            Signup.volunteer_id == minor.id,
            Signup.state.in_(COMING),
            ServiceDay.starts_at > clock.now(),
        )
        .order_by(ServiceDay.id)
    ).all()
    for day in days:
        signups.leave(minor, day, _("监护人撤回了同意").within("zh"))


@events.on(holidays.CalendarChanged)
def look_at_the_calendar(happened: holidays.CalendarChanged) -> None:
    rechecks.recheck(date.fromisoformat(happened.first), date.fromisoformat(happened.last))
