"""What a scan means: in, out, the answer there is already, or a refusal. Decides and lays out rows; writes nothing.

Reasons to refuse come in the contract's order: forged, wrong kind, not found, cancelled, not signed up, outside the
window, rule. A repeat is not an error: the same scan, or a second tap, gets the answer there is already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from volunteer import accounts, clock, events, hours, service_days
from volunteer.batches import Batch
from volunteer.checkin import credit
from volunteer.checkin.models import Attendance
from volunteer.checkin.refusals import (
    Cancelled,
    Closed,
    ClosedOut,
    DeviceUsed,
    Elsewhere,
    Minor,
    NotSignedUp,
    ScanReused,
    Waiting,
)
from volunteer.service_days import ServiceDay

SESSIONS_MAX = 3
KEPT_FRESH = timedelta(minutes=3)
SCANS = ("wall", "pass", "card", "kept")
#: Uploaded or typed in afterwards, and worth what a person confirms: a number anybody can read out, a signed sheet.
TOLD = ("number", "sheet")
#: What the moment it names was seen on a device of ours, or written down there and then.
DATED = (*SCANS, *TOLD)


@events.kind
class CheckedIn(events.Event):
    attendance_id: int
    volunteer_id: int
    how: str
    points: int


@events.kind
class CheckedOut(events.Event):
    attendance_id: int
    volunteer_id: int
    how: str
    minutes: int
    grade: str | None
    points: int


@dataclass(frozen=True)
class Answer:
    """What a scan did: shown large on the phone, and as JSON."""

    id: int
    service_day_id: int
    direction: str
    at: datetime
    minutes: int | None
    grade: str | None
    points: int
    balance: int
    state: str
    formula: dict[str, Any] | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Seen:
    """One scan: its name, when the code was seen, how, and by whom where it was not the volunteer's own phone."""

    scan: str
    at: datetime
    how: str
    by: int | None = None
    direction: str | None = None
    reason: str | None = None
    device: str | None = None
    #: A poster's code never changes; whether it proves anything by itself is decided before (posters.py).
    enough: bool = False

    @property
    def proves(self) -> bool:
        """Whether it shows by itself that somebody was there."""
        return not self.late and (self.how in SCANS or (self.how == "poster" and self.enough))

    @property
    def waits(self) -> bool:
        """Whether it counts only once the organiser has said so."""
        return self.late or (self.how == "poster" and not self.enough)

    @property
    def late(self) -> bool:
        """Whether it comes too long after it was seen to count by itself; paper never does."""
        return self.how == "sheet" or (self.how in DATED and clock.now() - self.at > KEPT_FRESH)


def settle(found: Row[Any], seen: Seen, batch: Batch) -> Answer:
    """Decide what the scan means and lay its rows into the batch.

    :raises Refusal: nothing is laid out then
    """
    day, last = found.ServiceDay, found.last
    if found.scanned.id is not None:
        return _same_scan(found, seen.scan)
    windows = service_days.windows(day)
    by_hand = seen.how == "manual"

    if day.state == "cancelled":
        raise Cancelled(on=day.on, reason=day.reason or "", day_id=day.id)
    inside = last.id is not None and last.out_at is None
    if inside and seen.direction == "in":
        return _again(found, last)
    if inside and (
        seen.direction == "out" or (seen.direction is None and last.state in ("open", "to_confirm"))
    ):
        if seen.at < windows.checkout_opens and not by_hand:
            return _again(found, last)
        if seen.at > windows.checkout_closes and not by_hand:
            raise ClosedOut(
                opens=windows.checkout_opens, closes=windows.checkout_closes, on=day.on, day_id=day.id
            )
        if found.borrowed:
            raise DeviceUsed
        return _out(found, seen, batch)
    if last.id is not None and (seen.at >= windows.checkout_opens or found.sessions >= SESSIONS_MAX):
        return _again(found, last)
    walks_in = _admit(found)
    if not by_hand and not windows.checkin_opens <= seen.at <= windows.checkin_closes:
        raise Closed(opens=windows.checkin_opens, closes=windows.checkin_closes, on=day.on, day_id=day.id)
    if found.elsewhere is not None:
        raise Elsewhere(title=service_days.title_of(found.elsewhere), day_id=found.elsewhere)
    if found.borrowed:
        raise DeviceUsed
    if walks_in:
        service_days.take_walk_in(found.volunteer_id, day)
    return _in(found, seen, batch)


def _admit(found: Row[Any]) -> bool:
    """Refuse whoever may not serve; return whether a walk-in's place has still to be taken."""
    day = found.ServiceDay
    signed_up = found.signup in ("accepted", "attended", "no_show")
    # Whoever was offered a place and comes has answered.
    kept = found.signup == "offered"
    if not signed_up and not kept and not service_days.welcomes(day, found.Activity):
        raise (Waiting if found.signup == "waitlisted" else NotSignedUp)(
            day_id=day.id, free=day.capacity - day.accepted
        )
    if accounts.is_minor(found.birth_on) and not found.guarded:
        raise Minor
    return not signed_up


