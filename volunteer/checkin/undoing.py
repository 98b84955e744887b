"""Undoing, by how long ago it was: the device that scanned for a quarter of an hour, the organiser for a day, then two.

Whatever a scan paid goes back by an entry linked to the one that paid it, once; what has been spent stays a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, clock, events, hours, identity, notices
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.checkin import roll
from volunteer.checkin.models import Attendance
from volunteer.checkin.settling import Answer
from volunteer.checkin.undo_models import GateScan, ReversalRequest
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay

RIGHT = "hours.confirm"
BY_DEVICE = timedelta(minutes=15)
BY_ONE = timedelta(hours=24)
SHOWN_MAX = 100


@events.kind
class ScanUndone(events.Event):
    """The device that took a scan took it back; `points` went back with it."""

    attendance_id: int
    volunteer_id: int
    direction: str
    points: int


@events.kind
class ReversalAsked(events.Event):
    reversal_id: int
    attendance_id: int


@events.kind
class ReversalDecided(events.Event):
    """`outcome` is done or refused."""

    reversal_id: int
    outcome: str


class TooLate(Refusal):
    code = "scan.undo_late"
    says = _("扫码过了 15 分钟，不能在这里撤销了。")
    who = _("请组织者到名单里撤销。")


class OtherDevice(Refusal):
    code = "scan.undo_device"
    says = _("这次扫码不是这台设备扫的，不能在这里撤销。")
    who = _("请用原来那台设备，或者由组织者到名单里撤销。")


class Changed(Refusal):
    code = "scan.undo_changed"
    says = _("这次扫码以后，签到记录又有了变化，不能在这里撤销。")
    who = _("请组织者到名单里看一看。")


class TakesAnother(Refusal):
    code = "reversal.takes_another"
    says = _("你提出的撤销，要由另一位来同意。")
    who = _("请社区或街道的另一位工作人员帮你看一下。")


class DecidedAlready(Refusal):
    code = "reversal.decided"
    says = _("这条撤销已经处理过了。")
    who = _("另一位同事办过了，结果在名单里。")


def took(given: Answer, scan: str, *, device: str, by: User) -> None:
    """Remember which device took a scan. A repeat, and a scan that found what was there already, was taken before."""
    if given.repeated:
        return
    kept = GateScan(
        scan=scan, attendance_id=given.id, service_day_id=given.service_day_id, direction=given.direction,
        device=device, scanned_by=by.id, at=clock.now(),
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()


def lately(day: ServiceDay, device: str) -> Sequence[Any]:
    """The scans of a day that this device may still take back, newest first: scan, whose name and number."""
    return db.session.execute(
        select(GateScan, User.name, User.volunteer_no)
        .join(Attendance, Attendance.id == GateScan.attendance_id)
        .join(User, User.id == Attendance.volunteer_id)
        .where(
            GateScan.service_day_id == day.id,
            GateScan.device == device,
            GateScan.at >= clock.now() - BY_DEVICE,
        )
        .order_by(GateScan.at.desc(), GateScan.attendance_id.desc())
        .limit(SHOWN_MAX)
    ).all()


def undo(day: ServiceDay, scan: str, *, reason: str, device: str, by: User) -> GateScan:
    """Take a scan back, from the device that took it: a way in voids the stay, a way out lets it go on. Taking it
    back again changes nothing.

    :raises NotFound: no such scan on this day
    :raises OtherDevice, TooLate: taken by another device, or more than a quarter of an hour ago; the stay stays
    :raises Changed: the stay has gone on since
    :raises volunteer.ledger.Spent: what it paid has been used
    """
    kept = db.session.get(GateScan, scan, with_for_update=True, populate_existing=True)
    if kept is None or kept.service_day_id != day.id:
        raise NotFound
    if kept.undone_at is not None:
        return kept
    if kept.device != device:
        raise OtherDevice
    if clock.now() - kept.at > BY_DEVICE:
        raise TooLate
    why = identity.free_text(reason, 200)
    stay = db.session.get_one(Attendance, kept.attendance_id, with_for_update=True, populate_existing=True)

    if kept.direction == "in":
        _void(stay, why, by)
        points = 0
    else:
        points = _reopen(stay, scan, why, by)
    kept.undone_at, kept.undone_by, kept.reason = clock.now(), by.id, why
    db.session.flush()

    events.record(
        ScanUndone(
            attendance_id=stay.id, volunteer_id=stay.volunteer_id, direction=kept.direction, points=points
        ),
        about=f"attendance:{stay.id}",
        within=f"service_day:{day.id}",
        whom=stay.volunteer_id,
    )
    return kept


def reverse(stay: Attendance, *, reason: str, by: User) -> str:
    """Undo a stay at once within a day; later it waits until another of the office agrees. Return "reversed" or
    "waiting"; asking again changes nothing.

    :raises roll.NeedsReason: without one
    :raises volunteer.ledger.Spent: what it paid has been used
    """
    if stay.state == "void" or clock.now() - since(stay) <= BY_ONE:
        roll.reverse(stay, reason=reason, by=by)
        return "reversed"
    if not reason.strip():
        raise roll.NeedsReason
    if pending(stay.id) is not None:
        return "waiting"

    request = ReversalRequest(
        attendance_id=stay.id, volunteer_id=stay.volunteer_id, team_id=stay.team_id, area_path=stay.area_path,
        reason=identity.free_text(reason, 200), asked_by=by.id, asked_at=clock.now(), state="open",
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()

    events.record(
        ReversalAsked(reversal_id=request.id, attendance_id=stay.id),
        about=f"attendance:{stay.id}",
        within=f"service_day:{stay.service_day_id}",
        whom=stay.volunteer_id,
    )
    return "waiting"


def decide(request: ReversalRequest, note: str, by: accounts.User, *, agreed: bool) -> ReversalRequest:
    """Agree, and the stay is undone at once; or refuse, with the reason.

    :raises DecidedAlready: somebody was faster
    :raises TakesAnother: whoever asked does not agree as well
    :raises hours.OwnRecord, hours.OwnDay: it is not theirs to decide
    :raises volunteer.ledger.Spent: what it paid has been used; the request stays open
    """
    if request.state != "open":
        raise DecidedAlready
    if by.id == request.asked_by:
        raise TakesAnother
    if by.id == request.volunteer_id:
        raise hours.OwnRecord
    stay = db.session.get_one(Attendance, request.attendance_id, with_for_update=True, populate_existing=True)
    if hours.leads(by, db.session.get_one(ServiceDay, stay.service_day_id)):
        raise hours.OwnDay

    request.note = identity.free_text(note, 200, empty=agreed) or None
    request.state, request.decided_by, request.decided_at = (
        "done" if agreed else "refused", by.id, clock.now(),
    )  # fmt: skip
    db.session.flush()
    events.record(
        ReversalDecided(reversal_id=request.id, outcome=request.state),
        about=f"attendance:{stay.id}",
        within=f"service_day:{stay.service_day_id}",
        whom=stay.volunteer_id,
    )
    if agreed:
        roll.reverse(stay, reason=request.reason, by=by)
    else:
        notices.send(
            request.asked_by,
            _("你提出的撤销没有同意：{note}", note=request.note),
            key=f"reversal:{request.id}:refused",
            link=f"/service-days/{stay.service_day_id}/roll",
        )
    return request


def devices_of(stay: Attendance) -> Sequence[str]:
    """The fingerprints of the organisers' devices that scanned a stay."""
    found = select(GateScan.device).where(GateScan.attendance_id == stay.id).distinct()
    return db.session.scalars(found.order_by(GateScan.device)).all()


