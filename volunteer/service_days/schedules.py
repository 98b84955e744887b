"""Scheduling: a series keeps its next days written down, six ahead; a single day stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from volunteer import access, clock, events, ledger, teams
from volunteer.activities import Activity, Plan, require_funded
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import draws, holidays, layout
from volunteer.service_days.calendar import Clash, clashes
from volunteer.service_days.days import BadTimes, check_times, moments, tidy_posts, write_day
from volunteer.service_days.models import Series, ServiceDay
from volunteer.service_days.recurrence import Rule
from volunteer.teams import Team

AHEAD = 6
CAPACITY_MAX = 5000
PLANNED_FROM = 50  # places; as many need a written plan and five days
PLAN_DAYS = 5


@dataclass(frozen=True)
class Scheduled:
    """A series, its days that are written down, and which of them meet the calendar."""

    series: Series
    days: list[ServiceDay]
    clashes: list[Clash]


@events.kind
class SeriesBegun(events.Event):
    series_id: int
    activity_id: int


@events.kind
class DayAdded(events.Event):
    service_day_id: int
    activity_id: int


class NotPublished(Refusal):
    code = "day.not_published"
    says = _("“{title}”还没有通过，通过后就能排服务日。")
    who = _("社区工作人员审核，一般三个工作日内答复。")


class NeedsPlan(Refusal):
    code = "day.needs_plan"
    status = 422
    says = _("{places} 人以上的活动要先写好方案，并且提前 {days} 天排。")


class TooMany(Refusal):
    code = "day.too_many"
    says = _("同一个活动一天最多 {most} 场。")


class BadCapacity(Refusal):
    code = "day.capacity"
    status = 422
    says = _("人数请填 1 到 {most} 之间。")


class BadAhead(Refusal):
    code = "series.ahead"
    status = 422
    says = _("提前排出的场数请填 1 到 26 之间。")


def schedule(
    activity: Activity,
    rrule: str,
    begins_on: date,
    starts: time,
    ends: time,
    capacity: int,
    ahead: int = AHEAD,
    posts: Iterable[dict[str, Any]] = (),
) -> Scheduled:
    """Begin a series and write its next days down; clashes with holidays come back as proposals, nothing is moved.

    The series runs for a year, the longest an activity may be planned. Asking for the same one again returns it.

    :raises volunteer.service_days.BadRule: the rule cannot be read
    """
    may_plan(activity)
    begins_on = max(begins_on, clock.today())
    rule = Rule.parse(rrule, begins_on)
    same = db.session.scalar(
        select(Series).where(
            Series.activity_id == activity.id,
            Series.rrule == rule.text,
            Series.begins_on == begins_on,
            Series.starts == starts,
            Series.state == "running",
        )
    )
    if same is not None:
        return scheduled(same)
    if not 1 <= ahead <= 26:
        raise BadAhead
    if starts == ends:
        raise BadTimes(hours=16)
    check_times(*first_session(rule, begins_on, starts, ends))
    check_capacity(activity, capacity, first_session(rule, begins_on, starts, ends)[0])
    tidy = tidy_posts(posts, capacity)
    begin, end = first_session(rule, begins_on, starts, ends)
    require_funded(Plan.of(activity, capacity, int((end - begin).total_seconds()) // 60, ahead))

    series = Series(
        activity_id=activity.id,
        team_id=activity.team_id,
        area_path=activity.area_path,
        rrule=rule.text,
        begins_on=begins_on,
        ends_on=year_on(begins_on),
        starts=starts,
        ends=ends,
        capacity=capacity,
        ahead=ahead,
        posts=tidy,
        state="running",
        created_at=clock.now(),
    )
    db.session.add(series)
    db.session.flush()
    write_ahead(series)

    events.record(
        SeriesBegun(series_id=series.id, activity_id=activity.id),
        about=f"series:{series.id}",
        within=f"activity:{activity.id}",
    )
    return scheduled(series)


def add_day(
    activity: Activity,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    posts: Iterable[dict[str, Any]] = (),
) -> ServiceDay:
    """Add a single day. Asking for the same one again returns it.

    :raises TooMany: the activity has as many that date as the rules allow
    """
    may_plan(activity)
    db.session.execute(select(Activity.id).where(Activity.id == activity.id).with_for_update())
    starts_at, ends_at = starts_at.astimezone(clock.ZONE), ends_at.astimezone(clock.ZONE)
    on = starts_at.date()
    that_date = select(ServiceDay).where(
        ServiceDay.activity_id == activity.id, ServiceDay.on == on, ServiceDay.state == "open"
    )
    there = db.session.scalars(that_date).all()
    for day in there:
        if (day.starts_at, day.ends_at, day.capacity) == (starts_at, ends_at, capacity):
            return day
    check_times(starts_at, ends_at)
    check_capacity(activity, capacity, starts_at)
    most = ledger.tariff(on, activity.area_path).sessions_per_activity_day
    if len(there) >= most:
        raise TooMany(most=most)
    require_funded(Plan.of(activity, capacity, int((ends_at - starts_at).total_seconds()) // 60))
    tidy = tidy_posts(posts, capacity)

    day = write_day(activity, starts_at, ends_at, capacity, tidy)

    events.record(
        DayAdded(service_day_id=day.id, activity_id=activity.id),
        about=f"service_day:{day.id}",
        within=f"activity:{activity.id}",
    )
    return day


def scheduled(series: Series) -> Scheduled:
    """A series with its coming days and what they clash with, those aside that the organiser has settled."""
    days = coming(series)
    return Scheduled(series, days, open_clashes(days))


def coming(series: Series) -> list[ServiceDay]:
    """The days of a series that are still ahead, called-off ones included, earliest first."""
    ahead = select(ServiceDay).where(ServiceDay.series_id == series.id, ServiceDay.starts_at > clock.now())
    return list(db.session.scalars(ahead.order_by(ServiceDay.starts_at)))


def open_clashes(days: Sequence[ServiceDay]) -> list[Clash]:
    """What nobody has decided yet: days that meet a holiday or a make-up workday, and years not announced."""
    # A day that was moved or called off is settled, one that was kept as well.
    meeting = [
        day.on for day in days if day.state == "open" and not day.clash_kept and day.on == day.planned_on
    ]
    table = holidays.table({on.year + more for on in meeting for more in (0, 1)})
    taken = [day.on for day in days if day.state == "open"]
    found = clashes(taken, table, clock.today() + timedelta(days=1))
    return [clash for clash in found if clash.on in meeting]


def may_plan(activity: Activity) -> None:
    """Refuse to plan for a team that is not at work or an activity that is not published."""
    teams.require_active(db.session.get_one(Team, activity.team_id))
    if activity.state != "published":
        raise NotPublished(title=activity.title)


def check_capacity(activity: Activity, capacity: int, starts_at: datetime) -> None:
    """Refuse a number of places nobody can hold, and a crowd without a plan.

    The five days are the office's, to look at the plan; the office itself may plan at short notice.

    :raises NeedsPlan: fifty or more places need a written plan and five days
    """
    if not 1 <= capacity <= CAPACITY_MAX:
        raise BadCapacity(most=CAPACITY_MAX)
    soon = starts_at.astimezone(clock.ZONE).date() < clock.today() + timedelta(days=PLAN_DAYS)
    if capacity >= PLANNED_FROM and (
        not activity.plan or (soon and not access.may("activity.approve", activity))
    ):
        raise NeedsPlan(places=PLANNED_FROM, days=PLAN_DAYS)


def first_session(rule: Rule, since: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """The first session that has not begun yet."""
    for on in rule.next(since - timedelta(days=1), 2):
        begin, end = moments(on, starts, ends)
        if begin > clock.now():
            return begin, end
    return moments(since, starts, ends)


def write_ahead(series: Series, *, like: ServiceDay | None = None) -> list[ServiceDay]:
    """Write down those of the next dates that have no row yet, laid out like the latest day, or like another one."""
    rule = Rule.parse(series.rrule, series.begins_on)
    since = max(series.begins_on, clock.today())
    dates = next_dates(rule, since, series.ends_on, series.starts, series.ends, series.ahead)
    there = set(
        db.session.scalars(
            select(ServiceDay.planned_on).where(
                ServiceDay.series_id == series.id, ServiceDay.planned_on.in_(dates)
            )
        )
    )
    earlier = latest(series) or like
    return [write_down(series, on, earlier) for on in dates if on not in there]


def next_dates(
    rule: Rule, since: date, until: date | None, starts: time, ends: time, count: int
) -> list[date]:
    """The next dates of a rule whose session has not begun yet, as many as are kept written down."""
    # One more than needed, because today's session may have begun.
    dates = [on for on in rule.next(since - timedelta(days=1), count + 1) if until is None or on <= until]
    return [on for on in dates if moments(on, starts, ends)[0] > clock.now()][:count]


def write_down(series: Series, on: date, earlier: ServiceDay | None) -> ServiceDay:
    """Write one date of a series down as a day, laid out like an earlier one."""
    activity = db.session.get_one(Activity, series.activity_id)
    starts_at, ends_at = moments(on, series.starts, series.ends)
    day = write_day(activity, starts_at, ends_at, series.capacity, series.posts, series=series)
    db.session.flush()
    if earlier is not None:
        layout.copy(day, earlier)
    if series.draw_hours is not None:
        with suppress(draws.BadMoment):  # too near: whoever comes first
            draws.follow(day, series)
    return day


def latest(series: Series) -> ServiceDay | None:
    """The last day of a series that is not called off."""
    held = select(ServiceDay).where(ServiceDay.series_id == series.id, ServiceDay.state != "cancelled")
    return db.session.scalar(held.order_by(ServiceDay.planned_on.desc()).limit(1))


def year_on(since: date) -> date:
    """The last day of the year that begins with `since`."""
    leap = since.month == 2 and since.day == 29
    return date(since.year + 1, since.month, 28 if leap else since.day) - timedelta(days=0 if leap else 1)