def _in(found: Row[Any], seen: Seen, batch: Batch) -> Answer:
    day, activity, stay_id = found.ServiceDay, found.Activity, found.attendance_id
    # Flat pay is for coming, once a day, and only where a scan of ours proves it.
    pays = activity.pay_kind == "flat" and seen.proves and found.sessions == 0
    balance = int(found.balance)
    worth = hours.flat_worth(day, activity.flat_points or 0, balance) if pays else None
    points = worth.points if worth else 0
    batch.insert(
        Attendance,
        id=stay_id,
        service_day_id=day.id,
        volunteer_id=found.volunteer_id,
        team_id=day.team_id,
        area_path=day.area_path,
        in_at=seen.at,
        in_how=seen.how,
        in_scan=seen.scan,
        in_by=seen.by,
        points=points,
        state="to_confirm" if seen.waits else "open",
        reason=seen.reason,
        device=seen.device,
    )
    if worth:
        hours.pay_flat(
            day,
            found.volunteer_id,
            activity.flat_points or 0,
            balance=balance,
            title=activity.title,
            into=None if found.flat_paid else batch,
        )

    events.record(
        CheckedIn(attendance_id=stay_id, volunteer_id=found.volunteer_id, how=seen.how, points=points),
        about=f"attendance:{stay_id}",
        within=f"service_day:{day.id}",
        whom=found.volunteer_id,
        into=batch,
    )
    return Answer(
        id=stay_id,
        service_day_id=day.id,
        direction="in",
        at=seen.at,
        minutes=None,
        grade=None,
        points=points,
        balance=found.balance + points,
        state="to_confirm" if seen.waits else "recorded",
    )


def _out(found: Row[Any], seen: Seen, batch: Batch) -> Answer:
    day, stay = found.ServiceDay, found.last
    # Two scans of ours prove the stay; anything less waits for the organiser's roll.
    # A poster that was not enough left the stay waiting, and no longer open.
    proven = stay.in_how in (*SCANS, "poster") and seen.proves and stay.state == "open"
    minutes = credited_minutes(day, stay.in_at, seen.at)
    state = "closed" if proven else "to_confirm" if seen.waits or stay.state == "to_confirm" else "stale"
    grade = "A" if proven else None
    batch.change(
        Attendance,
        stay.id,
        seen={"out_at": None, "state": stay.state},
        out_at=max(seen.at, stay.in_at),
        out_how=seen.how,
        out_scan=seen.scan,
        out_by=seen.by,
        minutes=minutes,
        grade=grade,
        state=state,
        reason=seen.reason or stay.reason,
    )
    made = None
    if proven:
        made = hours.lay_out_stay(
            batch,
            id=found.record_id,
            source=f"attendance:{stay.id}",
            volunteer_id=found.volunteer_id,
            day=day,
            activity=found.Activity,
            minutes=minutes,
            grade="A",
            credited=int(found.credited),
            paid_minutes=int(found.paid_minutes),
            points_today=int(found.points_today),
            points_month=int(found.points_month),
            points_year=int(found.points_year),
            balance=int(found.balance),
            recorder_id=seen.by,
            held=bool(found.held),
            share=credit.read(found.share),
        )
    points = made.points if made and made.state == "confirmed" else 0

    events.record(
        CheckedOut(
            attendance_id=stay.id,
            volunteer_id=found.volunteer_id,
            how=seen.how,
            minutes=minutes,
            grade=grade,
            points=points,
        ),
        about=f"attendance:{stay.id}",
        within=f"service_day:{day.id}",
        whom=found.volunteer_id,
        into=batch,
    )
    return Answer(
        id=stay.id,
        service_day_id=day.id,
        direction="out",
        at=seen.at,
        minutes=minutes,
        grade=grade,
        points=points,
        balance=found.balance + points,
        state="recorded" if proven else "to_confirm",
        formula=made.formula if made else None,
    )


def credited_minutes(day: ServiceDay, came: datetime, left: datetime) -> int:
    """Whole minutes between the planned start and end that the person was there (travel and waiting do not count)."""
    start, end = max(came, day.starts_at), min(left, day.ends_at)
    return max(0, int((end - start).total_seconds() // 60))


def _same_scan(found: Row[Any], scan: str) -> Answer:
    stay = found.scanned
    if stay.volunteer_id != found.volunteer_id or stay.service_day_id != found.ServiceDay.id:
        raise ScanReused
    return _again(found, stay, direction="in" if stay.in_scan == scan else "out")


def _again(found: Row[Any], stay: Any, direction: str | None = None) -> Answer:
    """The answer there is already."""
    direction = direction or ("out" if stay.out_at else "in")
    out = direction == "out"
    waiting = stay.state in ("to_confirm", "stale")
    return Answer(
        id=stay.id,
        service_day_id=stay.service_day_id,
        direction=direction,
        at=(stay.out_at if out and stay.out_at else stay.in_at),
        minutes=stay.minutes if out else None,
        grade=stay.grade if out else None,
        points=hours.paid_for(stay.id) if out else stay.points,
        balance=found.balance,
        state="to_confirm" if waiting else "recorded",
        formula=hours.formula_of(f"attendance:{stay.id}") if out else None,
        repeated=True,
    )