def pending(attendance_id: int) -> ReversalRequest | None:
    """Return the undoing of a stay that waits for a second person."""
    return db.session.scalar(select(ReversalRequest).filter_by(attendance_id=attendance_id, state="open"))


def since(stay: Attendance) -> datetime:
    """From when the day of the organiser runs: from the moment the stay was recorded, or else from its last scan."""
    made = select(hours.ServiceRecord.recorded_at).where(
        hours.ServiceRecord.source == f"attendance:{stay.id}"
    )
    return db.session.scalar(made) or stay.out_at or stay.in_at


def waiting() -> Sequence[Any]:
    """What waits within reach, oldest first: request, stay, day, title, volunteer and number, who asked."""
    asker = aliased(User)
    found = (
        select(
            ReversalRequest,
            Attendance,
            ServiceDay,
            Activity.title,
            User.name.label("volunteer"),
            User.volunteer_no,
            asker.name.label("asker"),
        )
        .join(Attendance, Attendance.id == ReversalRequest.attendance_id)
        .join(ServiceDay, ServiceDay.id == Attendance.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(User, User.id == ReversalRequest.volunteer_id)
        .join(asker, asker.id == ReversalRequest.asked_by)
        .where(waits())
        .order_by(ReversalRequest.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(found).all()


def waits() -> ColumnElement[bool]:
    """The condition on a request: it waits within reach."""
    return and_(ReversalRequest.state == "open", access.covered(ReversalRequest, RIGHT))


def _void(stay: Attendance, why: str, by: User) -> None:
    if stay.out_at is not None:
        raise Changed
    roll.reverse(stay, reason=why, by=by)


def _reopen(stay: Attendance, scan: str, why: str, by: User) -> int:
    """Let a stay go on as if nobody had scanned its end; its record is undone and makes room for the next."""
    if stay.out_scan != scan or stay.out_at is None or stay.state not in ("closed", "stale", "to_confirm"):
        raise Changed
    open_elsewhere = select(Attendance.id).where(
        Attendance.volunteer_id == stay.volunteer_id, Attendance.state == "open"
    )
    if db.session.scalar(open_elsewhere.limit(1)) is not None:
        raise Changed
    points = hours.undo(f"attendance:{stay.id}", reason=why, by=by.id, again=True)
    # `out_scan` stays: the same scan sent again finds that it is known, and does not check out a second time.
    stay.out_at = stay.out_how = stay.out_by = stay.minutes = stay.grade = None
    stay.state = "open"
    notices.send(
        stay.volunteer_id,
        _("刚才的签退撤销了，原因：{reason}。走的时候请再扫一次。", reason=why),
        key=f"attendance:{stay.id}:reopened:{scan}",
        link="/me/hours",
    )
    return points
