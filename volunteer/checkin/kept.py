"""Kept scans: what an organiser's device scanned without signal and sends later. Nothing uploaded is ever lost.

Each scan is looked at in a savepoint of its own. It is recorded, repeated, to confirm (more than three minutes late),
parked (nobody we can name, or refused: somebody has to look), or refused when it was never one of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer import accounts, clock, events
from volunteer.checkin import attendance
from volunteer.checkin.models import KeptScan
from volunteer.codes import WrongType
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.service_days import ServiceDay
from volunteer.signing import Forged


@events.kind
class ScanParked(events.Event):
    kept_scan_id: int
    refusal: str


@dataclass(frozen=True)
class Scan:
    """One scan as the device kept it."""

    scan: str
    code: str
    seen_at: datetime
    direction: str | None = None


@dataclass(frozen=True)
class Result:
    scan: str
    outcome: str
    code: str | None = None


def keep(day: ServiceDay, scans: Iterable[Scan], by: accounts.User) -> list[Result]:
    """Settle every scan by itself and return what became of each, in the order given."""
    return [_one(day, scan, by) for scan in scans]


def _one(day: ServiceDay, scan: Scan, by: accounts.User) -> Result:
    known = db.session.scalar(select(KeptScan).where(KeptScan.scan == scan.scan))
    if known is not None:
        return Result(scan.scan, "repeated" if known.outcome == "recorded" else known.outcome, known.refusal)
    outcome, refusal, stay_id = "recorded", None, None
    try:
        with db.session.begin_nested():
            answer = attendance.scan_pass(
                by, day.id, scan.code, scan.scan, seen_at=scan.seen_at, direction=scan.direction, kept=True
            )
        stay_id = answer.id
        if answer.repeated:
            outcome = "repeated"
        elif answer.state == "to_confirm":
            outcome = "to_confirm"
    except (Forged, WrongType) as error:
        outcome, refusal = "refused", error.code
    except Refusal as error:
        outcome, refusal = "parked", error.code
    row = KeptScan(
        scan=scan.scan,
        service_day_id=day.id,
        team_id=day.team_id,
        uploaded_by=by.id,
        code=scan.code[:200],
        direction=scan.direction,
        seen_at=scan.seen_at,
        received_at=clock.now(),
        outcome=outcome,
        refusal=refusal,
        attendance_id=stay_id,
    )
    db.session.add(row)
    db.session.flush()
    if outcome == "parked":
        events.record(
            ScanParked(kept_scan_id=row.id, refusal=refusal or ""),
            about=f"kept_scan:{row.id}",
            within=f"service_day:{day.id}",
        )
    return Result(scan.scan, outcome, refusal)
