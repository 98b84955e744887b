"""The roll: who came, who left, who still needs the organiser's word. Confirming within 72 hours makes grade B."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from volunteer import accounts, clock, events, hours, ledger, notices, service_days, signing
from volunteer.activities import Activity
from volunteer.batches import Batch
from volunteer.checkin import credit, headcount, posters
from volunteer.checkin.models import Attendance
from volunteer.checkin.picture import Asked, look
from volunteer.checkin.refusals import OwnPass
from volunteer.checkin.settling import SCANS, Answer, Seen, credited_minutes, settle
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import Grade
from volunteer.service_days import ServiceDay


@events.kind
class RollConfirmed(events.Event):
    service_day_id: int
    confirmed: int


@events.kind
class Confirmed(events.Event):
    attendance_id: int
    volunteer_id: int
    minutes: int
    grade: str
    points: int


@events.kind
class Forgotten(events.Event):
    attendance_id: int
    volunteer_id: int


@events.kind
class Reversed(events.Event):
    attendance_id: int
    volunteer_id: int
    points: int


class TooLate(Refusal):
    code = "roll.late"
    says = _("核对名单要在 {until|moment} 以前完成，这一场已经过了。")
    who = _("漏记的时长可以走补录。")


class TooEarly(Refusal):
    code = "roll.early"
    says = _("活动还没有结束，{ends|time} 以后再核对名单。")
    who = _("到时候打开名单再核对就好。")


class NeedsReason(Refusal):
    code = "checkin.reason"
    status = 422
    says = _("补签要写明原因，方便以后核对。")
    who = _("写一句就行，比如“手机没电”。")


def confirm(day: ServiceDay, user_ids: Sequence[int], by: accounts.User) -> list[Attendance]:
    """Vouch for people with one scan or a late one: their hours are recorded as grade B (A when both scans are ours).

    Confirming again, or somebody who needs no confirmation, changes nothing.

    :raises TooEarly: before the day has ended
    :raises TooLate: longer after it than the rules allow, 72 hours at first
    """
    at = clock.now()
    if at < day.ends_at:
        raise TooEarly(ends=day.ends_at)
    if at > (until := service_days.confirm_until(day)):
        raise TooLate(until=until)
    waiting = db.session.scalars(
        select(Attendance)
        .where(
            Attendance.service_day_id == day.id,
            Attendance.volunteer_id.in_(list(user_ids)),
            Attendance.volunteer_id != by.id,  # nobody vouches for himself
            Attendance.state.in_(("open", "stale", "to_confirm")),
        )
        .order_by(Attendance.id)
        .with_for_update()
    ).all()
    activity = db.session.get_one(Activity, day.activity_id)

    service_days.roll_stands(day)
    if waiting:
        headcount.watch_hands(day)
    for stay in waiting:
        vouch(stay, day, activity, by)
    if waiting:
        events.record(
            RollConfirmed(service_day_id=day.id, confirmed=len(waiting)), about=f"service_day:{day.id}"
        )
    return list(waiting)


def brought_flat_pay(stay: Attendance) -> bool:
    """Whether a day's flat pay, if there was any, stands on this stay.

    Somebody who held as much as one may got all of it above the limit: then no stay says that it brought points.
    """
    others = exists().where(
        Attendance.service_day_id == stay.service_day_id,
        Attendance.volunteer_id == stay.volunteer_id,
        Attendance.state != "void",
        Attendance.id != stay.id,
    )
    return bool(stay.points) or not db.session.scalar(select(others))


def vouch(stay: Attendance, day: ServiceDay, activity: Activity, by: accounts.User) -> None:
    """Record one stay and pay it, on somebody's word."""
    # Two scans of one piece of paper say no more than one: a picture of it would have done for both.
    on_paper = "poster" in (stay.in_how, stay.out_how)
    scans = (stay.in_how in SCANS) + ((stay.out_how or "") in SCANS) + on_paper
    # A signature on paper is evidence, and never more than one scan would be.
    signed = "sheet" in (stay.in_how, stay.out_how)
    grade: Grade = "A" if scans == 2 else "B" if scans or signed else "C"
    stay.minutes = credited_minutes(day, stay.in_at, stay.out_at or day.ends_at)
    stay.grade, stay.state = grade, "confirmed"
    if stay.out_at is None:
        stay.out_at, stay.out_how, stay.out_by = max(day.ends_at, stay.in_at), "roll", by.id
    db.session.flush()
    if activity.pay_kind == "flat" and scans and not stay.points:
        stay.points = hours.pay_flat(
            day, stay.volunteer_id, activity.flat_points or 0, balance=ledger.balance(stay.volunteer_id)
        )
    made = hours.record_stay(
        source=f"attendance:{stay.id}",
        volunteer_id=stay.volunteer_id,
        day=day,
        activity=activity,
        minutes=stay.minutes,
        grade=grade,
        recorder_id=by.id,
        share=credit.share(day.id, stay.volunteer_id),
        **hours.so_far(stay.volunteer_id, day.on),
    )
    events.record(
        Confirmed(
            attendance_id=stay.id,
            volunteer_id=stay.volunteer_id,
            minutes=stay.minutes,
            grade=grade,
            points=made.points,
        ),
        about=f"attendance:{stay.id}",
        within=f"service_day:{day.id}",
        whom=stay.volunteer_id,
    )
    notices.send(
        stay.volunteer_id,
        _(
            "组织者核对了 {on|date} 的名单：你的 {minutes} 分钟已经记上。",
            on=day.on.isoformat(),
            minutes=stay.minutes,
        ),
        key=f"attendance:{stay.id}:confirmed",
        link="/me/hours",
    )


