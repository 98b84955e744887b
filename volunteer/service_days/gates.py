"""Who may sign up for a day: every reason to refuse, in one fixed order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select

from volunteer import accounts, clock, identity
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import absences
from volunteer.service_days.models import Post, ServiceDay, Signup
from volunteer.service_days.places import COMING
from volunteer.teams import Team


class CalledOff(Refusal):
    code = "signup.cancelled"
    says = _("{on|date} 这一场不办了：{reason}。")
    action = (_("看看别的服务日"), "service_days.calendar")


class Over(Refusal):
    code = "signup.closed"
    says = _("这一场的报名在 {closes|moment} 结束了。")
    action = (_("看看别的服务日"), "service_days.calendar")


class TeamAway(Refusal):
    code = "signup.team"
    says = _("“{team}”现在暂停活动，先不收报名。")
    who = _("有疑问可以问社区工作人员。")


class Suspended(Refusal):
    code = "signup.suspended"
    says = _("你的账号现在停用了，不能报名。")
    who = _("请联系社区工作人员。")


class RiskUnread(Refusal):
    code = "signup.risk"
    status = 422
    says = _("请先看一看这个活动的风险提示，再勾选“我知道了”。")


class NeedsGuardian(Refusal):
    code = "signup.guardian"
    says = _("未满 18 岁要家长先同意。请家长在手机上点一下确认。")
    who = _("也可以请家长带着到社区办理。")


class TooYoung(Refusal):
    code = "signup.age"
    says = _("这里要满 {age} 岁。你的资料里没有写出生日期的话，请先补上。")
    action = (_("看看别的服务日"), "service_days.calendar")


class AgeUnknown(Refusal):
    code = "signup.age"
    says = _("“{post}”要看年龄，你的资料里还没有出生日期，请先补上。")
    action = (_("去看我的资料"), "accounts.me")


class TooOld(Refusal):
    code = "signup.age"
    says = _("“{post}”比较费力气，请 {age} 岁以下的人来做。别的岗位欢迎你。")
    who = _("拿不准的话，请问队长。")


class Unskilled(Refusal):
    code = "signup.skill"
    says = _("“{post}”要会{skill}。会的话，请先写进你的资料。")
    action = (_("去看我的资料"), "accounts.me")


class OtherDay(Refusal):
    code = "signup.post"
    status = 422
    says = _("这个岗位不是这一场的，请刷新后再选。")


class Overlaps(Refusal):
    code = "signup.overlaps"
    says = _("这个时间你已经报了“{title}”（{starts_at|moment}–{ends_at|time}）。先退掉那一场，再报这一场。")
    action = (_("去看那一场"), "service_days.show", {"day_id": "service_day_id"})


def check(
    volunteer: User,
    day: ServiceDay,
    activity: Activity,
    post: Post | None,
    *,
    closes: datetime,
    risk_known: bool,
) -> bool:
    """Raise the first reason that holds, in the order: the day, the team, the person, the post, the time.

    Return whether they wait behind everybody else, because they stayed away too often.
    """
    if day.state == "cancelled":
        raise CalledOff(on=day.on, reason=day.reason or "")
    if activity.state != "published":
        raise NotFound
    if day.state == "closed" or clock.now() > closes:
        raise Over(closes=closes)
    team = db.session.get_one(Team, day.team_id)
    if team.state != "active":
        raise TeamAway(team=team.name)
    if not volunteer.is_active:
        raise Suspended
    if not risk_known:
        raise RiskUnread(field="risk_known")
    if accounts.needs_guardian(volunteer):
        raise NeedsGuardian
    if post is not None and post.service_day_id != day.id:
        raise OtherDay
    _check_age(volunteer, day, max(activity.min_age, post.min_age if post else 0), post)
    if post is not None and post.skill and post.skill not in volunteer.skills:
        raise Unskilled(post=post.name, skill=post.skill)
    return _check_time(volunteer, day)


def _check_age(volunteer: User, day: ServiceDay, least: int, post: Post | None) -> None:
    # An unknown birth date fails the test: a gate that opens for whoever says nothing is none.
    age = None if volunteer.birth_on is None else identity.age(volunteer.birth_on, day.on)
    if least and (age is None or age < least):
        raise TooYoung(age=least)
    most = post.max_age if post else None
    if post is not None and most is not None:
        if age is None:
            raise AgeUnknown(post=post.name)
        if age > most:
            raise TooOld(post=post.name, age=most)


def _check_time(volunteer: User, day: ServiceDay) -> bool:
    """Refuse what overlaps; whether they were absent too often comes with the same look."""
    overlaps = and_(
        Signup.state.in_((*COMING, "attended")),
        ServiceDay.id != day.id,
        ServiceDay.state != "cancelled",
        ServiceDay.starts_at < day.ends_at,
        ServiceDay.ends_at > day.starts_at,
    )
    rows = db.session.execute(
        select(
            ServiceDay.id,
            ServiceDay.on,
            ServiceDay.starts_at,
            ServiceDay.ends_at,
            Activity.title,
            Signup.state,
        )
        .join(Signup, Signup.service_day_id == ServiceDay.id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(Signup.volunteer_id == volunteer.id, or_(overlaps, absences.counting(volunteer)))
        .order_by(ServiceDay.starts_at)
    ).all()
    other = next((row for row in rows if row.state != "no_show"), None)
    if other is not None:
        raise Overlaps(
            title=other.title, starts_at=other.starts_at, ends_at=other.ends_at, service_day_id=other.id
        )
    return absences.judged([row.on for row in rows], volunteer).until is not None
