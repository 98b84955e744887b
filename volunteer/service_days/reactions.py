"""When a guardian takes back their agreement, the child's places go to the next in the queue."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import accounts, clock, events
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import signups
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
