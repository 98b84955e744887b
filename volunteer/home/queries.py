"""Reads for the first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, select

from volunteer import access, clock
from volunteer.activities import Activity
from volunteer.checkin import Attendance
from volunteer.community import Area
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay, Signup
from volunteer.teams import Team

Coming = Row[ServiceDay, str, str, str, str]


def next_day(volunteer_id: int) -> Coming | None:
    """Return the next day somebody is signed up for and has not come to yet: day, title, place, address, state of the
    sign-up."""
    came = select(Attendance.id).where(
        Attendance.service_day_id == ServiceDay.id,
        Attendance.volunteer_id == volunteer_id,
        Attendance.state != "void",
    )
    return db.session.execute(
        select(ServiceDay, Activity.title, Activity.place_name, Activity.place_address, Signup.state)
        .join(Signup, Signup.service_day_id == ServiceDay.id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.state.in_(("accepted", "offered", "waitlisted", "applied")),
            ServiceDay.state == "open",
            ServiceDay.on >= clock.today() - timedelta(days=1),
            ServiceDay.ends_at > clock.now(),
            ~came.exists(),
        )
        .order_by(ServiceDay.starts_at)
        .limit(1)
    ).first()


def open_days(area_path: str = "/", most: int = 3) -> Sequence[Coming]:
    """Return the next days that still have a place, in an area: day, title, place, address, category."""
    found = (
        select(ServiceDay, Activity.title, Activity.place_name, Activity.place_address, Activity.category)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(
            ServiceDay.on >= clock.today(),
            ServiceDay.starts_at > clock.now(),
            ServiceDay.state == "open",
            ServiceDay.accepted < ServiceDay.capacity,
            Activity.state == "published",
        )
    )
    if area_path != "/":
        found = found.where(ServiceDay.area_path.startswith(area_path))
    return db.session.execute(found.order_by(ServiceDay.on, ServiceDay.id).limit(most)).all()


def being_there(volunteer_id: int) -> Row[int, datetime, datetime, str] | None:
    """Return the stay that is open now: day, since when, until when, title."""
    return db.session.execute(
        select(Attendance.service_day_id, Attendance.in_at, ServiceDay.ends_at, Activity.title)
        .join(ServiceDay, ServiceDay.id == Attendance.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(Attendance.volunteer_id == volunteer_id, Attendance.state == "open")
        .limit(1)
    ).first()


def until(moment: datetime) -> Sentence:
    """Return how long it is until then, in the largest unit that says something."""
    left = moment - clock.now()
    days = (moment.date() - clock.today()).days
    if left <= timedelta(0):
        return _("正在进行")
    if left < timedelta(hours=1):
        return _("还有 {n} 分钟", n=max(1, int(left.total_seconds() // 60)))
    if days == 0:
        return _("今天，还有 {n} 小时", n=int(left.total_seconds() // 3600))
    if days == 1:
        return _("明天")
    return _("还有 {n} 天", n=days)


def places(holds: Sequence[access.Hold]) -> dict[str, str]:
    """Return "area:3" → 南坑社区, "team:7" → its name, for what somebody holds."""
    paths = {hold.area_path for hold in holds if hold.area_path}
    teams = {hold.team_id for hold in holds if hold.team_id}
    found: dict[str, str] = {}
    if paths:
        for area_id, name in db.session.execute(select(Area.id, Area.name).where(Area.path.in_(paths))):
            found[f"area:{area_id}"] = name
    if teams:
        for team_id, name in db.session.execute(select(Team.id, Team.name).where(Team.id.in_(teams))):
            found[f"team:{team_id}"] = name
    return found


def address(hold: access.Hold) -> str:
    """Return where a role is held: "area:3", "team:7", "partner:5"."""
    if hold.area_path is not None:
        return f"area:{hold.area_path.strip('/').rpartition('/')[2]}"
    return f"team:{hold.team_id}" if hold.team_id else f"partner:{hold.partner_id}"
