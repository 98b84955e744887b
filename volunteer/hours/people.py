"""One person whose hours of a day wait for the office, while everybody else's are paid as usual."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import accounts, clock, events, ledger
from volunteer.db import db
from volunteer.hours import queries
from volunteer.hours.models import PersonHold, ServiceRecord
from volunteer.hours.paying import task_waits
from volunteer.hours.records import OwnDay, OwnRecord, confirm, day_minutes, pay
from volunteer.hours.reviews import leads
from volunteer.hours.totals import so_far
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

#: Why somebody waits, as the office reads it.
WHY: dict[str, Sentence] = {
    "roll_call": _("点名时没有找到"),
    "one_phone": _("几个人用一部手机签到"),
    "helper": _("一位家人出示了好几个人的码"),
    "own_hand": _("自己给自己签到"),
    "too_fast": _("签到快得不像逐个扫的"),
}


@events.kind
class PersonHeld(events.Event):
    service_day_id: int
    volunteer_id: int
    why: str


@events.kind
class PersonFreed(events.Event):
    service_day_id: int
    volunteer_id: int


@events.kind
class PersonCleared(events.Event):
    service_day_id: int
    volunteer_id: int
    confirmed: int


def hold(day: ServiceDay, volunteer_id: int, why: str, *, by: accounts.User | None) -> PersonHold:
    """Let what somebody earns on a day wait from now on; what was paid before stays paid. Again changes nothing.

    `by` is nobody where the platform saw a sign by itself.

    :raises OwnRecord: nobody decides on his own hours
    """
    assert why in WHY
    if by is not None and volunteer_id == by.id:
        raise OwnRecord
    there = _locked(day, volunteer_id)
    if there is not None and there.cleared_at is None:
        return there

    if there is None:
        there = PersonHold(service_day_id=day.id, volunteer_id=volunteer_id)
        db.session.add(there)
    there.why, there.held_by, there.held_at = why, by.id if by else None, clock.now()
    there.cleared_by = there.cleared_at = None
    db.session.flush()

    events.record(
        PersonHeld(service_day_id=day.id, volunteer_id=volunteer_id, why=why),
        about=f"service_day:{day.id}",
        whom=volunteer_id,
    )
    return there


def free(day: ServiceDay, volunteer_id: int) -> int:
    """Take a hold back that was a mistake: what waited for nothing else is paid. Return how many records that were."""
    there = _locked(day, volunteer_id)
    if there is None or there.cleared_at is not None:
        return 0

    db.session.delete(there)
    db.session.flush()
    paid = [pay(record) for record in _waiting(day, volunteer_id) if not _waits_anyway(record, day)]

    events.record(
        PersonFreed(service_day_id=day.id, volunteer_id=volunteer_id),
        about=f"service_day:{day.id}",
        whom=volunteer_id,
    )
    return len(paid)


def clear(day: ServiceDay, volunteer_id: int, *, by: accounts.User) -> int:
    """The office has looked and found somebody was there: pay what waits, and what comes. Return how many records.

    Days of over eight hours keep waiting, walks done in part too, and so does everything on a day that waits as a whole.

    :raises OwnRecord: nobody decides on his own hours
    :raises OwnDay: nor who had it held, or leads the team
    """
    there = _locked(day, volunteer_id)
    if there is None or there.cleared_at is not None:
        return 0
    if volunteer_id == by.id:
        raise OwnRecord
    if by.id == there.held_by or leads(by, day):
        raise OwnDay
    waiting = [] if day.held else _waiting(day, volunteer_id)
    numbers = ledger.tariff(day.on, day.area_path)

    done = [
        confirm(record, by=by.id)
        for record in waiting
        if numbers.tier(day_minutes(record)) == "auto" and not task_waits(record.formula)
    ]
    there.cleared_by, there.cleared_at = by.id, clock.now()
    db.session.flush()

    events.record(
        PersonCleared(service_day_id=day.id, volunteer_id=volunteer_id, confirmed=len(done)),
        about=f"service_day:{day.id}",
        whom=volunteer_id,
    )
    return len(done)


def held(day: ServiceDay, volunteer_id: int) -> bool:
    """Whether what somebody earns on a day waits for the office."""
    return bool(db.session.scalar(select(queries.held(day.id, volunteer_id))))


def why_held(day: ServiceDay, volunteer_id: int) -> str | None:
    """Why what somebody earns on a day waits; None when it does not."""
    there = db.session.get(PersonHold, (day.id, volunteer_id), populate_existing=True)
    return there.why if there is not None and there.cleared_at is None else None


def _locked(day: ServiceDay, volunteer_id: int) -> PersonHold | None:
    return db.session.get(PersonHold, (day.id, volunteer_id), with_for_update=True, populate_existing=True)


def _waiting(day: ServiceDay, volunteer_id: int) -> list[ServiceRecord]:
    return list(
        db.session.scalars(
            select(ServiceRecord)
            .where(
                ServiceRecord.service_day_id == day.id,
                ServiceRecord.volunteer_id == volunteer_id,
                ServiceRecord.state == "provisional",
            )
            .order_by(ServiceRecord.id)
        )
    )


def _waits_anyway(record: ServiceRecord, day: ServiceDay) -> bool:
    """Whether a record would wait without the hold: the day waits, or the date has more than passes by itself."""
    numbers, whole = ledger.tariff(record.on, record.area_path), so_far(record.volunteer_id, record.on)
    return (
        day.held
        or task_waits(record.formula)
        or numbers.tier(whole["credited"]) != "auto"
        or numbers.over_cap(
            record.points, whole["points_today"] - record.points, whole["points_month"] - record.points
        )
    )
