"""What a scanner holds for a day without signal: who is expected, under a mask, and the keys of that day alone.

With a day's key the device sees by itself that a pass is genuine; it cannot make one for tomorrow, nor learn a name, a
phone or a number. It is given to enrolled scanners only, from the day before until the day is over, and each time
leaves a line in the trail.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from volunteer import access, accounts, clock, codes, events, privacy, service_days
from volunteer.activities import Activity
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance
from volunteer.checkin.refusals import Cancelled
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.service_days import queries as day_queries

GIVEN_FROM = timedelta(hours=24)
SHOWN_MAX = 50
EXPECTED = ("accepted", "attended", "no_show")


@events.kind
class RosterTaken(events.Event):
    device_id: int
    people: int


class NotNow(Refusal):
    code = "roster.not_now"
    says = _("名单从活动前一天起可以存到扫码设备里，活动结束后收回。")
    who = _("没有名单也能扫，扫到的先留着，有信号时核对。")


def take(day: ServiceDay, *, device_id: int, by: accounts.User) -> dict[str, Any]:
    """Return the day's roster for a device to hold, and write down which device has it.

    :raises Cancelled: nobody is expected
    :raises NotNow: earlier than the day before, or when the day is over
    """
    windows, now = service_days.windows(day), clock.now()
    if day.state == "cancelled":
        raise Cancelled(on=day.on, reason=day.reason or "", day_id=day.id)
    if not windows.checkin_opens - GIVEN_FROM <= now <= windows.checkout_closes:
        raise NotNow
    keyring = current_app.extensions["keyring"]
    first, last = (
        at.astimezone(clock.ZONE).date() for at in (windows.checkin_opens, windows.checkout_closes)
    )
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    came = _came(day)
    expected = [one.User for one in day_queries.people(day) if one.Signup.state in EXPECTED]

    def told(user: accounts.User) -> dict[str, Any]:
        public = codes.decode(user.public, passes.VOLUNTEER_BYTES)
        keys = [passes.day_key(keyring, public, user.pass_revision, on) for on in dates]
        found: dict[str, Any] = {
            "who": user.public,
            "name": privacy.mask_name(user.name),
            "last": user.volunteer_no[-4:],
            "revision": user.pass_revision,
            "keys": [base64.b64encode(key).decode() for key in keys],
        }
        return {**found, "flags": came[user.id]} if user.id in came else found

    people = [told(user) for user in expected if user.is_active]

    events.record(
        RosterTaken(device_id=device_id, people=len(people)),
        about=f"device:{device_id}",
        within=f"service_day:{day.id}",
    )
    return {
        "service_day_id": day.id,
        "title": service_days.title_of(day.id),
        "now": now,
        "checkin_opens": windows.checkin_opens,
        "checkin_closes": windows.checkin_closes,
        "checkout_opens": windows.checkout_opens,
        "checkout_closes": windows.checkout_closes,
        "forget_at": windows.checkout_closes,
        "walk_ins": db.session.get_one(Activity, day.activity_id).walk_ins,
        "kid": keyring.kid,
        "dates": dates,
        "mine": by.public,
        "people": people,
        "revoked": [user.public for user in expected if not user.is_active],
    }


def _came(day: ServiceDay) -> dict[int, list[str]]:
    """Who has been seen already: in, or in and out."""
    rows = db.session.execute(
        select(Attendance.volunteer_id, Attendance.out_at)
        .where(Attendance.service_day_id == day.id, Attendance.state != "void")
        .order_by(Attendance.id)
    )
    return {volunteer_id: ["in", "out"] if out_at else ["in"] for volunteer_id, out_at in rows}


def days() -> list[dict[str, Any]]:
    """The days around now that the person signed in may scan for, soonest first."""
    at = clock.now()
    found = (
        select(ServiceDay, Activity.title)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(
            ServiceDay.state != "cancelled",
            ServiceDay.starts_at <= at + GIVEN_FROM,
            ~service_days.checkout_over(at),
        )
        .order_by(ServiceDay.starts_at, ServiceDay.id)
        .limit(SHOWN_MAX)
    )
    return [
        {"id": day.id, "title": title, "starts_at": day.starts_at, "ends_at": day.ends_at}
        for day, title in db.session.execute(access.within(found, ServiceDay, "checkin.scan"))
    ]
