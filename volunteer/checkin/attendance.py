"""record(): a volunteer is here, or leaves. One look at everything, then at most four writes.

Reasons to refuse come in the contract's order: forged, wrong kind, not found, cancelled, not signed up, outside the
window, rule. A repeat is not an error: the same scan, or a second tap, gets the answer there is already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, update

from volunteer import accounts, clock, codes, events, hours, service_days
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance
from volunteer.checkin.picture import holder, look
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay

SESSIONS_MAX = 3
KEPT_FRESH = timedelta(minutes=3)
AHEAD_MAX = timedelta(minutes=2)
SCANS = ("wall", "pass", "card", "kept")


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


class Cancelled(Refusal):
    code = "checkin.cancelled"
    says = _("{on|date} 这一场取消了：{reason}")
    who = _("有疑问请问队长或社区。")
    action = (_("看别的服务日"), "service_days.calendar")


class NotSignedUp(Refusal):
    code = "checkin.not_signed_up"
    says = _("这一场要先报名。")
    who = _("还有名额的话，报好名再扫一次；没有名额请找现场的组织者。")
    action = (_("去报名"), "service_days.show", {"day_id": "day_id"})


class Waiting(NotSignedUp):
    says = _("你在候补名单里，还没有轮到。")
    who = _("现场有人没来的话，请组织者把你加进来。")


class Closed(Refusal):
    code = "checkin.closed"
    says = _("现在不能签到。签到时间是 {on|date} {opens|time}–{closes|time}。")
    who = _("来晚了请找现场的组织者，他可以补签并写明原因。")
    action = (_("看这个服务日"), "service_days.show", {"day_id": "day_id"})


class ClosedOut(Closed):
    says = _("签退时间已经过了({opens|time}–{closes|time})。")
    who = _("不用担心，组织者核对名单后会把时长记上。")


class Elsewhere(Refusal):
    code = "checkin.elsewhere"
    says = _("你在另一场「{title}」还没有签退。先在那边签退，再来这边签到。")
    who = _("那边已经结束的话，请那边的组织者核对名单。")


class Minor(Refusal):
    code = "checkin.guardian_needed"
    status = 403
    says = _("未满 18 岁要先由监护人确认，才能签到。")
    who = _("请监护人用手机确认，或到社区办理。")


class ScanReused(Refusal):
    code = "checkin.scan_reused"
    status = 422
    says = _("这次扫码的编号已经用过了，请重新扫一次。")


class ClockAhead(Refusal):
    code = "checkin.clock"
    status = 422
    says = _("扫码的时间比现在还晚，请校准手机时间再扫一次。")


class OwnPass(Refusal):
    code = "checkin.own_pass"
    status = 403
    says = _("自己的码要由别人来扫。你可以扫大屏上的码签到。")


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


def record(person: accounts.User, code: str, scan: str, *, seen_at: datetime | None = None) -> Answer:
    """Check the person in or out by the wall's code and return what came of it.

    `seen_at` is when the code was seen, where that was before now: a claim kept through sign-in, a scan kept
    without signal. More than three minutes late it waits for the organiser.

    :raises signing.Forged, codes.WrongType: not a wall code of ours
    :raises passes.Stale: the code had changed when it was seen
    """
    wall = passes.read_wall(current_app.extensions["keyring"], code, base_url=current_app.config["BASE_URL"])
    seen = seen_at or clock.now()
    found = look(person.id, scan, public=codes.encode(wall.day))
    if found is None:
        raise NotFound
    if found.scanned is None:
        passes.fresh(wall.step, seen)
        if seen - clock.now() > AHEAD_MAX:
            raise ClockAhead
    return settle(person, found, scan, seen, how="wall")


def scan_pass(
    by: accounts.User,
    day_id: int,
    code: str,
    scan: str,
    *,
    seen_at: datetime | None = None,
    direction: str | None = None,
    kept: bool = False,
) -> Answer:
    """Check in or out the volunteer whose pass, card or typed number an organiser's device read."""
    volunteer, how, moment = holder(code)
    if volunteer.id == by.id:
        raise OwnPass
    found = look(volunteer.id, scan, day_id=day_id)
    if found is None:
        raise NotFound
    seen = seen_at or clock.now()
    if moment is not None and found.scanned is None:
        passes.fresh_pass(moment, seen)
    return settle(volunteer, found, scan, seen, how="kept" if kept else how, by=by.id, direction=direction)


def settle(
    volunteer: accounts.User,
    found: Row[Any],
    scan: str,
    seen: datetime,
    *,
    how: str,
    by: int | None = None,
    direction: str | None = None,
    reason: str | None = None,
) -> Answer:
    """Decide what the scan means and write it: in, out, or the answer there is already."""
    day, last = found.ServiceDay, found.last
    if found.scanned is not None:
        return _same_scan(volunteer, found, scan)
    windows = service_days.windows(day)
    late = how in ("wall", "kept", "pass", "card") and clock.now() - seen > KEPT_FRESH

    if day.state == "cancelled":
        raise Cancelled(on=day.on, reason=day.reason or "", day_id=day.id)
    leaving = direction == "out" or (
        direction is None
        and last is not None
        and last.state in ("open", "to_confirm")
        and last.out_at is None
    )
    if leaving and last is not None and last.out_at is None:
        if seen < windows.checkout_opens and how != "manual":
            return _again(found, last)
        if seen > windows.checkout_closes and how != "manual":
            raise ClosedOut(
                opens=windows.checkout_opens, closes=windows.checkout_closes, on=day.on, day_id=day.id
            )
        return _out(volunteer, found, last, scan, seen, how=how, by=by, late=late, reason=reason)
    if last is not None and (seen >= windows.checkout_opens or found.sessions >= SESSIONS_MAX):
        return _again(found, last)
    _admit(volunteer, found)
    if how != "manual" and not windows.checkin_opens <= seen <= windows.checkin_closes:
        raise Closed(opens=windows.checkin_opens, closes=windows.checkin_closes, on=day.on, day_id=day.id)
    if found.elsewhere is not None:
        raise Elsewhere(title=service_days.title_of(found.elsewhere), day_id=found.elsewhere)
    return _in(volunteer, found, scan, seen, how=how, by=by, late=late, reason=reason)


