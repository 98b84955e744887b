"""Times that can be booked: writing them down, taking a place, giving it back, calling one off.

A place is taken by one conditional statement, so the last one goes to one person only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select, update

from rewards.offers.models import Offer, OfferSlot
from volunteer import clock, events, identity
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

WEEKS_MAX = 26
CAPACITY_MAX = 500
LONGEST = timedelta(hours=12)


@events.kind
class SlotsAdded(events.Event):
    offer_id: int
    slots: int


@events.kind
class SlotCancelled(events.Event):
    slot_id: int
    offer_id: int
    reason: str


class SlotNeeded(Refusal):
    code = "offer.slot_needed"
    status = 422
    says = _("这份礼遇要先约时间，请选一个时段。")
    action = (_("去选时段"), "offers.show", {"offer_id": "offer_id"})


class NoSuchSlot(NotFound):
    says = _("没有找到这个时段，可能刚被商家取消了。")
    who = _("请换一个时段。")
    action = (_("看别的礼遇"), "offers.index")


class SlotFull(Refusal):
    code = "offer.slot_full"
    says = _("{starts_at|moment} 这个时段刚刚约满了。")
    who = _("请换一个时段，有人取消了位子也会放出来。")
    action = (_("看别的时段"), "offers.show", {"offer_id": "offer_id"})


class SlotBegun(SlotFull):
    code = "offer.slot_begun"
    says = _("{starts_at|moment} 这个时段已经开始，不能再约了。")
    who = _("请换一个还没开始的时段。")


class SlotsOverlap(Refusal):
    code = "offer.slot_overlaps"
    says = _("{starts_at|moment}–{ends_at|time} 已经有一个时段，和新的重叠了。")


class BadSlot(Refusal):
    code = "offer.slot"
    status = 422


class BadSpan(BadSlot):
    says = _("结束要在开始之后，一个时段最长 {hours} 小时。")


class SlotPast(BadSlot):
    says = _("这个时间已经过了，请填以后的时间。")


class TooManySlots(BadSlot):
    says = _("一次最多连着排 {most} 周。")


class BadCapacity(BadSlot):
    says = _("每个时段几个名额，请填 1 到 {most}。")


class NotBooked(Refusal):
    code = "offer.not_by_slot"
    says = _("这份礼遇不用约时段。要约的话，请先勾上“要约时段”。")


def add(
    offer: Offer, on: date, starts: time, ends: time, capacity: int, *, weeks: int = 1
) -> list[OfferSlot]:
    """Write down a slot, or the same one every week for so many weeks. Adding the same again changes nothing.

    :raises NotBooked: the offer is not booked by time
    :raises BadSlot: a time or number that makes no sense
    :raises SlotsOverlap: another one is there at that time
    """
    if not offer.by_slot:
        raise NotBooked
    if not 1 <= weeks <= WEEKS_MAX:
        raise TooManySlots(most=WEEKS_MAX, field="weeks")
    if not 1 <= capacity <= CAPACITY_MAX:
        raise BadCapacity(most=CAPACITY_MAX, field="capacity")
    wanted = [_span(on + timedelta(weeks=n), starts, ends) for n in range(weeks)]
    begins, closes = wanted[0]
    if not begins < closes <= begins + LONGEST:
        raise BadSpan(hours=LONGEST // timedelta(hours=1), field="ends")
    if begins <= clock.now():
        raise SlotPast(field="on")
    # The offer's row is the queue: of two who add at one moment the second sees what the first has added.
    db.session.execute(select(Offer.id).where(Offer.id == offer.id).with_for_update())
    there = db.session.scalars(
        select(OfferSlot).where(
            OfferSlot.offer_id == offer.id, OfferSlot.cancelled_at.is_(None), OfferSlot.ends_at > begins
        )
    ).all()
    fresh = [span for span in wanted if span not in {(one.starts_at, one.ends_at) for one in there}]
    for begin, end in fresh:
        for one in there:
            if one.starts_at < end and begin < one.ends_at:
                raise SlotsOverlap(starts_at=one.starts_at, ends_at=one.ends_at, field="starts")

    made = [
        OfferSlot(
            offer_id=offer.id,
            partner_id=offer.partner_id,
            area_path=offer.area_path,
            starts_at=begin,
            ends_at=end,
            capacity=capacity,
            booked=0,
        )
        for begin, end in fresh
    ]
    if not made:
        return []
    db.session.add_all(made)
    db.session.flush()

    events.record(
        SlotsAdded(offer_id=offer.id, slots=len(made)),
        about=f"offer:{offer.id}",
        within=f"partner:{offer.partner_id}",
    )
    return made


def book(offer: Offer, slot_id: int) -> OfferSlot:
    """Take a place in a slot of the offer.

    :raises NoSuchSlot: it is another offer's, or was called off
    :raises SlotBegun: it has begun
    :raises SlotFull: the last place has gone; the database decides who was first
    """
    slot = bookable(offer, slot_id)
    one = update(OfferSlot).where(
        OfferSlot.id == slot.id, OfferSlot.cancelled_at.is_(None), OfferSlot.booked < OfferSlot.capacity
    )
    taken = one.values(booked=OfferSlot.booked + 1).returning(OfferSlot.id)
    if db.session.scalar(taken) is None:
        raise SlotFull(starts_at=slot.starts_at, offer_id=offer.id)
    return slot


def bookable(offer: Offer, slot_id: int) -> OfferSlot:
    """Return a slot of the offer that has not begun; whether there is room, taking a place tells.

    :raises NoSuchSlot, SlotBegun: as `book`
    """
    slot = db.session.get(OfferSlot, slot_id)
    if slot is None or slot.offer_id != offer.id or slot.cancelled_at is not None:
        raise NoSuchSlot
    if slot.starts_at <= clock.now():
        raise SlotBegun(starts_at=slot.starts_at, offer_id=offer.id)
    return slot


def give_back(slot_id: int) -> None:
    """Free a place that was taken and is not used."""
    one = update(OfferSlot).where(OfferSlot.id == slot_id)
    db.session.execute(one.values(booked=OfferSlot.booked - 1))


def cancel(slot: OfferSlot, reason: str) -> OfferSlot:
    """Call a slot off: nobody can book it any more, and whoever has is given everything back. Again changes nothing."""
    reason = identity.free_text(reason, 200)
    once = update(OfferSlot).where(OfferSlot.id == slot.id, OfferSlot.cancelled_at.is_(None))
    if db.session.scalar(once.values(cancelled_at=clock.now()).returning(OfferSlot.id)) is None:
        return slot
    db.session.refresh(slot)

    events.record(
        SlotCancelled(slot_id=slot.id, offer_id=slot.offer_id, reason=reason),
        about=f"offer:{slot.offer_id}",
        within=f"partner:{slot.partner_id}",
    )
    return slot


def coming(offer: Offer, most: int = 60) -> Sequence[OfferSlot]:
    """Return the slots of an offer that can still be booked or are full, soonest first."""
    return db.session.scalars(
        select(OfferSlot)
        .where(
            OfferSlot.offer_id == offer.id,
            OfferSlot.cancelled_at.is_(None),
            OfferSlot.starts_at > clock.now(),
        )
        .order_by(OfferSlot.starts_at, OfferSlot.id)
        .limit(most)
    ).all()


def by_day(slots: Sequence[OfferSlot]) -> dict[date, list[OfferSlot]]:
    """The slots of each day, as a page lists them."""
    days: dict[date, list[OfferSlot]] = {}
    for slot in slots:
        days.setdefault(slot.starts_at.astimezone(clock.ZONE).date(), []).append(slot)
    return days


def _span(on: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    return datetime.combine(on, starts, clock.ZONE), datetime.combine(on, ends, clock.ZONE)
