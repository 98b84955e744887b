"""A stay becomes a service record and its points: two statements, because a scan waits for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from volunteer import clock, events, ledger, notices
from volunteer.activities import Activity
from volunteer.batches import Batch, next_id
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.hours import queries, rollups
from volunteer.hours.models import PersonHold, ServiceRecord
from volunteer.hours.paying import (
    LaidOut,
    lay_out_pay,
    of_the_task,
    pay_out,
    take_back,
    task_waits,
    worth_of,
)
from volunteer.hours.totals import minutes_on
from volunteer.i18n import _
from volunteer.ledger.tariff import Grade, Share
from volunteer.service_days import ServiceDay
from volunteer.teams import Team


@events.kind
class Confirmed(events.Event):
    record_id: int
    minutes: int
    points: int


@events.kind
class Reversed(events.Event):
    record_id: int
    minutes: int
    points: int


class OwnRecord(Refusal):
    code = "hours.own_record"
    status = 403
    says = _("自己的时长要由别人来确认。")
    who = _("请社区的另一位工作人员帮你看一下。")


class OwnDay(Refusal):
    code = "hours.own_day"
    status = 403
    says = _("自己的队伍或自己经手的场次，要由别人来复核。")
    who = _("请社区或街道的另一位工作人员帮你看一下。")


class Taken(Refusal):
    code = "hours.reversed"
    says = _("这条记录已经撤销，不能再确认。")


class Decided(Refusal):
    code = "hours.decided"
    says = _("这条记录已经确认，要撤销请在签到名单里办理。")


class NeedsReason(Refusal):
    code = "hours.reason"
    status = 422
    says = _("请写明原因，方便以后核对。")


def record_stay(*, source: str, volunteer_id: int, day: ServiceDay, **stay: Any) -> ServiceRecord:
    """Record a stay and pay it at once; takes what `lay_out_stay` takes, and sees for itself who is held."""
    batch = Batch()
    new_id, held = db.session.execute(
        select(next_id(ServiceRecord), queries.held(day.id, volunteer_id))
    ).one()
    made = lay_out_stay(
        batch, id=new_id, source=source, volunteer_id=volunteer_id, day=day, held=bool(held), **stay
    )
    batch.write()
    return db.session.get_one(ServiceRecord, made.id)


def lay_out_stay(
    batch: Batch,
    *,
    id: int,
    source: str,
    volunteer_id: int,
    day: ServiceDay,
    activity: Activity,
    minutes: int,
    grade: Grade,
    credited: int = 0,
    paid_minutes: int | None = None,
    points_today: int = 0,
    points_month: int = 0,
    points_year: int = 0,
    balance: int = 0,
    recorder_id: int | None = None,
    held: bool = False,
    share: Share | None = None,
) -> LaidOut:
    """Lay the record of a stay, and the award it earns, into a batch; nothing is looked up.

    `id` was drawn for it, `credited` are the minutes the person has for that date already, `paid_minutes` those of
    them that were paid, `points_today` and `points_month` what they earned, `points_year` too, `balance` what they hold. A date with more minutes or points than
    the tariff lets pass by itself, or a day or a person (`held`) the office has to look at, is provisional: it counts,
    and pays, once it is confirmed. So is a stay that did only a part of its task: `share` says how much of it, and as
    much of the minutes counts.
    """
    numbers = ledger.tariff(day.on, day.area_path)
    stayed, minutes = minutes, numbers.counted(minutes, share)
    paid = credited if paid_minutes is None else paid_minutes
    worth = worth_of(numbers, volunteer_id, day, activity, minutes, grade, paid, stayed)
    if activity.pay_kind != "flat":
        worth = numbers.capped(worth, balance, points_year)
    formula = worth.formula | of_the_task(share, stayed, minutes, numbers)
    points = worth.points if activity.pay_kind != "flat" else 0
    waits = (
        day.held
        or held
        or numbers.tier(credited + minutes) != "auto"
        or numbers.over_cap(points, points_today, points_month)
        or task_waits(formula)
    )
    made = LaidOut(id, points, "provisional" if waits else "confirmed", formula)
    batch.insert(
        ServiceRecord,
        id=id,
        source=source,
        volunteer_id=volunteer_id,
        service_day_id=day.id,
        team_id=day.team_id,
        area_path=day.area_path,
        on=day.on,
        minutes=minutes,
        grade=grade,
        state=made.state,
        points=made.points,
        formula=made.formula,
        recorded_at=clock.now(),
        recorder_id=recorder_id,
    )
    if not waits:
        lay_out_pay(batch, made, volunteer_id, day, activity.title)
        rollups.lay_out_change(batch, day.on)
    return made


def confirm(record: ServiceRecord, *, by: int) -> ServiceRecord:
    """Let a long day count and pay it; confirming again changes nothing.

    :raises OwnRecord: nobody confirms his own hours
    :raises OwnDay: nor those he recorded, or had held, or of a team he leads
    :raises Taken: it has been reversed meanwhile
    """
    record = _locked(record)
    if record.state == "confirmed":
        return record
    if record.state == "reversed":
        raise Taken
    if record.volunteer_id == by:
        raise OwnRecord
    if by in (record.recorder_id, _held_by(record), *_leaders(record)):
        raise OwnDay
    _clear(record, by)
    return _count(record, by=by)


def pay(record: ServiceRecord) -> ServiceRecord:
    """Let a record count that nothing keeps waiting any longer; nobody has decided on it."""
    return _count(_locked(record), by=None)


def _count(record: ServiceRecord, *, by: int | None) -> ServiceRecord:

    record.state, record.confirmed_at, record.confirmed_by = "confirmed", clock.now(), by
    db.session.flush()
    pay_out(record)
    rollups.changed(record.on)

    events.record(
        Confirmed(record_id=record.id, minutes=record.minutes, points=record.points),
        about=f"record:{record.id}",
        within=f"service_day:{record.service_day_id}",
        whom=record.volunteer_id,
    )
    notices.send(
        record.volunteer_id,
        _(
            "{on|date} 的 {minutes} 分钟已经确认，记进你的时长。谢谢你。",
            on=record.on,
            minutes=record.minutes,
        ),
        key=f"record:{record.id}:confirmed",
        link="/me/hours",
    )
    return record


def reverse(record: ServiceRecord, reason: str, *, by: int | None) -> ServiceRecord:
    """Take a record out of the totals and send back what it paid, once; reversing again changes nothing.

    :raises volunteer.ledger.Spent: the points have been used; the record stays as it is
    """
    record = _locked(record)
    if record.state == "reversed":
        return record
    if not reason.strip():
        raise NeedsReason

    counted, paid = record.state == "confirmed", record.points if record.state == "confirmed" else 0
    if counted:
        take_back(record, reason.strip())
    record.state, record.reversed_at, record.reversed_by = "reversed", clock.now(), by
    record.reason = reason.strip()[:200]
    db.session.flush()
    if counted:
        rollups.changed(record.on)

    events.record(
        Reversed(record_id=record.id, minutes=record.minutes, points=paid),
        about=f"record:{record.id}",
        within=f"service_day:{record.service_day_id}",
        whom=record.volunteer_id,
    )
    return record


def refuse(record: ServiceRecord, reason: str, *, by: int) -> ServiceRecord:
    """Turn down a record that waits, and tell the person why; refusing again changes nothing.

    :raises OwnRecord: nobody decides on his own hours
    :raises OwnDay: nor on those he had held
    :raises Decided: it has been confirmed meanwhile
    """
    record = _locked(record)
    if record.state == "confirmed":
        raise Decided
    if record.volunteer_id == by:
        raise OwnRecord
    if by == _held_by(record):
        raise OwnDay
    if record.state == "reversed":
        return record

    record = reverse(record, reason, by=by)
    notices.send(
        record.volunteer_id,
        _(
            "{on|date} 的 {minutes} 分钟没有通过核对，原因：{reason}。有疑问可以申诉。",
            on=record.on,
            minutes=record.minutes,
            reason=record.reason,
        ),
        key=f"record:{record.id}:refused",
        link="/me/hours",
    )
    return record


def undo(source: str, *, reason: str, by: int | None, again: bool = False) -> int:
    """Reverse the record made from something, if there is one, and return the points that went back.

    `again` lets another record be made from it: the undone one keeps its own number in its source.
    """
    record = db.session.scalar(select(ServiceRecord).where(ServiceRecord.source == source))
    if record is None or record.state == "reversed":
        return 0
    paid = record.points if record.state == "confirmed" else 0
    reverse(record, reason, by=by)
    if again:
        record.source = f"{source}:{record.id}"
        db.session.flush()
    return paid


def day_minutes(record: ServiceRecord) -> int:
    """The minutes of that person on that date in all, which decide who confirms it."""
    return minutes_on(record.volunteer_id, record.on)


def _leaders(record: ServiceRecord) -> tuple[int, ...]:
    """Who leads the team and the activity a record comes from."""
    found = db.session.execute(
        select(Team.leader_id, Activity.leader_id)
        .select_from(Team)
        .outerjoin(ServiceDay, ServiceDay.id == record.service_day_id)
        .outerjoin(Activity, Activity.id == ServiceDay.activity_id)
        .where(Team.id == record.team_id)
    ).first()
    return tuple(found) if found else ()


def _held_by(record: ServiceRecord) -> int | None:
    """Who had the person of a record looked at, while nobody has looked."""
    return db.session.scalar(
        select(PersonHold.held_by).where(
            PersonHold.service_day_id == record.service_day_id,
            PersonHold.volunteer_id == record.volunteer_id,
            PersonHold.cleared_at.is_(None),
        )
    )


def _clear(record: ServiceRecord, by: int) -> None:
    """Whoever confirms a record of somebody held has looked: what else they earn that day waits no longer."""
    db.session.execute(
        update(PersonHold)
        .where(
            PersonHold.service_day_id == record.service_day_id,
            PersonHold.volunteer_id == record.volunteer_id,
            PersonHold.cleared_at.is_(None),
        )
        .values(cleared_by=by, cleared_at=clock.now())
    )


def _locked(record: ServiceRecord) -> ServiceRecord:
    return db.session.get_one(ServiceRecord, record.id, with_for_update=True, populate_existing=True)
