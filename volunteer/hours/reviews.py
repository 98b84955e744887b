"""Days whose awards wait for the office: more check-ins than people counted, too many entries by hand."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, func, select

from volunteer import accounts, activities, events, ledger
from volunteer.db import BigInt, db
from volunteer.hours import queries
from volunteer.hours.models import ServiceRecord
from volunteer.hours.paying import task_waits
from volunteer.hours.records import OwnDay, confirm, day_minutes
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay
from volunteer.teams import Team

#: Why a day waits, as the office reads it.
WHY: dict[str, Sentence] = {
    "head_count": _("签到的比点到的人多"),
    "manual": _("人工补签的比例高"),
    "budget": _("队伍这个月的积分用完了"),
    "ring": _("队伍最近的签到看起来不寻常"),
    "same_minutes": _("大家待的时间一模一样"),
    "night": _("半夜里签到"),
    "alone": _("只有带队的人自己"),
}


@events.kind
class DayHeld(events.Event):
    service_day_id: int
    why: str


@events.kind
class DayReleased(events.Event):
    service_day_id: int
    confirmed: int


def hold(day: ServiceDay, why: str) -> bool:
    """Let what the day earns wait for the office from now on; False when it waits already or has been looked at."""
    if day.review is not None:
        return False
    assert why in WHY
    day.review = why
    db.session.flush()
    events.record(DayHeld(service_day_id=day.id, why=why), about=f"service_day:{day.id}")
    return True


def hold_over_budget(on: date) -> int:
    """Let the coming days of the month wait where a team has had its points of the month; return how many days."""
    first = on.replace(day=1)
    budget = ledger.rules.by_place(Team.area_path, on, lambda numbers: numbers.team_monthly_points, BigInt)
    spent = (
        select(Team.id)
        .join(ServiceRecord, ServiceRecord.team_id == Team.id)
        .where(ServiceRecord.on.between(first, on), ServiceRecord.state == "confirmed", budget > 0)
        .group_by(Team.id)
        .having(func.sum(ServiceRecord.points) > budget)
    )
    days = db.session.scalars(
        select(ServiceDay)
        .where(
            ServiceDay.team_id.in_(spent),
            ServiceDay.on >= on,
            ServiceDay.on < (first + timedelta(days=31)).replace(day=1),
            ServiceDay.state == "open",
            ServiceDay.review.is_(None),
        )
        .order_by(ServiceDay.id)
    ).all()
    return sum(hold(day, "budget") for day in days)


def release(day: ServiceDay, *, by: accounts.User) -> int:
    """Pay what waited on a day and return how many records that were; days of over eight hours keep waiting, and so
    do walks done in part and whoever is held by name.

    :raises OwnDay: whoever leads the team, or is paid or recorded there, does not decide
    """
    if not day.held:
        return 0
    if leads(by, day) or _has_a_hand_in(by, day):
        raise OwnDay
    waiting = db.session.scalars(
        select(ServiceRecord)
        .where(
            ServiceRecord.service_day_id == day.id,
            ServiceRecord.state == "provisional",
            ~queries.held(day.id, ServiceRecord.volunteer_id),
        )
        .order_by(ServiceRecord.id)
    ).all()

    day.review = "cleared"
    numbers = ledger.tariff(day.on, day.area_path)
    done = [
        confirm(record, by=by.id)
        for record in waiting
        if numbers.tier(day_minutes(record)) == "auto" and not task_waits(record.formula)
    ]

    events.record(DayReleased(service_day_id=day.id, confirmed=len(done)), about=f"service_day:{day.id}")
    return len(done)


def leads(person: accounts.User, day: ServiceDay) -> bool:
    """Whether somebody leads the team or the activity of a day."""
    team, activity = (
        db.session.get_one(Team, day.team_id),
        db.session.get_one(activities.Activity, day.activity_id),
    )
    return person.id in (team.leader_id, activity.leader_id) or any(
        hold.team_id == day.team_id for hold in person.holds
    )


def _has_a_hand_in(person: accounts.User, day: ServiceDay) -> bool:
    own: ColumnElement[bool] = (ServiceRecord.volunteer_id == person.id) | (
        ServiceRecord.recorder_id == person.id
    )
    of_day = ServiceRecord.service_day_id == day.id, ServiceRecord.state == "provisional"
    return bool(db.session.scalar(select(exists().where(*of_day, own))))
