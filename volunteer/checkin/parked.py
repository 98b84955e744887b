"""Parked scans: what could not be settled when it was uploaded. The office takes each or turns it down, with a reason.

Whoever uploaded a scan does not decide about it, nor does whose code it is or who leads the team: two people, always.
A scan that is taken counts as what it was when it was seen. Once nothing more of that person waits on that day, the
stay it made is recorded as the roll would have done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, clock, devices, events, hours, identity, notices
from volunteer.activities import Activity
from volunteer.checkin import kept, roll
from volunteer.checkin.models import Attendance, KeptScan
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

RIGHT = "hours.confirm"
#: How long the office has, from the upload; after that the scan is marked as overdue.
DECIDE_WITHIN = timedelta(days=7)
SHOWN_MAX = 100
#: Why a scan waits, as people read it.
WHY: dict[str, Sentence] = {
    "checkin.cancelled": _("这一场取消了"),
    "checkin.clock": _("设备的时间对不上"),
    "checkin.closed": _("不在签到或签退的时间里"),
    "checkin.device_used": _("这部手机给别人签过到"),
    "checkin.elsewhere": _("在另一场还没有签退"),
    "checkin.guardian_needed": _("监护人还没有确认"),
    "checkin.late_review": _("超过三天才上传"),
    "checkin.not_signed_up": _("没有报名这一场"),
    "checkin.own_pass": _("扫码的人扫了自己的码"),
    "checkin.revoked_pass": _("本人已经换了新的码"),
    "checkin.scan_reused": _("扫码的编号重复"),
    "checkin.stale_code": _("码过了时间"),
    "checkin.suspended": _("账号停用了"),
    "device.revoked": _("上传的设备已经停用"),
    "not_found": _("认不出是谁的码"),
    "sheet.own_row": _("录入或核对的人自己的那一行"),
}


@events.kind
class ScanDecided(events.Event):
    """`outcome` is taken or turned_down."""

    kept_scan_id: int
    outcome: str
    reason: str


class DecidedAlready(Refusal):
    code = "scan.decided"
    says = _("这次扫码已经处理过了。")
    who = _("另一位同事办过了，不用再办。")


class OwnUpload(Refusal):
    code = "scan.own_upload"
    status = 403
    says = _("自己上传的扫码，要由别人来处理。")
    who = _("请社区或街道的另一位工作人员帮你看一下。")


def why(refusal: str | None) -> Sentence:
    """Why a scan waits, in words."""
    return WHY.get(refusal or "") or _("没有通过核对")


def due(scan: KeptScan) -> datetime:
    """When the office should have decided."""
    return scan.received_at + DECIDE_WITHIN


def accept(scan: KeptScan, note: str, by: accounts.User) -> KeptScan:
    """Let a scan count after all.

    :raises DecidedAlready: somebody was faster
    :raises OwnUpload, hours.OwnRecord, hours.OwnDay: it is not theirs to decide
    :raises Refusal: it cannot count even so; the reason says what to mend first
    """
    note = _begin(scan, note, by)
    if scan.volunteer_id is None:
        raise NotFound
    day = db.session.get_one(ServiceDay, scan.service_day_id, with_for_update=True, populate_existing=True)
    # A row of whoever checked the sheet was uploaded by its own holder: it counts on the word of who decides.
    taker = by if scan.how == "sheet" else db.session.get_one(accounts.User, scan.uploaded_by)
    seen = kept.Scan(scan.scan, scan.code, scan.seen_at, scan.direction, how=scan.how)
    _outcome, scan.attendance_id = kept.take(day, seen, taker, scan.volunteer_id)
    _decided(scan, "recorded", note, by)
    _finish(day, scan.volunteer_id, by)
    return scan


def turn_down(scan: KeptScan, note: str, by: accounts.User) -> KeptScan:
    """Leave a scan out, with the reason; it stays in the trail.

    :raises DecidedAlready: somebody was faster
    :raises OwnUpload, hours.OwnRecord, hours.OwnDay: it is not theirs to decide
    """
    note = _begin(scan, note, by)
    _decided(scan, "refused", note, by)
    if scan.volunteer_id is not None:
        day = db.session.get_one(ServiceDay, scan.service_day_id)
        _finish(day, scan.volunteer_id, by)
    return scan


def _begin(scan: KeptScan, note: str, by: accounts.User) -> str:
    if scan.outcome != "parked" or scan.settled_at is not None:
        raise DecidedAlready
    if by.id == scan.uploaded_by:
        raise OwnUpload
    if by.id == scan.volunteer_id:
        raise hours.OwnRecord
    if hours.leads(by, db.session.get_one(ServiceDay, scan.service_day_id)):
        raise hours.OwnDay
    return identity.free_text(note, 200)


def _decided(scan: KeptScan, outcome: str, note: str, by: accounts.User) -> None:
    taken = outcome == "recorded"
    scan.outcome, scan.note, scan.decided_by, scan.settled_at = outcome, note, by.id, clock.now()
    db.session.flush()
    events.record(
        ScanDecided(kept_scan_id=scan.id, outcome="taken" if taken else "turned_down", reason=note),
        about=f"kept_scan:{scan.id}",
        within=f"service_day:{scan.service_day_id}",
        whom=scan.volunteer_id,
    )
    if scan.volunteer_id is None:
        return
    notices.send(
        scan.volunteer_id, _told_of(scan, taken, note), key=f"kept_scan:{scan.id}:decided", link="/me/scans"
    )


def _told_of(scan: KeptScan, taken: bool, note: str) -> Sentence:
    if scan.how == "sheet":
        if taken:
            return _("签到表上 {at|moment} 的那一笔，社区看过，收下了：{note}", at=scan.seen_at, note=note)
        return _(
            "签到表上 {at|moment} 的那一笔，社区看过，没有收：{note}。有疑问可以申诉。",
            at=scan.seen_at,
            note=note,
        )
    if taken:
        return _("{at|moment} 的离线扫码，社区看过，收下了：{note}", at=scan.seen_at, note=note)
    return _("{at|moment} 的离线扫码，社区看过，没有收：{note}。有疑问可以申诉。", at=scan.seen_at, note=note)


def _finish(day: ServiceDay, volunteer_id: int, by: accounts.User) -> None:
    """Record the stay that taken scans made, once none of theirs waits; while the day goes on, the roll does it."""
    mine = (KeptScan.service_day_id == day.id, KeptScan.volunteer_id == volunteer_id)
    if clock.now() < day.ends_at or db.session.scalar(select(KeptScan.id).where(*mine, *_open()).limit(1)):
        return
    taken = select(KeptScan.attendance_id).where(*mine, KeptScan.decided_by.is_not(None))
    stays = db.session.scalars(
        select(Attendance)
        .where(Attendance.id.in_(taken), Attendance.state == "to_confirm")
        .order_by(Attendance.id)
        .with_for_update()
    ).all()
    activity = db.session.get_one(Activity, day.activity_id)
    for stay in stays:
        roll.vouch(stay, day, activity, by)


def waiting() -> Sequence[Any]:
    """What waits within reach, oldest first: scan, day, title, holder and number, uploader, device, whose it is to
    decide."""
    found = _told().order_by(KeptScan.received_at, KeptScan.id).where(waits()).limit(SHOWN_MAX)
    return db.session.execute(found).all()


def waits() -> ColumnElement[bool]:
    """The condition on a kept scan: it waits within reach."""
    return and_(*_open(), access.covered(KeptScan, RIGHT))


def of_day(day: ServiceDay) -> Sequence[Any]:
    """What waits of one day, as `waiting` tells it."""
    found = _told().order_by(KeptScan.seen_at, KeptScan.id).where(*_open(), KeptScan.service_day_id == day.id)
    return db.session.execute(found).all()


def of_person(volunteer_id: int) -> Sequence[Any]:
    """Somebody's own scans that waited, those still waiting first, then the newest."""
    found = (
        _told()
        .order_by(KeptScan.settled_at.is_not(None), KeptScan.id.desc())
        .where(KeptScan.volunteer_id == volunteer_id)
    )
    return db.session.execute(found.limit(SHOWN_MAX)).all()


