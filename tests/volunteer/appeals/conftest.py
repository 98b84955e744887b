"""What the stories of appeals share."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from volunteer import checkin, hours, service_days, signing
from volunteer.db import db


def record_of(person: Any) -> hours.ServiceRecord:
    """The newest record of somebody."""
    newest = (
        select(hours.ServiceRecord).filter_by(volunteer_id=person.id).order_by(hours.ServiceRecord.id.desc())
    )
    return db.session.scalars(newest.execution_options(populate_existing=True)).first()


@pytest.fixture
def scanned(xiaoman: Any, day: Any, clock: Any) -> hours.ServiceRecord:
    """小满 scanned the wall twice, by her own phone."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id(), device="f" * 32)
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id(), device="f" * 32)
    return record_of(xiaoman)


@pytest.fixture
def entered(xiaoman: Any, day: Any, lao_wang: Any, clock: Any) -> hours.ServiceRecord:
    """老王 vouched for 小满, who scanned once: others entered it."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    clock.move("2026-03-08 13:00")
    checkin.confirm(day, [xiaoman.id], lao_wang)
    return record_of(xiaoman)
