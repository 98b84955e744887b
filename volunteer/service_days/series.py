"""A series over time: it is kept ahead, changed, split, renewed and ended; days that people joined always stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import delete, select

from volunteer import clock, events, notices
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import draws, layout, rechecks
from volunteer.service_days.days import BadTimes, check_times, moments, revise, tidy_posts
from volunteer.service_days.effects import Effects, Plan, look
from volunteer.service_days.models import Draw, Post, Series, ServiceDay, Slot, Stall
from volunteer.service_days.recurrence import Rule
from volunteer.service_days.schedules import (
    Scheduled,
    SeriesBegun,
    check_capacity,
    coming,
    first_session,
    latest,
    may_plan,
    open_clashes,
    scheduled,
    write_ahead,
    year_on,
)


@events.kind
class SeriesChanged(events.Event):
    series_id: int


@events.kind
class SeriesEnded(events.Event):
    series_id: int


class Ended(Refusal):
    code = "series.ended"
    says = _("这个系列已经停了，可以重新排一个。")


class NotThen(Refusal):
    code = "series.since"
    status = 422
    says = _("日期请选 {first|date} 到 {last|date} 之间的一天。")


def extend(series: Series) -> list[ServiceDay]:
    """Keep the series' days ahead written down, as many as it says; return the new ones. Harmless when run twice."""
    if series.state != "running":
        return []
    if series.ending and series.ends_on is not None and series.ends_on < clock.today():
        series.state = "ended"
        events.record(SeriesEnded(series_id=series.id), about=f"series:{series.id}")
        return []
    made = write_ahead(series)
    _tell_of_clashes(series, made)
    return made


def plan_of(
    series: Series,
    rrule: str,
    starts: time,
    ends: time,
    capacity: int,
    posts: Iterable[dict[str, Any]] | None = None,
    since: date | None = None,
) -> tuple[Plan, date]:
    """What is wanted of a series and from which date on, looked through as `change` looks through it.

    :raises Ended: the series was stopped
    :raises NotThen: the date is not within its days
    """
    since = _since(series, since)
    begins_on = max(series.begins_on, since)
    rule = Rule.parse(rrule, begins_on)
    if starts == ends:
        raise BadTimes(hours=16)
    activity = db.session.get_one(Activity, series.activity_id)
    may_plan(activity)
    first = first_session(rule, begins_on, starts, ends)
    check_times(*first)
    check_capacity(activity, capacity, first[0])
    return Plan(
        rule, starts, ends, capacity, tidy_posts(series.posts if posts is None else posts, capacity)
    ), since


def change(
    series: Series,
    rrule: str,
    starts: time,
    ends: time,
    capacity: int,
    posts: Iterable[dict[str, Any]] | None = None,
    since: date | None = None,
) -> Scheduled:
    """Change when a series happens from a date on, today unless said: only coming days that nobody has joined, and
    that nobody changed by themselves, follow; all others stay. What has days before that date is split in two there.

    Asking for the same split again returns the series it made.

    :raises Ended: the series was stopped
    :raises NotThen: the date is not within its days
    """
    split = _split_before(series, rrule, starts, since)
    if split is not None:
        return scheduled(split)
    plan, since = plan_of(series, rrule, starts, ends, capacity, posts, since)
    effects = look(series, plan, since, lock=True)

    like = latest(series)
    target = _split(series, since) if effects.splits else series
    target.rrule, target.starts, target.ends = plan.rule.text, starts, ends
    target.capacity, target.posts = capacity, plan.posts
    _drop(effects.goes)
    for day in effects.changes:
        _follow(day, plan)
    for day in [*effects.changes, *(stays.day for stays in effects.stays)]:
        day.series_id = target.id
    db.session.flush()
    write_ahead(target, like=None if like in effects.goes else like)

    events.record(SeriesChanged(series_id=series.id), about=f"series:{series.id}")
    if target is not series:
        events.record(
            SeriesBegun(series_id=target.id, activity_id=target.activity_id),
            about=f"series:{target.id}",
            within=f"activity:{target.activity_id}",
        )
    return scheduled(target)


def renew(series: Series) -> Series:
    """Let a series run for another year from today.

    :raises Ended: the series was stopped, or its last day was chosen
    """
    if series.state != "running" or series.ending:
        raise Ended

    series.ends_on = year_on(clock.today())
    write_ahead(series)

    events.record(SeriesChanged(series_id=series.id), about=f"series:{series.id}")
    return series