def device_ids_of(attendance_id: int) -> list[int]:
    """The enrolled devices whose kept scans made a stay."""
    found = select(KeptScan.device_id).where(
        KeptScan.attendance_id == attendance_id, KeptScan.device_id.is_not(None)
    )
    return [one for one in db.session.scalars(found.distinct()) if one is not None]


def waits_for(day_id: int, volunteer_id: int) -> bool:
    """Whether a scan of somebody's on a day still waits for the office."""
    mine = (KeptScan.service_day_id == day_id, KeptScan.volunteer_id == volunteer_id)
    return db.session.scalar(select(KeptScan.id).where(*mine, *_open()).limit(1)) is not None


def _open() -> tuple[Any, ...]:
    return KeptScan.outcome == "parked", KeptScan.settled_at.is_(None)


@cache  # to put it together takes longer than to answer it
def _told() -> Any:
    holder, uploader = aliased(accounts.User), aliased(accounts.User)
    return (
        select(
            KeptScan,
            ServiceDay,
            Activity.title,
            holder.name.label("holder"),
            holder.volunteer_no,
            uploader.name.label("uploader"),
            devices.Device.name.label("device"),
            Area.name.label("owner"),
        )
        .join(ServiceDay, ServiceDay.id == KeptScan.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(uploader, uploader.id == KeptScan.uploaded_by)
        .outerjoin(holder, holder.id == KeptScan.volunteer_id)
        .outerjoin(devices.Device, devices.Device.id == KeptScan.device_id)
        .outerjoin(Area, Area.path == KeptScan.area_path)
    )
