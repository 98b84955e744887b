"""How a day is laid out: times to arrive (到场时段) and stalls (便民服务摊位), each stall with a code of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import delete, func, select

from volunteer import clock, codes, events, identity, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import places
from volunteer.service_days.models import ServiceDay, Slot, Stall
from volunteer.service_days.served import SERVED_MAX, NotBegun, OutOfRange, Reported

SLOTS_MAX, STALLS_MAX = 12, 40
STALL_BYTES = 6


@events.kind
class LaidOut(events.Event):
    service_day_id: int
    slots: int
    stalls: int


@events.kind
class StallReported(events.Event):
    service_day_id: int
    stall_id: int
    served: int


class BadSlots(Refusal):
    code = "day.slots"
    status = 422
    says = _("到场时段要在开始前一小时到结束之间，各不相同，每段至少 1 人，最多 {most} 段。")


class SlotTaken(Refusal):
    code = "day.slot_taken"
    says = _("{at|time} 这一段已经有 {taken} 个人选了，不能去掉，也不能比这更少。")


class BadStalls(Refusal):
    code = "day.stalls"
    status = 422
    says = _("摊位要各有各的名字，最多 {most} 个。")


class StallCounted(Refusal):
    code = "day.stall_counted"
    says = _("“{name}”已经填了服务人次，不能去掉。")


class Gone(Refusal):
    code = "day.cancelled"
    says = _("这一场已经取消了。")


def arrivals(day: ServiceDay, wanted: Sequence[tuple[time, int]]) -> list[Slot]:
    """Give a day these times to arrive, each with its number of places; what people chose stays chosen.

    :raises SlotTaken: somebody chose one that would go
    """
    places.lock(day)
    if day.state != "open":
        raise Gone
    asked = {_on(day, at): capacity for at, capacity in wanted}
    earliest = day.starts_at - timedelta(hours=1)
    right = all(earliest <= at < day.ends_at and 1 <= most <= 5000 for at, most in asked.items())
    if not right or len(asked) < len(wanted) or len(asked) > SLOTS_MAX:
        raise BadSlots(most=SLOTS_MAX)
    there = {slot.at: slot for slot in slots(day)}
    for at, slot in there.items():
        if slot.taken > asked.get(at, 0):
            raise SlotTaken(at=at, taken=slot.taken)

    gone = [slot.id for at, slot in there.items() if at not in asked]
    db.session.execute(delete(Slot).where(Slot.id.in_(gone)))
    for at, capacity in asked.items():
        if at in there:
            there[at].capacity = capacity
        else:
            db.session.add(Slot(service_day_id=day.id, at=at, capacity=capacity, taken=0))
    db.session.flush()

    _tell(day)
    return slots(day)


def stand(day: ServiceDay, names: Sequence[str]) -> list[Stall]:
    """Give a day these stalls; one that stays keeps its code and its number.

    :raises StallCounted: one that would go has counted people already
    """
    places.lock(day)
    if day.state == "cancelled":
        raise Gone
    wanted = [identity.free_text(name, 40) for name in names]
    if len(set(wanted)) < len(wanted) or len(wanted) > STALLS_MAX:
        raise BadStalls(most=STALLS_MAX)
    there = {stall.name: stall for stall in stalls(day)}
    for name, stall in there.items():
        if name not in wanted and stall.served:
            raise StallCounted(name=name)

    gone = [stall.id for name, stall in there.items() if name not in wanted]
    db.session.execute(delete(Stall).where(Stall.id.in_(gone)))
    for name in wanted:
        if name not in there:
            public = codes.encode(signing.token_bytes(STALL_BYTES))
            db.session.add(Stall(service_day_id=day.id, name=name, public=public))
            db.session.flush()  # one by one: they stay in the order written
    db.session.flush()

    _tell(day)
    return stalls(day)


def count(stall: Stall, served: int) -> Stall:
    """Write down how many residents a stall has served so far; the day's number is the sum of its stalls.

    Counting again corrects the number.

    :raises NotBegun: before the day has begun, or when it was called off
    """
    day = db.session.get_one(ServiceDay, stall.service_day_id)
    places.lock(day)
    if day.state == "cancelled" or clock.now() < day.starts_at:
        raise NotBegun
    if not 0 <= served <= SERVED_MAX:
        raise OutOfRange(most=SERVED_MAX)
    db.session.refresh(stall)
    if stall.served == served:
        return stall

    stall.served = served
    db.session.flush()
    total = db.session.scalar(select(func.sum(Stall.served)).where(Stall.service_day_id == day.id))
    day.served = int(total or 0)
    db.session.flush()

    events.record(
        StallReported(service_day_id=day.id, stall_id=stall.id, served=served),
        about=f"service_day:{day.id}",
    )
    events.record(Reported(service_day_id=day.id, served=day.served), about=f"service_day:{day.id}")
    return stall


def slots(day: ServiceDay) -> list[Slot]:
    """The times to arrive of a day, earliest first."""
    return list(db.session.scalars(select(Slot).where(Slot.service_day_id == day.id).order_by(Slot.at)))


def stalls(day: ServiceDay) -> list[Stall]:
    """The stalls of a day, in the order they were written."""
    return list(db.session.scalars(select(Stall).where(Stall.service_day_id == day.id).order_by(Stall.id)))


def stall_by_code(public: str) -> Stall:
    """The stall a printed code names.

    :raises NotFound: no stall of ours
    """
    stall = db.session.scalar(select(Stall).where(Stall.public == public.strip().upper()))
    if stall is None:
        raise NotFound
    return stall


def copy(day: ServiceDay, earlier: ServiceDay) -> None:
    """Give a new day of a series the stalls and times to arrive of an earlier one."""
    lag = day.starts_at - earlier.starts_at
    for slot in slots(earlier):
        db.session.add(Slot(service_day_id=day.id, at=slot.at + lag, capacity=slot.capacity, taken=0))
    for stall in stalls(earlier):
        public = codes.encode(signing.token_bytes(STALL_BYTES))
        db.session.add(Stall(service_day_id=day.id, name=stall.name, public=public))
        db.session.flush()


def shift(day: ServiceDay, by: timedelta) -> None:
    """A day that was moved takes its times to arrive along."""
    # From the far end, so that no two have the same time in between.
    for slot in sorted(slots(day), key=lambda one: one.at, reverse=by > timedelta()):
        slot.at += by
        db.session.flush()


def _on(day: ServiceDay, at: time) -> datetime:
    """The moment of the day that has this time; after midnight is the next date."""
    local = day.starts_at.astimezone(clock.ZONE)
    moment = datetime.combine(local.date(), at, clock.ZONE)
    early = moment < local - timedelta(hours=1)
    return moment + timedelta(days=1) if early and day.ends_at > moment + timedelta(days=1) else moment


def _tell(day: ServiceDay) -> None:
    events.record(
        LaidOut(service_day_id=day.id, slots=len(slots(day)), stalls=len(stalls(day))),
        about=f"service_day:{day.id}",
    )