def stop(series: Series, since: date | None = None) -> Series:
    """End a series from a date on, today unless said: coming days that nobody has joined go, the others stay.

    Stopping twice changes nothing.

    :raises NotThen: the date is not within its days
    """
    if series.state == "ended" or (since and series.ending and series.ends_on == since - timedelta(days=1)):
        return series
    since = _since(series, since)
    effects = look(series, None, since, lock=True)

    _drop(effects.goes)
    if effects.splits:
        series.ends_on, series.ending = since - timedelta(days=1), True
        events.record(SeriesChanged(series_id=series.id), about=f"series:{series.id}")
    else:
        series.state = "ended"
        events.record(SeriesEnded(series_id=series.id), about=f"series:{series.id}")
    return series


def ending(series: Series, since: date | None = None) -> Effects:
    """What ending a series from a date on would do; nothing is written.

    :raises Ended: it has ended
    :raises NotThen: the date is not within its days
    """
    return look(series, None, _since(series, since))


def preview(rrule: str, begins_on: date, since: date | None = None) -> list[date]:
    """Every date within a year (of its beginning, or of `since`) that a rule gives, without writing anything.

    :raises volunteer.service_days.BadRule: the rule cannot be read
    """
    since = since or begins_on
    return list(Rule.parse(rrule, begins_on).dates(since, year_on(since)))


def _since(series: Series, since: date | None) -> date:
    if series.state != "running":
        raise Ended
    today = clock.today()
    if since is None:
        return today
    if since < today or (series.ends_on is not None and since > series.ends_on):
        raise NotThen(first=today, last=series.ends_on or today)
    return since


def _split_before(series: Series, rrule: str, starts: time, since: date | None) -> Series | None:
    """The series that the same wish has made already."""
    if since is None or not series.ending or series.ends_on != since - timedelta(days=1):
        return None
    return db.session.scalar(
        select(Series).where(
            Series.activity_id == series.activity_id,
            Series.begins_on == since,
            Series.rrule == Rule.parse(rrule, since).text,
            Series.starts == starts,
            Series.state == "running",
        )
    )


def _split(series: Series, since: date) -> Series:
    """End a series before a date, and begin another there that runs as long as the first would have."""
    rest = Series(
        activity_id=series.activity_id,
        team_id=series.team_id,
        area_path=series.area_path,
        rrule=series.rrule,
        begins_on=since,
        ends_on=series.ends_on,
        starts=series.starts,
        ends=series.ends,
        capacity=series.capacity,
        ahead=series.ahead,
        posts=series.posts,
        draw_hours=series.draw_hours,
        state="running",
        ending=series.ending,
        created_at=clock.now(),
    )
    db.session.add(rest)
    series.ends_on, series.ending = since - timedelta(days=1), True
    db.session.flush()
    return rest


def _drop(days: Iterable[ServiceDay]) -> None:
    for day in days:
        for part in (Post, Slot, Stall, Draw):
            db.session.execute(delete(part).where(part.service_day_id == day.id))
        db.session.delete(day)
    db.session.flush()


def _follow(day: ServiceDay, plan: Plan) -> None:
    """Have a day that nobody has joined do as its series does; its address, and so its poster, stay the same."""
    was = day.starts_at
    day.starts_at, day.ends_at = moments(day.planned_on, plan.starts, plan.ends)
    day.capacity = plan.capacity
    revise(day)
    db.session.flush()
    draws.keep_in_time(day)
    layout.shift(day, day.starts_at - was)
    db.session.execute(delete(Slot).where(Slot.service_day_id == day.id, Slot.at >= day.ends_at))
    db.session.execute(delete(Post).where(Post.service_day_id == day.id))
    db.session.add_all(Post(service_day_id=day.id, **post) for post in plan.posts)


def _tell_of_clashes(series: Series, made: list[ServiceDay]) -> None:
    activity = db.session.get_one(Activity, series.activity_id)
    fresh = {day.on: day for day in made}
    for clash in open_clashes(coming(series)) if fresh else []:
        if clash.on in fresh and clash.why != "not_announced":
            rechecks.tell(fresh[clash.on], clash)
    if series.ends_on and not series.ending and series.ends_on < clock.today() + timedelta(days=30):
        notices.send(
            activity.leader_id,
            _("“{title}”排到 {on|date} 为止，要接着办请去续一年。", title=activity.title, on=series.ends_on),
            key=f"series:{series.id}:renew:{series.ends_on}",
            link=f"/series/{series.id}",
        )
