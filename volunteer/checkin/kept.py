"""Kept scans: what an organiser's device scanned without signal, or a signed sheet says, and comes later. None is lost.

Each scan is looked at in a savepoint of its own. It is recorded, repeated, to confirm (more than three minutes late),
parked (nobody we can name, refused, or three days late: somebody has to look), or refused when it was never ours.

Devices upload when they find signal, so the order of uploads means nothing: a batch is settled in the order things
were seen, the earliest sight of a way in or out is the one that stands, and what was parked because its way in was
still on another device is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from volunteer import accounts, clock, events, notices, service_days
from volunteer.checkin import attendance, passes
from volunteer.checkin.models import Attendance, KeptScan
from volunteer.checkin.picture import holder
from volunteer.checkin.refusals import ClockAhead, ClosedOut
from volunteer.checkin.settling import credited_minutes
from volunteer.codes import WrongType
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.signing import Forged

#: How long after the last check-out of a day an upload still settles by itself.
ACCEPTED_FOR = timedelta(hours=72)


@events.kind
class ScanParked(events.Event):
    kept_scan_id: int
    refusal: str


@dataclass(frozen=True)
class Scan:
    """One scan as the device kept it, `seen_at` by our clock as far as that can be told: see moments.py."""

    scan: str
    code: str
    seen_at: datetime
    direction: str | None = None
    #: False where the device's clocks contradict each other: it counts only once somebody has looked.
    sure: bool = True
    #: What else the device said, as it said it: the place of the scan among its others. See gaps.py.
    facts: dict[str, Any] = field(default_factory=dict)
    #: "sheet" where it was typed from a signed sheet: its code is a volunteer number, and it moves nobody's scan.
    how: str = "kept"


@dataclass(frozen=True)
class Result:
    scan: str
    outcome: str
    code: str | None = None


class LateReview(Refusal):
    code = "checkin.late_review"
    says = _("这次离线扫码上传得太晚，要由社区看过再算。")
    who = _("社区看过就记上，不用再扫。")


def keep(
    day: ServiceDay, scans: Iterable[Scan], by: accounts.User, *, device_id: int | None = None
) -> list[Result]:
    """Settle every scan by itself and return what became of each, in the order given."""
    given = list(scans)
    done = {id(scan): _one(day, scan, by, device_id) for scan in sorted(given, key=lambda one: one.seen_at)}
    if any(result.outcome in ("recorded", "to_confirm") for result in done.values()):
        _look_again(day, by)
    return [done[id(scan)] for scan in given]


def park(
    day: ServiceDay, scans: Iterable[Scan], by: accounts.User, *, device_id: int | None, why: str
) -> None:
    """Keep scans without settling any, for the office to look at: what a revoked device sends, unless it was never
    ours, and what a sheet says of whoever typed or checked it."""
    for scan in scans:
        if db.session.scalar(select(KeptScan.id).where(KeptScan.scan == scan.scan)) is None:
            try:
                holder(scan.code)
                outcome, refusal = "parked", why
            except (Forged, WrongType) as error:
                outcome, refusal = "refused", error.code
            except Refusal:
                outcome, refusal = "parked", why
            _keep_row(day, scan, by, device_id, outcome, refusal, None)


def _look_again(day: ServiceDay, by: accounts.User) -> None:
    """A way out may have come before its way in."""
    parked = db.session.scalars(
        select(KeptScan)
        .where(
            KeptScan.service_day_id == day.id,
            KeptScan.outcome == "parked",
            KeptScan.refusal == "checkin.closed",
            KeptScan.settled_at.is_(None),
        )
        .order_by(KeptScan.seen_at, KeptScan.scan)
    ).all()
    for row in parked:
        scan = Scan(row.scan, row.code, row.seen_at, row.direction, how=row.how)
        row.outcome, row.refusal, row.attendance_id = _settled(day, scan, by)
        if row.outcome != "parked":
            row.settled_at = clock.now()


def _one(day: ServiceDay, scan: Scan, by: accounts.User, device_id: int | None) -> Result:
    known = db.session.scalar(select(KeptScan).where(KeptScan.scan == scan.scan))
    if known is not None:
        return Result(scan.scan, "repeated" if known.outcome == "recorded" else known.outcome, known.refusal)
    outcome, refusal, stay_id = _settled(day, scan, by)
    _keep_row(day, scan, by, device_id, outcome, refusal, stay_id)
    return Result(scan.scan, outcome, refusal)


def _keep_row(
    day: ServiceDay,
    scan: Scan,
    by: accounts.User,
    device_id: int | None,
    outcome: str,
    refusal: str | None,
    stay_id: int | None,
) -> None:
    row = KeptScan(
        scan=scan.scan,
        service_day_id=day.id,
        team_id=day.team_id,
        area_path=day.area_path,
        volunteer_id=_whose(scan.code) if outcome == "parked" else None,
        uploaded_by=by.id,
        code=scan.code[:200],
        direction=scan.direction,
        seen_at=scan.seen_at,
        received_at=clock.now(),
        outcome=outcome,
        refusal=refusal,
        attendance_id=stay_id,
        device_id=device_id,
        facts=scan.facts,
        how=scan.how,
    )
    db.session.add(row)
    db.session.flush()
    if outcome == "parked":
        events.record(
            ScanParked(kept_scan_id=row.id, refusal=refusal or ""),
            about=f"kept_scan:{row.id}",
            within=f"service_day:{day.id}",
            whom=row.volunteer_id,
        )
    if row.volunteer_id is not None:
        notices.send(
            row.volunteer_id,
            _("{on|date} 签到表上你的那一行要由社区看过再算，有了结果会告诉你。", on=day.on)
            if scan.how == "sheet"
            else _("{on|date} 的一次离线扫码要由社区看过再算，有了结果会告诉你。", on=day.on),
            key=f"kept_scan:{row.id}:parked",
            link="/me/scans",
        )


def _whose(code: str) -> int | None:
    try:
        return holder(code)[0].id
    except Refusal:
        return None


def _settled(day: ServiceDay, scan: Scan, by: accounts.User) -> tuple[str, str | None, int | None]:
    """What becomes of a scan: outcome, code of the refusal, the stay it belongs to."""
    try:
        with db.session.begin_nested():
            volunteer, _how, _read = holder(scan.code)  # a forgery stays a forgery, however late
            if clock.now() > service_days.windows(day).checkout_closes + ACCEPTED_FOR:
                raise LateReview
            if not scan.sure:
                raise ClockAhead
            outcome, stay_id = take(day, scan, by, volunteer.id)
    except (Forged, WrongType) as error:
        return "refused", error.code, None
    except Refusal as error:
        return "parked", error.code, None
    return outcome, None, stay_id


def take(day: ServiceDay, scan: Scan, by: accounts.User, volunteer_id: int) -> tuple[str, int]:
    """Let a scan count as what it was when it was seen, however late it comes: what became of it, and which stay.

    :raises Refusal: it would not have counted then either
    """
    # Before looking at what there is already: a scan that is worth nothing moves no stay, whoever else came first.
    _volunteer, _how, moment = attendance.admit(by, scan.code)
    if moment is not None:
        passes.fresh_pass(moment, scan.seen_at)
    known = _covered(day, volunteer_id, scan)
    if known is not None:
        _earliest(day, known, scan)
        return "repeated", known
    if scan.how == "sheet":
        _signed(day, volunteer_id, scan)
    answer = attendance.scan_pass(
        by, day.id, scan.code, scan.scan, seen_at=scan.seen_at, direction=scan.direction, kept=True,
        on_paper=scan.how == "sheet",
    )  # fmt: skip
    if answer.repeated:
        _earliest(day, answer.id, scan)
        return "repeated", answer.id
    return ("to_confirm" if answer.state == "to_confirm" else "recorded"), answer.id


def _signed(day: ServiceDay, volunteer_id: int, scan: Scan) -> None:
    """Refuse a way out on paper where a gate would have none: too early, or of somebody who never came in.

    A device that sees a pass too early answers "you are in already"; on paper that would pass for a way out noted.
    """
    if scan.direction != "out":
        return
    windows = service_days.windows(day)
    here = (
        Attendance.service_day_id == day.id,
        Attendance.volunteer_id == volunteer_id,
        Attendance.state != "void",
    )
    if (
        scan.seen_at < windows.checkout_opens
        or db.session.scalar(select(Attendance.id).where(*here).limit(1)) is None
    ):
        raise ClosedOut(
            opens=windows.checkout_opens, closes=windows.checkout_closes, on=day.on, day_id=day.id
        )


def _earliest(day: ServiceDay, stay_id: int, scan: Scan) -> None:
    """Two devices saw the same person: the earlier sight stands, as long as nothing has been recorded from it.

    A time on paper was written by a hand: it moves nothing.
    """
    if scan.how == "sheet":
        return
    seen = scan.seen_at
    stay = db.session.get_one(Attendance, stay_id, with_for_update=True, populate_existing=True)
    windows = service_days.windows(day)
    if stay.state != "to_confirm" or not {"kept", "number", "sheet"} & {stay.in_how, stay.out_how}:
        return
    if windows.checkin_opens <= seen < stay.in_at and seen <= windows.checkin_closes:
        stay.in_at = seen
    elif stay.out_at is not None and windows.checkout_opens <= seen < stay.out_at:
        stay.out_at = max(seen, stay.in_at)
    if stay.out_at is not None:
        stay.minutes = credited_minutes(day, stay.in_at, stay.out_at)
    db.session.flush()


def _covered(day: ServiceDay, volunteer_id: int, scan: Scan) -> int | None:
    """The stay that is over already and that this way in belongs to: another device was faster with both ends."""
    if scan.direction == "out" or scan.seen_at >= service_days.windows(day).checkout_opens:
        return None
    return db.session.scalar(
        select(Attendance.id)
        .where(
            Attendance.service_day_id == day.id,
            Attendance.volunteer_id == volunteer_id,
            Attendance.state != "void",
            Attendance.out_at >= scan.seen_at,
        )
        .order_by(Attendance.id)
        .limit(1)
    )
