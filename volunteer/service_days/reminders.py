"""Reminding those who have a place: the evening before, and two hours before it begins.

Each reminder has a time in which it is one. Whoever took the place in that time needs none, and what nobody sent in
it (the machine was away) is left out: nobody is told in the morning of last evening's news.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from volunteer import clock, notices
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days.models import ServiceDay, Signup

EVENING, NIGHT = time(19), time(22)
SOON = timedelta(hours=2)

CHANGED = notices.kind("day.changed", _("改时间、取消"), sms=True, order=10)
BEFORE = notices.kind("day.evening", _("前一天晚上提醒"), order=20)
HOURS = notices.kind("day.soon", _("开始前两小时提醒"), order=30)


@dataclass(frozen=True)
class Reminder:
    """What is said of a day, and from when until when."""

    name: str
    kind: str
    span: Callable[[datetime], tuple[datetime, datetime]]
    words: Callable[[ServiceDay, Activity], Sentence]


def due(at: datetime) -> list[int]:
    """The days somebody may have to be reminded of now."""
    coming = select(ServiceDay.id, ServiceDay.starts_at).where(
        ServiceDay.state == "open",
        ServiceDay.starts_at > at,
        ServiceDay.starts_at < at + timedelta(days=1, hours=5),
        ServiceDay.accepted > 0,
    )
    rows = db.session.execute(coming.order_by(ServiceDay.starts_at, ServiceDay.id))
    return [row.id for row in rows if any(_open(span(row.starts_at), at) for span in (_evening, _soon))]


def remind(day: ServiceDay) -> int:
    """Send what is to be said of a day now; return how many people it was for. Again, it changes nothing."""
    now, count = clock.now(), 0
    if day.state != "open":
        return 0
    for reminder in REMINDERS:
        opens, closes = span = reminder.span(day.starts_at)
        # What was moved within that time has just been told with its new hour.
        if not _open(span, now) or (day.revised_at is not None and day.revised_at > opens):
            continue
        activity = db.session.get_one(Activity, day.activity_id)
        people = _people(day, opens)
        notices.tell(
            people,
            reminder.words(day, activity),
            kind=reminder.kind,
            key=f"service_day:{day.id}:{reminder.name}:{day.starts_at.astimezone(clock.ZONE):%Y%m%d%H%M}",
            link=f"/service-days/{day.id}",
            until=closes,  # in the morning "tomorrow" is no longer true
        )
        count += len(people)
    return count


def _open(span: tuple[datetime, datetime], at: datetime) -> bool:
    return span[0] <= at < span[1]


def _people(day: ServiceDay, since: datetime) -> list[int]:
    """Who had a place by then."""
    having = select(Signup.volunteer_id).where(
        Signup.service_day_id == day.id, Signup.state == "accepted", Signup.queued_at < since
    )
    return list(db.session.scalars(having.order_by(Signup.volunteer_id)))


def _evening(starts_at: datetime) -> tuple[datetime, datetime]:
    eve = starts_at.astimezone(clock.ZONE).date() - timedelta(days=1)
    return datetime.combine(eve, EVENING, clock.ZONE), datetime.combine(eve, NIGHT, clock.ZONE)


def _soon(starts_at: datetime) -> tuple[datetime, datetime]:
    return starts_at - SOON, starts_at


def _evening_words(day: ServiceDay, activity: Activity) -> Sentence:
    return _(
        "明天 {at|time} “{title}”，在{place}。来不了的话请尽早退出，让给别人。",
        at=day.starts_at,
        title=activity.title,
        place=activity.place_name,
    )


def _soon_words(day: ServiceDay, activity: Activity) -> Sentence:
    return _(
        "“{title}”{at|time} 开始，还有不到两小时，在{place}，到了扫码签到。",
        at=day.starts_at,
        title=activity.title,
        place=activity.place_name,
    )


REMINDERS = (
    Reminder("evening", BEFORE.name, _evening, _evening_words),
    Reminder("soon", HOURS.name, _soon, _soon_words),
)