def manual(
    day: ServiceDay, volunteer: accounts.User, *, reason: str, by: accounts.User, direction: str | None = None
) -> Answer:
    """Sign somebody in or out by hand, with the reason; it counts once the roll is confirmed.

    :raises NeedsReason: without one
    """
    if not reason.strip():
        raise NeedsReason
    if volunteer.id == by.id:
        raise OwnPass
    scan = f"manual-{signing.uuid()}"
    found = look([Asked(scan, volunteer.id, day_id=day.id)]).get(0)
    if found is None:
        raise NotFound
    seen = min(max(clock.now(), day.starts_at - timedelta(hours=1)), day.ends_at + timedelta(hours=1))
    batch = Batch()
    answer = settle(found, Seen(scan, seen, "manual", by.id, direction, reason.strip()[:200]), batch)
    batch.write()
    return answer


def reverse(stay: Attendance, *, reason: str, by: accounts.User) -> Attendance:
    """Undo an attendance: it is void, its record reversed, and the points it paid go back by a linked entry, once.

    :raises volunteer.ledger.Spent: when the points have been used already
    """
    if stay.state == "void":
        return stay
    if not reason.strip():
        raise NeedsReason

    points = hours.undo(f"attendance:{stay.id}", reason=reason, by=by.id)
    if brought_flat_pay(stay):
        points += hours.unpay_flat(stay.service_day_id, stay.volunteer_id, reason=reason)
    stay.state, stay.reason = "void", reason.strip()[:200]
    posters.take_back(stay.id)

    events.record(
        Reversed(attendance_id=stay.id, volunteer_id=stay.volunteer_id, points=points),
        about=f"attendance:{stay.id}",
        within=f"service_day:{stay.service_day_id}",
        whom=stay.volunteer_id,
    )
    notices.send(
        stay.volunteer_id,
        _("一条签到记录被撤销了，原因：{reason}。有疑问可以申诉。", reason=stay.reason),
        key=f"attendance:{stay.id}:void",
        link="/me/hours",
    )
    return stay


def close_forgotten(at: datetime) -> int:
    """Close the stays whose time to check out is over; they wait for the roll. Return how many."""
    late = db.session.execute(
        select(Attendance.id, Attendance.volunteer_id, Attendance.service_day_id)
        .join(ServiceDay, ServiceDay.id == Attendance.service_day_id)
        .where(Attendance.state == "open", service_days.checkout_over(at))
        .order_by(Attendance.id)
        .limit(1000)
    ).all()
    for stay_id, volunteer_id, day_id in late:
        won = db.session.execute(
            update(Attendance)
            .where(Attendance.id == stay_id, Attendance.state == "open")
            .values(state="stale")
        )
        if not won.rowcount:
            continue
        events.record(
            Forgotten(attendance_id=stay_id, volunteer_id=volunteer_id),
            about=f"attendance:{stay_id}",
            within=f"service_day:{day_id}",
            whom=volunteer_id,
        )
        notices.send(
            volunteer_id,
            _("你忘了签退。不用担心，组织者核对名单后时长会记上。"),
            key=f"attendance:{stay_id}:forgotten",
            link="/me/hours",
        )
    return len(late)
