"""One dated day: its windows, its public name, who may look it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from volunteer import clock, codes, identity, ledger, signing
from volunteer.activities import Activity
from volunteer.db import Moment, db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days.models import Post, Series, ServiceDay

PUBLIC_BYTES = 5  # what a wall code has room for
LONGEST = timedelta(hours=16)
POSTS_MAX = 20


@dataclass(frozen=True)
class Windows:
    """From when until when each scan of a day is taken; all four moments included."""

    checkin_opens: datetime
    checkin_closes: datetime
    checkout_opens: datetime
    checkout_closes: datetime


class BadTimes(Refusal):
    code = "day.times"
    status = 422
    says = _("结束时间要晚于开始时间，一场最长 {hours} 小时。")


class Past(Refusal):
    code = "day.past"
    status = 422
    says = _("服务日要排在以后的时间，{at|moment} 已经过了。")


class BadAges(Refusal):
    code = "day.ages"
    status = 422
    says = _("岗位的最大年龄不能小于最小年龄。")


class BadPosts(Refusal):
    code = "day.posts"
    status = 422
    says = _("岗位要各有各的名字，人数至少 1 人，加起来不超过这一场的 {capacity} 人。")


def windows(day: ServiceDay) -> Windows:
    """When the day's check-in and check-out are open, by the rules of that date."""
    tariff = ledger.tariff(day.on, day.area_path)
    into = tariff.checkin_window(day.starts_at, day.ends_at)
    out = tariff.checkout_window(day.starts_at, day.ends_at)
    return Windows(into.opens, into.closes, out.opens, out.closes)


def checkout_over(at: datetime) -> ColumnElement[bool]:
    """The condition on a day that its check-out is no longer open at a moment, by today's rules."""
    return ServiceDay.ends_at < ledger.rules.by_place(
        ServiceDay.area_path,
        clock.today(),
        lambda numbers: at - timedelta(minutes=numbers.checkout_close),
        Moment(),
    )


def by_public(public: str) -> ServiceDay | None:
    """The day a scanned code names."""
    return db.session.scalar(select(ServiceDay).where(ServiceDay.public == public))


def title_of(day_id: int) -> str:
    """The name of the activity of a day; empty when there is no such day."""
    named = select(Activity.title).join(ServiceDay, ServiceDay.activity_id == Activity.id)
    return db.session.scalar(named.where(ServiceDay.id == day_id)) or ""


def moments(on: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """The two moments of a day that begins at `starts`; one that ends after midnight ends on the next date."""
    begin = datetime.combine(on, starts, clock.ZONE)
    end = datetime.combine(on, ends, clock.ZONE)
    return begin, end if end > begin else end + timedelta(days=1)


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse times no day can have.

    :raises BadTimes: it ends before it starts, or lasts longer than anybody can serve
    :raises Past: it has begun already
    """
    if not timedelta() < ends_at - starts_at <= LONGEST:
        raise BadTimes(hours=LONGEST // timedelta(hours=1))
    if starts_at <= clock.now():
        raise Past(at=starts_at)


def tidy_posts(posts: Iterable[dict[str, Any]], capacity: int) -> list[dict[str, Any]]:
    """The posts of a day as they are kept: name, capacity, min_age, max_age, skill.

    :raises BadPosts: two with one name, one without places, or more places than the day has
    """
    tidy: list[dict[str, Any]] = [
        {
            "name": identity.free_text(str(post["name"]), 40),
            "capacity": int(post["capacity"]),
            "min_age": int(post.get("min_age") or 0),
            "max_age": int(post["max_age"]) if post.get("max_age") else None,
            "skill": identity.free_text(str(post.get("skill") or ""), 40, empty=True) or None,
        }
        for post in posts
    ]
    names = {post["name"] for post in tidy}
    total = sum(post["capacity"] for post in tidy)
    if len(names) < len(tidy) or len(tidy) > POSTS_MAX or total > capacity:
        raise BadPosts(capacity=capacity)
    if any(post["capacity"] < 1 for post in tidy):
        raise BadPosts(capacity=capacity)
    if any(post["max_age"] is not None and post["max_age"] < post["min_age"] for post in tidy):
        raise BadAges
    return tidy


def revise(day: ServiceDay) -> None:
    """Note that a day is not what calendars were told, so that they take it in anew."""
    day.revision += 1
    day.revised_at = clock.now()


def write_day(
    activity: Activity,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int,
    posts: Iterable[dict[str, Any]] = (),
    *,
    series: Series | None = None,
) -> ServiceDay:
    """Put a day and its posts into the session; whoever calls has looked already."""
    day = ServiceDay(
        series_id=series.id if series else None,
        activity_id=activity.id,
        team_id=activity.team_id,
        area_path=activity.area_path,
        on=starts_at.date(),
        planned_on=starts_at.date(),
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=capacity,
        accepted=0,
        state="open",
        revised_at=clock.now(),
        public=codes.encode(signing.token_bytes(PUBLIC_BYTES)),
    )
    db.session.add(day)
    db.session.flush()
    db.session.add_all(Post(service_day_id=day.id, **post) for post in posts)
    return day
