"""Days whose places are drawn by lot: applications until a moment, then one draw, and whoever lost waits in its order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from volunteer import clock, events, notices, signing
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import lottery, places
from volunteer.service_days.models import Draw, Post, Series, ServiceDay, Signup

EARLIEST = timedelta(hours=1)  # from now on people must be able to apply
LATEST = timedelta(hours=12)  # before the start: whoever is drawn must be able to plan
LATELY = timedelta(days=90)  # services and absences that count


@events.kind
class DrawPlanned(events.Event):
    service_day_id: int
    draws_at: str
    fingerprint: str


@events.kind
class DrawDropped(events.Event):
    service_day_id: int


@events.kind
class Drawn(events.Event):
    service_day_id: int
    seed: str
    people: int
    places: int


class Joined(Refusal):
    code = "draw.joined"
    says = _("已经有 {n} 个人报名了，这一场不能再改报名办法。")
    who = _("可以加名额，或者从下一场起改。")


class BadMoment(Refusal):
    code = "draw.moment"
    status = 422
    says = _("抽签时间要在一小时以后、开始前 {hours} 小时以前，大家好安排。")


class Begun(Refusal):
    code = "draw.begun"
    says = _("这一场已经开始、结束或者抽过签了，不能再改。")


def plan(day: ServiceDay, draws_at: datetime) -> ServiceDay:
    """Have the places of a day drawn at that moment; the fingerprint of the seed is public from now on.

    Another moment keeps the seed. Planning the same again changes nothing.

    :raises Joined: somebody has a place, waits or has applied
    :raises BadMoment: people could not apply, or could not plan
    """
    places.lock(day)
    if day.draws_at == draws_at:
        return day
    _changeable(day)
    if not clock.now() + EARLIEST <= draws_at <= day.starts_at - LATEST:
        raise BadMoment(hours=LATEST // timedelta(hours=1), field="draws_at")

    day.draws_at = draws_at
    there = of(day)
    if there is None:
        seed = signing.token_bytes(32).hex()
        there = Draw(service_day_id=day.id, seed=seed, fingerprint=lottery.fingerprint(seed))
        db.session.add(there)
    db.session.flush()

    events.record(
        DrawPlanned(service_day_id=day.id, draws_at=draws_at.isoformat(), fingerprint=there.fingerprint),
        about=f"service_day:{day.id}",
    )
    return day


def drop(day: ServiceDay) -> ServiceDay:
    """Let places go to whoever comes first again. Dropping what is not planned changes nothing.

    :raises Joined: somebody has applied
    """
    places.lock(day)
    if day.draws_at is None:
        return day
    _changeable(day)

    day.draws_at = None
    db.session.execute(delete(Draw).where(Draw.service_day_id == day.id))
    db.session.flush()

    events.record(DrawDropped(service_day_id=day.id), about=f"service_day:{day.id}")
    return day


def keep_in_time(day: ServiceDay) -> None:
    """A day that was moved is still drawn early enough for people to plan."""
    if day.draws_at is not None and day.drawn_at is None:
        day.draws_at = min(day.draws_at, day.starts_at - LATEST)
        db.session.flush()


def plan_series(series: Series, hours: int | None) -> int:
    """Have every day of a series drawn so many hours before it begins, or none; days somebody joined stay as they are.

    Return how many coming days changed.
    """
    series.draw_hours = hours
    db.session.flush()
    ahead = select(ServiceDay).where(
        ServiceDay.series_id == series.id, ServiceDay.state == "open", ServiceDay.starts_at > clock.now()
    )
    changed = 0
    for day in db.session.scalars(ahead.order_by(ServiceDay.id)).all():
        before = day.draws_at
        try:
            follow(day, series)
        except Refusal:
            continue
        changed += day.draws_at != before
    return changed


def follow(day: ServiceDay, series: Series) -> None:
    """Give a day the way of its series.

    :raises Refusal: it is too near, or somebody has joined
    """
    if series.draw_hours is None:
        drop(day)
    else:
        plan(day, day.starts_at - timedelta(hours=series.draw_hours))


def draw(day: ServiceDay) -> ServiceDay:
    """Draw the places of a day, once; drawing again changes nothing.

    Whoever is drawn has a place, all others wait in the order drawn. Both are told.
    """
    places.lock(day)
    there = of(day)
    if there is None or not day.drawing or day.state != "open" or clock.now() < _moment(day):
        return day
    applied = db.session.scalars(
        select(Signup)
        .where(Signup.service_day_id == day.id, Signup.state == "applied")
        .order_by(Signup.number)
        .execution_options(populate_existing=True)
    ).all()
    known = _lots(applied, day.on)
    by_number = {signup.number: signup for signup in applied if signup.number is not None}
    drawn = lottery.order(
        there.seed, [lottery.Entry(number, known[one.volunteer_id]) for number, one in by_number.items()]
    )

    day.drawn_at = clock.now()
    db.session.flush()
    won: list[Signup] = []
    lost: list[Signup] = []
    for entry in drawn:
        signup = by_number[entry.number]
        post = db.session.get(Post, signup.post_id) if signup.post_id else None
        if entry.lots and places.take(day, post):
            signup.state = "accepted"
            won.append(signup)
        else:
            # They stand in the queue in the order drawn, before all who came after the moment of the draw.
            signup.state = "waitlisted"
            signup.queued_at = _moment(day) + timedelta(microseconds=len(lost))
            lost.append(signup)
    there.order = _list(drawn, by_number, {one.id for one in won})
    db.session.flush()

    events.record(
        Drawn(service_day_id=day.id, seed=there.seed, people=len(drawn), places=len(won)),
        about=f"service_day:{day.id}",
    )
    _tell(day, won, lost)
    return day


def of(day: ServiceDay) -> Draw | None:
    """The draw of a day, planned or done."""
    return db.session.scalar(select(Draw).where(Draw.service_day_id == day.id))


def owed(at: datetime) -> list[int]:
    """Days whose moment has come and that are not drawn yet."""
    due = select(ServiceDay.id).where(
        ServiceDay.draws_at <= at, ServiceDay.drawn_at.is_(None), ServiceDay.state == "open"
    )
    return list(db.session.scalars(due.order_by(ServiceDay.draws_at, ServiceDay.id)))


def applicants(day: ServiceDay) -> int:
    """How many have applied."""
    asked = select(func.count()).where(Signup.service_day_id == day.id, Signup.state == "applied")
    return db.session.scalar(asked) or 0


def _moment(day: ServiceDay) -> datetime:
    assert day.draws_at is not None
    return day.draws_at


def _changeable(day: ServiceDay) -> None:
    if day.state != "open" or day.drawn_at is not None or clock.now() >= day.starts_at:
        raise Begun
    live = select(func.count()).where(Signup.service_day_id == day.id, Signup.state.in_(places.COMING))
    people = db.session.scalar(live) or 0
    if people:
        raise Joined(n=people)


def _lots(applied: Iterable[Signup], on: date) -> dict[int, int]:
    """How many lots each has, by what they did in the ninety days before; whoever waits first has none."""
    people = {one.volunteer_id: one.behind for one in applied}
    rows = db.session.execute(
        select(Signup.volunteer_id, Signup.state, func.count())
        .join(ServiceDay, ServiceDay.id == Signup.service_day_id)
        .where(
            Signup.volunteer_id.in_(list(people)),
            Signup.state.in_(("attended", "no_show")),
            Signup.excuse.is_(None),
            ServiceDay.on.between(on - LATELY, on),
        )
        .group_by(Signup.volunteer_id, Signup.state)
    ).all()
    told = {(who, state): count for who, state, count in rows}
    return {
        who: 0 if behind else lottery.lots(told.get((who, "attended"), 0), told.get((who, "no_show"), 0))
        for who, behind in people.items()
    }


def _list(
    drawn: Iterable[lottery.Entry], by_number: dict[int, Signup], won: set[int]
) -> list[dict[str, Any]]:
    """The list as it is published: number, lots, the end of the volunteer number, and what came of it."""
    ids = [one.volunteer_id for one in by_number.values()]
    numbers = dict(db.session.execute(select(User.id, User.volunteer_no).where(User.id.in_(ids))).all())
    return [
        {
            "number": entry.number,
            "lots": entry.lots,
            "tail": numbers[by_number[entry.number].volunteer_id][-4:],
            "place": by_number[entry.number].id in won,
        }
        for entry in drawn
    ]


def _tell(day: ServiceDay, won: list[Signup], lost: list[Signup]) -> None:
    title = db.session.get_one(Activity, day.activity_id).title
    link, key = f"/service-days/{day.id}", f"service_day:{day.id}:drawn"
    notices.send_many(
        [one.volunteer_id for one in won],
        _("抽中了：{at|moment} “{title}”，到时候见。来不了请早点退出。", at=day.starts_at, title=title),
        key=key,
        link=link,
    )
    for n, one in enumerate(lost, 1):
        words = _(
            "{at|moment} “{title}”这次没有抽中，排在候补第 {n} 位。有人退出会按次序留给你。",
            at=day.starts_at,
            title=title,
            n=n,
        )
        notices.send(one.volunteer_id, words, key=key, link=link)
