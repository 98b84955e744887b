"""A checkpoint scanned: once a person, in any order, by whoever is checked in to a walk that passes there.

Whoever hurries is recorded all the same; the sign stays with the visit, and the hours wait until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Text, cast, func, literal, select

from volunteer import accounts, checkin, clock, codes, events, service_days
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.patrols.models import Patrol, Point, PointCode, Stop, Visit
from volunteer.service_days import ServiceDay
from volunteer.signing import Forged

#: Nobody walks from one checkpoint to the next in less.
APART = timedelta(seconds=20)
#: So many within so short a time were not walked to either.
BURST_STOPS = 3
BURST_WITHIN = timedelta(minutes=1)


@events.kind
class Visited(events.Event):
    service_day_id: int
    stop_id: int
    flag: str | None


class Renewed(Refusal):
    """The sheet on the wall has been replaced; whoever has a picture of the old one has nothing."""

    code = "patrol.renewed"
    status = 410
    says = _("“{point}”这张码已经换成新的了，请扫墙上新贴的那张。")
    who = _("墙上还是旧的话，请告诉带队的人。")
    action = (_("扫一扫"), "checkin.scan")


class OtherRoute(Refusal):
    code = "patrol.other_route"
    says = _("“{point}”不在你这一场的路线上，不用打卡。")
    who = _("看看你这一场还有哪些点。")
    action = (_("看我的路线"), "patrols.walk", {"day_id": "day_id"})


class NotAPatrol(OtherRoute):
    says = _("你现在签到的这一场不是行走，“{point}”不用打卡。")
    who = _("来参加行走的话，先在那一场签到。")
    action = (_("看这一场"), "service_days.show", {"day_id": "day_id"})


class Cancelled(Refusal):
    code = "patrol.cancelled"
    says = _("{on|date} 这一场行走取消了：{reason}")
    who = _("有疑问请问队长或社区。")
    action = (_("看别的服务日"), "service_days.calendar")


class NotCheckedIn(Refusal):
    code = "patrol.not_checked_in"
    says = _("先签到，再扫打卡点。集合的地方有签到的大屏码。")
    who = _("签到以后回来，把这里的码再扫一次就好。")
    action = (_("去签到"), "checkin.scan")


class NotYet(Refusal):
    code = "patrol.not_yet"
    says = _("今天的行走 {opens|time} 开始签到，签到以后再来扫“{point}”。")
    who = _("时间不对的话，请问带队的人。")
    action = (_("看这一场"), "service_days.show", {"day_id": "day_id"})


class CheckedOut(Refusal):
    code = "patrol.checked_out"
    says = _("你 {at|time} 已经签退了，签退以后的点不再记。")
    who = _("漏扫了点的话，请带队的人帮你说明。")
    action = (_("看我的路线"), "patrols.walk", {"day_id": "day_id"})


class Over(Refusal):
    code = "patrol.over"
    says = _("这一场行走 {closes|time} 已经结束，现在不能再打卡。")
    who = _("漏扫了点的话，请带队的人帮你说明。")
    action = (_("看这一场"), "service_days.show", {"day_id": "day_id"})


class WrongDay(Refusal):
    code = "patrol.wrong_day"
    says = _("今天没有经过“{point}”的行走。")
    who = _("想参加的话，看看哪一天有。")
    action = (_("看服务日"), "service_days.calendar")


class LaterDay(Refusal):
    code = "patrol.wrong_day"
    says = _("今天没有经过“{point}”的行走，下一次是 {on|date}。")
    who = _("那天签到以后再来扫。")
    action = (_("看那一场"), "service_days.show", {"day_id": "day_id"})


def point_at(text: str) -> Point:
    """The checkpoint a scanned code hangs at.

    :raises signing.Forged: not ours
    :raises codes.WrongType: another code of ours
    :raises Renewed: its sheet was replaced
    """
    code = codes.read_point(text, base_url=current_app.config["BASE_URL"])
    known = db.session.scalar(select(PointCode).where(PointCode.code == code))
    if known is None:
        raise Forged
    point = db.session.get_one(Point, known.point_id)
    if known.ended_at is not None:
        raise Renewed(point=point.name)
    return point


def visit(person: accounts.User, text: str) -> Visit:
    """Record that somebody is at a checkpoint; scanning it again returns the first visit.

    :raises Refusal: each reason in the contract's order, none of them leaves a trace
    """
    point = point_at(text)
    # The stay's row is held, so that two scans of one person come one after the other.
    inside = db.session.execute(
        select(Attendance, ServiceDay)
        .join(ServiceDay, ServiceDay.id == Attendance.service_day_id)
        .where(
            Attendance.volunteer_id == person.id,
            Attendance.out_at.is_(None),
            Attendance.state.in_(("open", "to_confirm")),
        )
        .order_by(Attendance.in_at.desc())
        .with_for_update(of=Attendance)
    ).all()
    going_on = [day for _stay, day in inside if day.state != "cancelled" and clock.now() <= _closes(day)]
    for day in going_on:
        stop = db.session.scalar(select(Stop).filter_by(service_day_id=day.id, point_id=point.id))
        if stop is not None:
            return _record(person, day, stop)
    if going_on:
        elsewhere = OtherRoute if db.session.get(Patrol, going_on[0].id) else NotAPatrol
        raise elsewhere(point=point.name, day_id=going_on[0].id)
    raise _why_not(person, point)


def _record(person: accounts.User, day: ServiceDay, stop: Stop) -> Visit:
    known = db.session.scalar(select(Visit).filter_by(stop_id=stop.id, volunteer_id=person.id))
    if known is not None:
        return known

    made = Visit(
        stop_id=stop.id,
        service_day_id=day.id,
        volunteer_id=person.id,
        seen_at=clock.now(),
        flag=_flag(person.id, day.id, clock.now()),
    )
    db.session.add(made)
    db.session.flush()

    events.record(
        Visited(service_day_id=day.id, stop_id=stop.id, flag=made.flag),
        about=f"patrol_stop:{stop.id}",
        within=f"service_day:{day.id}",
        whom=person.id,
    )
    return made


def _flag(person_id: int, day_id: int, at: datetime) -> str | None:
    lately = db.session.scalars(
        select(Visit.seen_at)
        .where(
            Visit.service_day_id == day_id, Visit.volunteer_id == person_id, Visit.seen_at > at - BURST_WITHIN
        )
        .order_by(Visit.seen_at.desc())
    ).all()
    return hurried(lately, at)


def hurried(lately: Sequence[datetime], at: datetime) -> str | None:
    """Why a visit at a moment is doubtful, given when somebody was at the stops before it, newest first. Pure."""
    before = [seen for seen in lately if at - seen < BURST_WITHIN]
    if before and at - before[0] < APART:
        return "fast"
    return "burst" if len(before) + 1 >= BURST_STOPS else None


def _why_not(person: accounts.User, point: Point) -> Refusal:
    """Why nobody who stands there now, and is checked in nowhere, can be recorded."""
    now, today = clock.now(), clock.today()
    days = db.session.scalars(
        select(ServiceDay)
        .join(Stop, Stop.service_day_id == ServiceDay.id)
        .where(Stop.point_id == point.id, ServiceDay.on >= today - timedelta(days=1))
        .order_by(ServiceDay.starts_at)
    ).all()
    near = [day for day in days if day.on == today or (day.starts_at <= now <= _closes(day))]
    if not near:
        later = [day for day in days if day.on > today and day.state == "open"]
        return (
            LaterDay(point=point.name, on=later[0].on, day_id=later[0].id)
            if later
            else WrongDay(point=point.name)
        )
    # Of several today the one that goes on, else the next, else the last.
    day = next((one for one in near if now <= _closes(one) and one.state != "cancelled"), near[-1])
    windows = service_days.windows(day)
    if day.state == "cancelled":
        return Cancelled(on=day.on, reason=day.reason or "")
    if now > windows.checkout_closes:
        return Over(closes=windows.checkout_closes, day_id=day.id)
    left = db.session.scalar(
        select(func.max(Attendance.out_at)).where(
            Attendance.service_day_id == day.id,
            Attendance.volunteer_id == person.id,
            Attendance.state != "void",
        )
    )
    if left is not None:
        return CheckedOut(at=left, day_id=day.id)
    if now < windows.checkin_opens:
        return NotYet(opens=windows.checkin_opens, point=point.name, day_id=day.id)
    return NotCheckedIn(point=point.name)


def _closes(day: ServiceDay) -> datetime:
    return service_days.windows(day).checkout_closes


@checkin.credit_by
def share(day_id: object, volunteer_id: object) -> ColumnElement[str]:
    """How many of a day's stops somebody was at, of how many, and how many of those need a look: "3 6 0"."""
    space = literal(" ", Text)
    return (
        select(
            cast(func.count(Visit.id), Text)
            + space
            + cast(func.count(Stop.id), Text)
            + space
            + cast(func.count(Visit.flag), Text)
        )
        .select_from(Stop)
        .outerjoin(Visit, (Visit.stop_id == Stop.id) & (Visit.volunteer_id == volunteer_id))
        .where(Stop.service_day_id == day_id)
        .group_by(Stop.service_day_id)
        .scalar_subquery()
    )


WHY: dict[str, Sentence] = {
    "fast": _("离上一个点不到 20 秒"),
    "burst": _("一分钟里扫了三个点"),
}
