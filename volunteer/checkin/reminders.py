"""Reminding those who are still checked in: when their day ends, and half an hour later; V10.

A stay counts until the planned end in any case; whoever forgets to check out has to wait for the roll.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer import clock, notices, service_days
from volunteer.activities import Activity
from volunteer.checkin.models import Attendance
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

LATER = timedelta(minutes=30)
#: Who has not scanned out: by a poster or by a scan sent late as well, though that stay waits for the roll.
STILL_IN = (Attendance.state.in_(("open", "to_confirm")), Attendance.out_at.is_(None))

CHECKOUT = notices.kind("checkin.checkout", _("提醒签退"), order=40)


def due(at: datetime) -> list[int]:
    """The days that have ended, where somebody is still checked in and may check out."""
    ended = select(ServiceDay.id).where(
        ServiceDay.ends_at <= at,
        ~service_days.checkout_over(at),
        ServiceDay.state == "open",
        select(Attendance.id).where(Attendance.service_day_id == ServiceDay.id, *STILL_IN).exists(),
    )
    return list(db.session.scalars(ended.order_by(ServiceDay.id)))


def remind(day: ServiceDay) -> int:
    """Remind whoever is still checked in; return how many. Again within the same half hour, it changes nothing."""
    now, closes = clock.now(), service_days.windows(day).checkout_closes
    if not day.ends_at <= now < closes:
        return 0
    people = db.session.scalars(
        select(Attendance.volunteer_id)
        .where(Attendance.service_day_id == day.id, *STILL_IN)
        .order_by(Attendance.volunteer_id)
    ).all()
    again = now >= day.ends_at + LATER
    notices.tell(
        people,
        _words(day, closes, again=again),
        kind=CHECKOUT.name,
        key=f"service_day:{day.id}:checkout:{'again' if again else 'end'}:{day.ends_at.astimezone(clock.ZONE):%H%M}",
        link="/me/days",
        until=closes,
    )
    return len(people)


def _words(day: ServiceDay, closes: datetime, *, again: bool) -> Sentence:
    title = db.session.get_one(Activity, day.activity_id).title
    if again:
        return _("你还没有签退：“{title}”，{until|time} 前扫码还来得及。", title=title, until=closes)
    return _("“{title}”到点了，走之前记得扫码签退，谢谢你来。", title=title)
