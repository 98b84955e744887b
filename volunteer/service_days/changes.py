"""A day changes: moved, kept in spite of a holiday, called off, closed when it is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update

from volunteer import activities, clock, events, identity, notices
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import draws, layout
from volunteer.service_days.days import check_times, revise, windows
from volunteer.service_days.models import Series, ServiceDay, Signup
from volunteer.service_days.places import COMING, HOPES
from volunteer.service_days.presence import came
from volunteer.service_days.signups import mark_attended
from volunteer.service_days.waiting import lapse, offer

LOOKED_AT_AGAIN = timedelta(
    days=8
)  # the roll is confirmed within three days, kept scans arrive within a week


@events.kind
class Moved(events.Event):
    service_day_id: int
    was_at: str
    now_at: str


@events.kind
class CalledOff(events.Event):
    service_day_id: int
    people: int


@events.kind
class Kept(events.Event):
    service_day_id: int


@events.kind
class Enlarged(events.Event):
    service_day_id: int
    capacity: int


@events.kind
class Closed(events.Event):
    service_day_id: int
    missing: int


class Begun(Refusal):
    code = "day.begun"
    says = _("这一场已经开始或结束了，不能再改。")
    who = _("来的人签退后照常记时长。")


class Gone(Refusal):
    code = "day.cancelled"
    says = _("这一场已经取消了。")


class DateTaken(Refusal):
    code = "day.date_taken"
    says = _("这个活动在 {on|date} 同一时间已经有一场了，请选别的日子。")


class TooSmall(Refusal):
    code = "day.too_small"
    says = _("已经有 {accepted} 个人报上了，人数不能比这更少。")


def move(
    day: ServiceDay,
    on: date | None = None,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> ServiceDay:
    """Put a day on another date, or at another time, and tell everyone who signed up. Moving it to where it is changes
    nothing; its series goes on as before.

    :raises DateTaken: the activity has a day there already
    """
    _open(day)
    begins, ends = _target(day, on, starts_at, ends_at)
    if (begins, ends) == (day.starts_at, day.ends_at):
        return day
    check_times(begins, ends)
    taken = select(ServiceDay.id).where(
        ServiceDay.activity_id == day.activity_id,
        ServiceDay.id != day.id,
        ServiceDay.state == "open",
        ServiceDay.starts_at < ends,
        ServiceDay.ends_at > begins,
    )
    if db.session.scalar(taken) is not None:
        raise DateTaken(on=begins)

    was = day.starts_at
    late = update(Signup).where(Signup.service_day_id == day.id, Signup.offer_until > begins)
    db.session.execute(late.values(offer_until=begins))  # nothing is kept for anybody past the start
    day.on, day.starts_at, day.ends_at, day.edited = begins.date(), begins, ends, True
    revise(day)
    db.session.flush()
    draws.keep_in_time(day)
    layout.shift(day, begins - was)

    events.record(
        Moved(service_day_id=day.id, was_at=was.isoformat(), now_at=begins.isoformat()),
        about=f"service_day:{day.id}",
        within=f"activity:{day.activity_id}",
    )
    title = _title(day)
    _tell(
        day,
        f"moved:{begins:%Y%m%d%H%M}",
        _(
            "“{title}”改时间了：原来 {was|moment}，现在 {now|moment}。来不了的话请在这里退出。",
            title=title,
            was=was,
            now=begins,
        ),
        min(was, begins),
    )
    return day


def keep(day: ServiceDay) -> ServiceDay:
    """Hold a day in spite of the holiday or workday it meets; it is not asked about again."""
    _open(day)
    if day.clash_kept:
        return day

    day.clash_kept = True

    events.record(Kept(service_day_id=day.id), about=f"service_day:{day.id}")
    return day


def call_off(day: ServiceDay, reason: str) -> ServiceDay:
    """Call one day off and tell everyone who signed up why. Calling it off again changes nothing.

    :raises Begun: people may be there already; they are checked out instead
    """
    db.session.refresh(day, with_for_update=True)
    if day.state == "cancelled":
        return day
    if day.state == "closed" or clock.now() >= day.starts_at:
        raise Begun
    why = identity.free_text(reason, 200)

    title = _title(day)
    _tell(
        day,
        "called-off",
        _("{at|moment} “{title}”不办了：{reason}。谢谢你报名。", at=day.starts_at, title=title, reason=why),
        day.starts_at,
    )
    waiting = update(Signup).where(Signup.service_day_id == day.id, Signup.state.in_(COMING))
    gone = waiting.values(state="cancelled", offer_until=None).returning(Signup.id)
    people = len(db.session.scalars(gone).all())
    day.state, day.reason, day.accepted = "cancelled", why, 0
    revise(day)
    db.session.flush()

    events.record(
        CalledOff(service_day_id=day.id, people=people),
        about=f"service_day:{day.id}",
        within=f"activity:{day.activity_id}",
    )
    return day


def resize(day: ServiceDay, capacity: int) -> ServiceDay:
    """Give a day more places, or fewer; they are offered to whoever waits.

    :raises TooSmall: more people than that have a place already
    """
    _open(day, running=True)
    if capacity < max(day.accepted, 1):
        raise TooSmall(accepted=day.accepted)
    if capacity == day.capacity:
        return day

    day.capacity, day.edited = min(capacity, 5000), True
    db.session.flush()

    events.record(Enlarged(service_day_id=day.id, capacity=day.capacity), about=f"service_day:{day.id}")
    offer(day)
    return day


def close(day: ServiceDay) -> ServiceDay:
    """Close a day that is over: whoever was seen has come, nobody waits any longer.

    Of whoever had a place and was not seen nothing is said yet: the roll says it (`absences`). A day whose check-out is
    still open stays as it is.
    """
    db.session.refresh(day, with_for_update=True)
    if day.state != "open" or clock.now() <= windows(day).checkout_closes:
        return day

    lapse(day)
    mark_attended(day.id, came(day.id))
    waited = update(Signup).where(Signup.service_day_id == day.id, Signup.state.in_(HOPES))
    db.session.execute(waited.values(state="cancelled"))
    unseen = select(func.count()).where(
        Signup.service_day_id == day.id, Signup.state.in_(("accepted", "no_show"))
    )
    count = db.session.scalar(unseen) or 0
    day.state = "closed"
    db.session.flush()

    events.record(Closed(service_day_id=day.id, missing=count), about=f"service_day:{day.id}")
    return day


def end_activity(activity: Activity, reason: str) -> Activity:
    """Take an activity back when nobody has signed up yet, otherwise call it and all its coming days off.

    Everyone who had signed up is told the reason; days that are over stay as they were.
    """
    db.session.refresh(activity, with_for_update=True)
    coming = db.session.scalars(
        select(ServiceDay)
        .where(
            ServiceDay.activity_id == activity.id,
            ServiceDay.state == "open",
            ServiceDay.starts_at > clock.now(),
        )
        .order_by(ServiceDay.id)
    ).all()
    joined = select(Signup.id).join(ServiceDay, ServiceDay.id == Signup.service_day_id)
    joined = joined.where(ServiceDay.activity_id == activity.id, Signup.state != "left").limit(1)
    somebody = db.session.scalar(joined) is not None

    if somebody:
        activities.cancel(activity, reason)
    else:
        activities.withdraw(activity)
    db.session.execute(update(Series).where(Series.activity_id == activity.id).values(state="ended"))
    for day in coming:
        call_off(day, reason)
    return activity


def _open(day: ServiceDay, *, running: bool = False) -> None:
    db.session.refresh(day, with_for_update=True)
    if day.state == "cancelled":
        raise Gone
    if day.state == "closed" or (not running and clock.now() >= day.starts_at):
        raise Begun


def _target(
    day: ServiceDay, on: date | None, starts_at: datetime | None, ends_at: datetime | None
) -> tuple[datetime, datetime]:
    lasts = day.ends_at - day.starts_at
    if starts_at is None and on is not None:
        local = day.starts_at.astimezone(clock.ZONE)
        starts_at = datetime.combine(on, local.timetz())
    begins = (starts_at or day.starts_at).astimezone(clock.ZONE)
    return begins, (ends_at or begins + lasts).astimezone(clock.ZONE)


def _title(day: ServiceDay) -> str:
    return db.session.get_one(Activity, day.activity_id).title


def _tell(day: ServiceDay, what: str, words: Sentence, before: datetime) -> None:
    people = db.session.scalars(
        select(Signup.volunteer_id).where(Signup.service_day_id == day.id, Signup.state.in_(COMING))
    ).all()
    key = f"service_day:{day.id}:{what}"
    notices.tell(people, words, kind="day.changed", key=key, link=f"/service-days/{day.id}", until=before)


def look_again(day: ServiceDay) -> int:
    """Remember whoever was seen after all, by the roll or by a scan that arrived late, even where they were missing."""
    return mark_attended(day.id, came(day.id))


def days_with_missing(at: datetime) -> list[int]:
    """Days closed within the last days on which somebody is missing, or nothing is said of them yet."""
    recent = select(ServiceDay.id).where(
        ServiceDay.state == "closed",
        ServiceDay.ends_at > at - LOOKED_AT_AGAIN,
        select(Signup.id)
        .where(Signup.service_day_id == ServiceDay.id, Signup.state.in_(("accepted", "no_show")))
        .exists(),
    )
    return list(db.session.scalars(recent.order_by(ServiceDay.id)))


def days_over(at: datetime, limit: int = 500) -> list[ServiceDay]:
    """Days whose last scan is past, oldest first."""
    past = select(ServiceDay).where(
        ServiceDay.state == "open", ServiceDay.ends_at < at - timedelta(minutes=30)
    )
    return list(db.session.scalars(past.order_by(ServiceDay.ends_at, ServiceDay.id).limit(limit)))
