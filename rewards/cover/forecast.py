"""Ninety days on: what is scheduled may bring, what ends, and what is redeemed as fast as in the ninety days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from rewards.cover.figures import Cover
from volunteer import clock, ledger
from volunteer.activities import Activity, Plan
from volunteer.db import db
from volunteer.service_days import ServiceDay

DAYS = 90


@dataclass(frozen=True)
class Forecast:
    """Points that come and go within the next ninety days, and how the cover stands then, the shelves as they are."""

    coming: int
    days: int
    ending: int
    redeemed: int
    then: Cover


def ahead(street_path: str, now: Cover) -> Forecast:
    """Return what lies ahead of a street: every scheduled day full, purses that end, and redeeming as lately."""
    today = clock.today()
    numbers, until = ledger.tariff(today, street_path), today + timedelta(days=DAYS)
    found = db.session.execute(
        select(Activity, ServiceDay.starts_at, ServiceDay.ends_at, ServiceDay.capacity)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(
            ServiceDay.area_path.startswith(street_path),
            ServiceDay.state == "open",
            ServiceDay.on.between(today, until),
        )
    ).all()
    coming = sum(
        Plan.of(activity, capacity, int((ends - starts).total_seconds()) // 60).most(numbers)
        for activity, starts, ends, capacity in found
    )
    ending = ledger.queries.ending(ledger.chart.months_after(until, -1), street_path)
    lately = ledger.rollups.moved_between(street_path, "claim", today - timedelta(days=DAYS), today)
    back = ledger.rollups.moved_between(street_path, "release", today - timedelta(days=DAYS), today)
    redeemed = max(0, lately - back)
    left = max(0, now.outstanding + coming - ending - redeemed)
    return Forecast(coming, len(found), ending, redeemed, Cover(left, max(0, now.funded - redeemed), now.on))
