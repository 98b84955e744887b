"""What a change to a series would do to its days: which change, which go, which come, which stay and why.

Nothing is written here: the same look comes before the question and, days locked, before the deed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal

from sqlalchemy import func, select

from volunteer import clock, signing
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days.days import moments
from volunteer.service_days.models import Post, Series, ServiceDay, Signup
from volunteer.service_days.places import COMING
from volunteer.service_days.recurrence import Rule
from volunteer.service_days.schedules import next_dates

Why = Literal["joined", "edited", "cancelled"]


@dataclass(frozen=True)
class Plan:
    """When a series happens, and with how many people."""

    rule: Rule
    starts: time
    ends: time
    capacity: int
    posts: list[dict[str, Any]]


@dataclass(frozen=True)
class Stays:
    """A day that is left as it is, and why."""

    day: ServiceDay
    why: Why
    says: Sentence


@dataclass(frozen=True)
class Effects:
    """What would become of the coming days from a date on; days before it and days that have begun are not in it."""

    since: date
    splits: bool = False
    changes: list[ServiceDay] = field(default_factory=list)
    goes: list[ServiceDay] = field(default_factory=list)
    comes: list[date] = field(default_factory=list)
    stays: list[Stays] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """A name for exactly these effects: who confirms says with it what they were shown."""
        told = (
            self.since,
            self.splits,
            sorted(day.id for day in self.changes),
            sorted(day.id for day in self.goes),
            self.comes,
            sorted((stays.day.id, stays.why) for stays in self.stays),
        )
        return signing.fingerprint(repr(told))[:16]


def look(series: Series, plan: Plan | None, since: date, *, lock: bool = False) -> Effects:
    """What a plan would do from a date on; without a plan, what ending the series would do.

    With `lock` nobody can join any of these days until the transaction is over.
    """
    today = clock.today()
    splits = since > today and _comes_before(series, since)
    days = _coming(series, since, lock=lock)
    joined = _joined([day.id for day in days])
    # "Every second week" goes on counting from where the series began, and anew where it is split.
    rule = plan.rule.starting(since if splits else series.begins_on) if plan else None
    meant = set(rule.dates(since, max(day.planned_on for day in days))) if rule and days else set()
    wanted = _wanted(series, plan, rule, since) if plan and rule else []
    found = Effects(since, splits)
    posts = _posts(days) if plan else {}
    for day in days:
        stays = _stays(day, joined.get(day.id))
        if stays is not None:
            found.stays.append(stays)
        elif plan is None or day.planned_on not in meant or _beyond(series, day.planned_on):
            found.goes.append(day)
        elif not _alike(day, plan, posts.get(day.id, [])):
            found.changes.append(day)
    there = {day.planned_on for day in days}
    found.comes.extend(on for on in wanted if on not in there)
    return found


def _comes_before(series: Series, since: date) -> bool:
    """Whether the series still has a session to come before a date."""
    rule = Rule.parse(series.rrule, series.begins_on)
    first = next_dates(
        rule, max(series.begins_on, clock.today()), series.ends_on, series.starts, series.ends, 1
    )
    return bool(first) and first[0] < since


def _wanted(series: Series, plan: Plan, rule: Rule, since: date) -> list[date]:
    start = max(series.begins_on, since)
    return next_dates(rule, start, series.ends_on, plan.starts, plan.ends, series.ahead)


def _coming(series: Series, since: date, *, lock: bool) -> list[ServiceDay]:
    ahead = select(ServiceDay).where(
        ServiceDay.series_id == series.id,
        ServiceDay.starts_at > clock.now(),
        ServiceDay.planned_on >= since,
        ServiceDay.state != "closed",
    )
    if lock:
        ahead = ahead.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(ahead.order_by(ServiceDay.planned_on, ServiceDay.id)))


def _joined(day_ids: Iterable[int]) -> dict[int, int]:
    """How many have a place or wait for one, on every day that anybody ever signed up for."""
    # A statement of its own: asked after the days are locked, it sees whoever joined while we waited for the lock.
    waiting = func.count().filter(Signup.state.in_((*COMING, "attended")))
    rows = db.session.execute(
        select(Signup.service_day_id, waiting)
        .where(Signup.service_day_id.in_(list(day_ids)))
        .group_by(Signup.service_day_id)
    )
    return {row[0]: row[1] for row in rows}


def _stays(day: ServiceDay, joined: int | None) -> Stays | None:
    if day.state == "cancelled":
        return Stays(day, "cancelled", _("已经取消，不会再排出来"))
    if joined is not None:
        said = _("有 {n} 个人报了名", n=joined) if joined else _("有人报过名")
        return Stays(day, "joined", said)
    if day.on != day.planned_on:
        return Stays(day, "edited", _("单独改过期，原定 {on|date}", on=day.planned_on))
    return Stays(day, "edited", _("单独改过时间或人数")) if day.edited else None


def _beyond(series: Series, on: date) -> bool:
    return series.ends_on is not None and on > series.ends_on


def _alike(day: ServiceDay, plan: Plan, posts: list[dict[str, Any]]) -> bool:
    times = moments(day.planned_on, plan.starts, plan.ends)
    return (day.starts_at, day.ends_at) == times and day.capacity == plan.capacity and posts == plan.posts


def _posts(days: Iterable[ServiceDay]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    rows = select(Post).where(Post.service_day_id.in_([day.id for day in days])).order_by(Post.id)
    for post in db.session.scalars(rows):
        found.setdefault(post.service_day_id, []).append(
            {name: getattr(post, name) for name in ("name", "capacity", "min_age", "max_age", "skill")}
        )
    return found
