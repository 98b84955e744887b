"""What a device says it scanned and has not sent: a number missing in its row, a link that does not fit the one before.

A device counts its kept scans, day by day, and writes into each what the one before comes to. So a scan that was lost,
or taken out, or altered on the way shows; it is told to the office, and nobody is refused for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from volunteer import access, clock, devices
from volunteer.activities import Activity
from volunteer.checkin.models import KeptScan
from volunteer.db import db
from volunteer.service_days import ServiceDay

LOOKED_BACK = timedelta(days=7)
RIGHT = "hours.confirm"


@dataclass(frozen=True)
class Gap:
    """Of one device and day: the numbers that never came, and those that do not follow from the one before."""

    day_id: int
    on: date
    title: str
    device: str
    missing: list[int]
    torn: list[int]


def link(scan: str, code: str, facts: dict[str, Any]) -> str:
    """What the next scan of a device writes down of this one."""
    line = f"{facts['seq']}|{scan}|{code}|{facts['said']}|{facts['prev']}"
    return hashlib.sha256(line.encode()).hexdigest()


def recent() -> list[Gap]:
    """The gaps of the last seven days within reach, latest day first."""
    rows = db.session.execute(
        access.within(
            select(KeptScan, ServiceDay.on, Activity.title, devices.Device.name)
            .join(ServiceDay, ServiceDay.id == KeptScan.service_day_id)
            .join(Activity, Activity.id == ServiceDay.activity_id)
            .join(devices.Device, devices.Device.id == KeptScan.device_id)
            .where(ServiceDay.on >= clock.today() - LOOKED_BACK)
            .order_by(ServiceDay.on.desc(), KeptScan.service_day_id, KeptScan.device_id),
            KeptScan,
            RIGHT,
        )
    ).all()
    told: dict[tuple[int, int | None], list[Any]] = {}
    for row in rows:
        if "seq" in row.KeptScan.facts:
            told.setdefault((row.KeptScan.service_day_id, row.KeptScan.device_id), []).append(row)
    found = []
    for (day_id, _device_id), of_one in told.items():
        missing, torn = _looked_through([row.KeptScan for row in of_one])
        if missing or torn:
            _scan, on, title, device = of_one[0]
            found.append(Gap(day_id, on, title, device, missing, torn))
    return found


def _looked_through(scans: list[KeptScan]) -> tuple[list[int], list[int]]:
    there = {one.facts["seq"]: one for one in scans}
    missing = [n for n in range(1, max(there)) if n not in there]
    torn = [
        n
        for n, one in sorted(there.items())
        if (n == 1 and one.facts["prev"])
        or (n - 1 in there and one.facts["prev"] != link(*_said(there[n - 1])))
    ]
    return missing, torn


def _said(one: KeptScan) -> tuple[str, str, dict[str, Any]]:
    return one.scan, one.code, one.facts
