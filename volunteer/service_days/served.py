"""How many residents a day served (服务人次), as its organiser counted them; nothing is ever estimated."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days.models import ServiceDay, Stall

SERVED_MAX = 100_000


@events.kind
class Reported(events.Event):
    service_day_id: int
    served: int


class NotBegun(Refusal):
    code = "day.not_begun"
    says = _("这一场还没有开始，开始以后再填服务人次。")


class ByStall(Refusal):
    code = "day.by_stall"
    says = _("这一场按摊位填服务人次，合计会自己加好。")


class OutOfRange(Refusal):
    code = "day.served"
    status = 422
    says = _("服务人次请填 0 到 {most|number} 之间的整数。")


def report(day: ServiceDay, served: int) -> ServiceDay:
    """Write down how many residents were served, each time counted; reporting again corrects the number.

    :raises NotBegun: before the day has begun, or when it was called off
    :raises ByStall: the day has stalls, and its number is their sum
    """
    if day.served == served:
        return day
    if day.state == "cancelled" or clock.now() < day.starts_at:
        raise NotBegun
    if not 0 <= served <= SERVED_MAX:
        raise OutOfRange(most=SERVED_MAX)
    if db.session.scalar(select(Stall.id).where(Stall.service_day_id == day.id).limit(1)) is not None:
        raise ByStall

    day.served = served

    events.record(Reported(service_day_id=day.id, served=served), about=f"service_day:{day.id}")
    return day
