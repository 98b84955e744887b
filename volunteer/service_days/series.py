"""A series over time: it is kept ahead, changed, renewed and stopped; days that people joined always stay."""

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
from volunteer.service_days.days import BadTimes, tidy_posts
from volunteer.service_days.models import Draw, Post, Series, ServiceDay, Signup, Slot, Stall
from volunteer.service_days.recurrence import Rule
from volunteer.service_days.schedules import (
    Scheduled,
    check_capacity,
    coming,
    first_session,
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


def extend(series: Series) -> list[ServiceDay]:
    """Keep the series' days ahead written down, as many as it says; return the new ones. Harmless when run twice."""
    if series.state != "running":
        return []
    made = write_ahead(series)
    _tell_of_clashes(series, made)
    return made


def change(
    series: Series,
    rrule: str,
    starts: time,
    ends: time,
    capacity: int,
    posts: Iterable[dict[str, Any]] | None = None,
) -> Scheduled:
    """Change when a series happens: only coming days that nobody has joined are replaced, all others stay.

    :raises Ended: the series was stopped
    """
    if series.state != "running":
        raise Ended
    rule = Rule.parse(rrule, max(series.begins_on, clock.today()))
    if starts == ends:
        raise BadTimes(hours=16)
    activity = db.session.get_one(Activity, series.activity_id)
    may_plan(activity)
    check_capacity(activity, capacity, first_session(rule, clock.today(), starts, ends)[0])
    tidy = tidy_posts(series.posts if posts is None else posts, capacity)

    _drop_unjoined(series)
    series.rrule, series.starts, series.ends = rule.text, starts, ends
    series.capacity, series.posts = capacity, tidy
    db.session.flush()
    write_ahead(series)

    events.record(SeriesChanged(series_id=series.id), about=f"series:{series.id}")
    return scheduled(series)


def renew(series: Series) -> Series:
    """Let a series run for another year from today.

    :raises Ended: the series was stopped
    """
    if series.state != "running":
        raise Ended

    series.ends_on = year_on(clock.today())
    write_ahead(series)

    events.record(SeriesChanged(series_id=series.id), about=f"series:{series.id}")
    return series


def stop(series: Series) -> Series:
    """End a series: coming days that nobody has joined go, the others stay. Stopping twice changes nothing."""
    if series.state == "ended":
        return series

    series.state = "ended"
    _drop_unjoined(series)

    events.record(SeriesEnded(series_id=series.id), about=f"series:{series.id}")
    return series


def preview(rrule: str, begins_on: date, months: int = 12) -> list[date]:
    """Every date a rule gives within a year, without writing anything.

    :raises volunteer.service_days.BadRule: the rule cannot be read
    """
    rule = Rule.parse(rrule, begins_on)
    year, month = divmod(begins_on.month - 1 + months, 12)
    last = date(begins_on.year + year, month + 1, min(begins_on.day, 28))
    return list(rule.dates(begins_on, last))


def _drop_unjoined(series: Series) -> None:
    joined = select(Signup.service_day_id).where(Signup.service_day_id == ServiceDay.id).exists()
    unjoined = db.session.scalars(
        select(ServiceDay).where(
            ServiceDay.series_id == series.id,
            ServiceDay.starts_at > clock.now(),
            ServiceDay.state == "open",
            ServiceDay.on == ServiceDay.planned_on,
            ~joined,
        )
    ).all()
    for day in unjoined:
        for part in (Post, Slot, Stall, Draw):
            db.session.execute(delete(part).where(part.service_day_id == day.id))
        db.session.delete(day)
    db.session.flush()


def _tell_of_clashes(series: Series, made: list[ServiceDay]) -> None:
    activity = db.session.get_one(Activity, series.activity_id)
    fresh = {day.on for day in made}
    for clash in open_clashes(coming(series)) if fresh else []:
        if clash.on in fresh and clash.why != "not_announced":
            notices.send(
                activity.leader_id,
                _("“{title}”{clash}请看看照常、改期还是不办。", title=activity.title, clash=clash.says),
                key=f"series:{series.id}:clash:{clash.on}",
                link=f"/series/{series.id}",
            )
    if series.ends_on and series.ends_on < clock.today() + timedelta(days=30):
        notices.send(
            activity.leader_id,
            _("“{title}”排到 {on|date} 为止，要接着办请去续一年。", title=activity.title, on=series.ends_on),
            key=f"series:{series.id}:renew:{series.ends_on}",
            link=f"/series/{series.id}",
        )