def _admit(volunteer: accounts.User, found: Row[Any]) -> None:
    """Signed up, or a walk-in where the activity takes them."""
    day, activity = found.ServiceDay, found.Activity
    if found.signup not in ("accepted", "attended", "no_show"):
        if not activity.walk_ins:
            raise (Waiting if found.signup == "waitlisted" else NotSignedUp)(
                day_id=day.id, free=day.capacity - day.accepted
            )
        service_days.take_walk_in(volunteer, day)
    if accounts.needs_guardian(volunteer):
        raise Minor


def _in(
    volunteer: accounts.User,
    found: Row[Any],
    scan: str,
    seen: datetime,
    *,
    how: str,
    by: int | None,
    late: bool,
    reason: str | None,
) -> Answer:
    day, activity = found.ServiceDay, found.Activity
    # Flat pay is for coming, once a day, and only where a scan of ours proves it.
    pays = activity.pay_kind == "flat" and not late and how in SCANS and found.sessions == 0
    points = activity.flat_points if pays else 0
    stay = Attendance(
        service_day_id=day.id,
        volunteer_id=volunteer.id,
        team_id=day.team_id,
        area_path=day.area_path,
        in_at=seen,
        in_how=how,
        in_scan=scan,
        in_by=by,
        points=points,
        state="to_confirm" if late else "open",
        reason=reason,
    )
    db.session.add(stay)
    db.session.flush()
    if pays:
        hours.pay_flat(day, volunteer.id, points)

    events.record(
        CheckedIn(attendance_id=stay.id, volunteer_id=volunteer.id, how=how, points=points),
        about=f"attendance:{stay.id}",
        within=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    db.session.flush()
    return Answer(
        id=stay.id,
        service_day_id=day.id,
        direction="in",
        at=seen,
        minutes=None,
        grade=None,
        points=points,
        balance=found.balance + points,
        state="to_confirm" if late else "recorded",
    )


def _out(
    volunteer: accounts.User,
    found: Row[Any],
    stay: Attendance,
    scan: str,
    seen: datetime,
    *,
    how: str,
    by: int | None,
    late: bool,
    reason: str | None,
) -> Answer:
    day = found.ServiceDay
    # Two scans of ours prove the stay; anything less waits for the organiser's roll.
    proven = stay.in_how in SCANS and how in SCANS and not late and stay.state == "open"
    minutes = credited_minutes(day, stay.in_at, seen)
    state = "closed" if proven else "to_confirm" if late or stay.state == "to_confirm" else "stale"
    won = db.session.execute(
        update(Attendance)
        .where(Attendance.id == stay.id, Attendance.out_at.is_(None), Attendance.state == stay.state)
        .values(
            out_at=max(seen, stay.in_at),
            out_how=how,
            out_scan=scan,
            out_by=by,
            minutes=minutes,
            grade="A" if proven else None,
            state=state,
            **({"reason": reason} if reason else {}),
        )
        .execution_options(synchronize_session=False)
    )
    if won.rowcount != 1:
        return _other_phone(volunteer, day, scan)
    record_made = None
    if proven:
        record_made = hours.record_stay(
            source=f"attendance:{stay.id}",
            volunteer_id=volunteer.id,
            day=day,
            activity=found.Activity,
            minutes=minutes,
            grade="A",
            credited=int(found.credited),
            recorder_id=by,
        )
    points = record_made.points if record_made and record_made.state == "confirmed" else 0

    events.record(
        CheckedOut(
            attendance_id=stay.id,
            volunteer_id=volunteer.id,
            how=how,
            minutes=minutes,
            grade="A" if proven else None,
            points=points,
        ),
        about=f"attendance:{stay.id}",
        within=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    db.session.flush()
    return Answer(
        id=stay.id,
        service_day_id=day.id,
        direction="out",
        at=seen,
        minutes=minutes,
        grade="A" if proven else None,
        points=points,
        balance=found.balance + points,
        state="recorded" if proven else "to_confirm",
        formula=record_made.formula if record_made else None,
    )


class Moved(Refusal):
    """The stay changed while we looked, and not by a way out: scanning again tells what it is now."""

    code = "checkin.busy"
    status = 503
    says = _("刚才有两部手机同时操作，请再扫一次。")


def _other_phone(volunteer: accounts.User, day: ServiceDay, scan: str) -> Answer:
    """Another phone wrote the way out a moment ago: its answer is the answer."""
    db.session.expire_all()
    found = look(volunteer.id, scan, day_id=day.id)
    if found is None or found.last is None or found.last.out_at is None:
        raise Moved
    return _again(found, found.last)


def credited_minutes(day: ServiceDay, came: datetime, left: datetime) -> int:
    """Whole minutes between the planned start and end that the person was there (travel and waiting do not count)."""
    start, end = max(came, day.starts_at), min(left, day.ends_at)
    return max(0, int((end - start).total_seconds() // 60))


def _same_scan(volunteer: accounts.User, found: Row[Any], scan: str) -> Answer:
    stay = found.scanned
    if stay.volunteer_id != volunteer.id or stay.service_day_id != found.ServiceDay.id:
        raise ScanReused
    return _again(found, stay, direction="in" if stay.in_scan == scan else "out")


def _again(found: Row[Any], stay: Attendance, direction: str | None = None) -> Answer:
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
