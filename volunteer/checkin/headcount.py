"""How many people the organiser sees, against how many scanned: a code shown to friends at home does not add up."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from volunteer import accounts, clock, events, hours
from volunteer.checkin.models import Attendance, HeadCount
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay

#: Above this many per cent more check-ins than people, or entries by hand, the office looks before points are paid.
PER_CENT = 5
PEOPLE_MAX = 100_000


@events.kind
class Counted(events.Event):
    service_day_id: int
    people: int
    came: int


class NotBegun(Refusal):
    code = "headcount.early"
    says = _("这一场还没有开始，开始以后再点人数。")
    who = _("活动开始以后，回到名单里点。")


class OutOfRange(Refusal):
    code = "headcount.range"
    status = 422
    says = _("人数请填 0 到 {most|number} 之间的整数。")
    who = _("回到名单，重新填一个整数。")


def count(day: ServiceDay, people: int, by: accounts.User) -> HeadCount:
    """Write down how many people are here; where clearly more have scanned, the day waits for the office.

    :raises NotBegun: before the day has begun, or when it was called off
    """
    at = clock.now()
    if day.state == "cancelled" or at < day.starts_at:
        raise NotBegun
    if not 0 <= people <= PEOPLE_MAX:
        raise OutOfRange(most=PEOPLE_MAX)

    came = arrived(day)
    kept = db.session.merge(
        HeadCount(service_day_id=day.id, people=people, came=came, counted_by=by.id, counted_at=at)
    )
    db.session.flush()

    events.record(Counted(service_day_id=day.id, people=people, came=came), about=f"service_day:{day.id}")
    if too_many(people, came):
        hours.hold(day, "head_count")
    return kept


def too_many(people: int, came: int) -> bool:
    """Whether clearly more check-ins than people stand there; fewer is no fraud, some phones are just empty."""
    return (came - people) * 100 > people * PER_CENT


def watch_hands(day: ServiceDay) -> bool:
    """Let a day wait for the office when more than one in twenty came in by hand; a single empty phone is nothing."""
    whole, by_hand = db.session.execute(
        select(
            func.count(),
            func.count().filter(or_(Attendance.in_how == "manual", Attendance.out_how == "manual")),
        ).where(Attendance.service_day_id == day.id, Attendance.state != "void")
    ).one()
    return by_hand > 1 and by_hand * 100 > whole * PER_CENT and hours.hold(day, "manual")


def of(day: ServiceDay) -> HeadCount | None:
    """The head count of a day, if somebody counted."""
    return db.session.get(HeadCount, day.id)


def arrived(day: ServiceDay) -> int:
    """How many people have scanned in on a day."""
    came = select(func.count(func.distinct(Attendance.volunteer_id))).where(
        Attendance.service_day_id == day.id, Attendance.state != "void"
    )
    return db.session.scalar(came) or 0
