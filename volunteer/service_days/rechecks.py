"""The holiday table has changed: the days that are planned already are held against it anew.

Nothing is moved: whoever leads the activity is told once for every date, and decides.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from volunteer import clock, notices
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import holidays
from volunteer.service_days.calendar import Clash, clashes
from volunteer.service_days.models import ServiceDay


def recheck(first: date, last: date) -> int:
    """Tell of every undecided day to come, from a date to a date, that meets the table; return how many do."""
    days = _undecided(first, last)
    table = holidays.table({day.on.year for day in days})
    count = 0
    for day in days:
        for clash in clashes([day.on], table, clock.today() + timedelta(days=1)):
            if clash.why != "not_announced":
                tell(day, clash)
                count += 1
    return count


def tell(day: ServiceDay, clash: Clash) -> None:
    """Tell the leader that a day meets a holiday or a make-up workday; once for a day and date."""
    activity = db.session.get_one(Activity, day.activity_id)
    where = f"series:{day.series_id}" if day.series_id else f"service_day:{day.id}"
    notices.send(
        activity.leader_id,
        _("“{title}”{clash}请看看照常、改期还是不办。", title=activity.title, clash=clash.says),
        key=f"{where}:clash:{clash.on}",
        link=f"/series/{day.series_id}" if day.series_id else f"/service-days/{day.id}/desk",
    )


def _undecided(first: date, last: date) -> list[ServiceDay]:
    days = select(ServiceDay).where(
        ServiceDay.on.between(first, last),
        ServiceDay.starts_at > clock.now(),
        ServiceDay.state == "open",
        ServiceDay.on == ServiceDay.planned_on,
        ServiceDay.clash_kept.is_(False),
    )
    return list(db.session.scalars(days.order_by(ServiceDay.on, ServiceDay.id)))
