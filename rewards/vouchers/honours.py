"""What partners honoured and refused, counted for their facts and for the year's thanks."""

from __future__ import annotations

from datetime import date, datetime, time
from statistics import median

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from rewards.partners import honours
from rewards.vouchers.models import Voucher
from rewards.vouchers.presentation import LASTS
from volunteer import clock
from volunteer.db import db

#: How many of the newest redemptions the wait is taken from.
SAMPLE = 500


def count(partner_id: int, plaque_on: date, on: date) -> None:
    """Count twelve months of a partner's vouchers up to the day before `on`, and each year that is not settled yet."""
    end = _midnight(on)
    since = _midnight(on - relativedelta(months=12))
    redeemed, _points, _value = _redeemed(partner_id, since, end)
    refused = db.session.scalar(
        select(func.count()).where(
            Voucher.partner_id == partner_id,
            Voucher.state == "refused",
            Voucher.ended_at >= since,
            Voucher.ended_at < end,
        )
    )
    honours.keep(
        partner_id,
        on,
        redeemed=redeemed,
        refused=refused or 0,
        wait_seconds=_wait(partner_id, since, end),
    )
    kept = honours.years_kept(partner_id)
    # In January the year before still changes: somebody says that it was not him.
    settled = on.year - (2 if on.month == 1 else 1)
    for year in range(plaque_on.year, on.year + 1):
        if year > settled or year not in kept:
            times, points, value = _redeemed(
                partner_id, _midnight(date(year, 1, 1)), min(end, _midnight(date(year + 1, 1, 1)))
            )
            honours.keep_year(partner_id, year, redeemed=times, points=points, value_cents=value)


def _redeemed(partner_id: int, since: datetime, end: datetime) -> tuple[int, int, int]:
    found = db.session.execute(
        select(func.count(), func.sum(Voucher.points), func.sum(Voucher.value_cents)).where(
            Voucher.partner_id == partner_id,
            Voucher.state == "redeemed",
            Voucher.redeemed_at >= since,
            Voucher.redeemed_at < end,
        )
    ).one()
    return int(found[0]), int(found[1] or 0), int(found[2] or 0)


def _wait(partner_id: int, since: datetime, end: datetime) -> int | None:
    """The median time from showing a voucher to redeeming it, in seconds."""
    shown = db.session.execute(
        select(Voucher.armed_until, Voucher.redeemed_at)
        .where(
            Voucher.partner_id == partner_id,
            Voucher.state == "redeemed",
            Voucher.redeemed_at >= since,
            Voucher.redeemed_at < end,
            Voucher.armed_until.is_not(None),
        )
        .order_by(Voucher.redeemed_at.desc())
        .limit(SAMPLE)
    ).all()
    waits = [(redeemed - (until - LASTS)).total_seconds() for until, redeemed in shown if until and redeemed]
    return max(1, round(median(waits))) if waits else None


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), clock.ZONE)
