"""One phone, two volunteers: a couple with one phone between them. The organiser who knows them says so, per day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from volunteer import accounts, clock, events
from volunteer.checkin.models import SharedPhone
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay


@events.kind
class PhoneShared(events.Event):
    service_day_id: int
    volunteer_id: int


class NeedsReason(Refusal):
    code = "checkin.reason"
    status = 422
    says = _("请从名单里选一个人，写明为什么共用手机。")
    who = _("写一句就行，比如“母女共用一部手机”。")


class OwnPhone(Refusal):
    code = "checkin.own_exception"
    status = 403
    says = _("自己共用手机，要由别的组织者同意。")
    who = _("请和你一起带队的人放行。")


def allow(day: ServiceDay, volunteer: accounts.User, *, reason: str, by: accounts.User) -> SharedPhone:
    """Let somebody check in with a relative's phone on a day; allowing it again changes nothing.

    :raises OwnPhone: nobody grants it to himself
    """
    if volunteer.id == by.id:
        raise OwnPhone
    if not reason.strip():
        raise NeedsReason
    known = db.session.scalar(select(SharedPhone).filter_by(service_day_id=day.id, volunteer_id=volunteer.id))
    if known is not None:
        return known

    shared = SharedPhone(
        service_day_id=day.id,
        volunteer_id=volunteer.id,
        granted_by=by.id,
        granted_at=clock.now(),
        reason=reason.strip()[:200],
    )
    db.session.add(shared)
    db.session.flush()

    events.record(
        PhoneShared(service_day_id=day.id, volunteer_id=volunteer.id),
        about=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    return shared


def of(day: ServiceDay) -> Sequence[Any]:
    """Who may share a phone on a day: name, reason, when."""
    return db.session.execute(
        select(accounts.User.name, SharedPhone.reason, SharedPhone.granted_at)
        .join(accounts.User, accounts.User.id == SharedPhone.volunteer_id)
        .where(SharedPhone.service_day_id == day.id)
        .order_by(SharedPhone.id)
    ).all()
