"""What the wall shows now: the code, until when, who just came, how many are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from volunteer import accounts, clock, codes, ledger, privacy, qr
from volunteer.accounts import User
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows

DAY_BYTES = 5
VOLUNTEER_BYTES = 8
#: How long a wall goes on without a signal, and how many of its codes it is handed at a time.
AHEAD_MAX = timedelta(minutes=40)
AHEAD_AT_ONCE = 20


@dataclass(frozen=True)
class Showing:
    code: str
    url: str
    changes_at: datetime
    valid_until: datetime


def period_of(day: ServiceDay) -> int:
    """Return after how many seconds the code of a day's wall changes."""
    return ledger.tariff(day.on, day.area_path).qr_period_seconds


def showing(day: ServiceDay, at: datetime | None = None) -> Showing:
    """Return the code of a day's wall at a moment, with its address and times."""
    at, period = at or clock.now(), period_of(day)
    public = codes.decode(day.public, DAY_BYTES)
    code = passes.wall_code(current_app.extensions["keyring"], public, at, period=period)
    return Showing(
        code,
        f"{current_app.config['BASE_URL']}/c/{code}",
        passes.changes_at(at, period=period),
        passes.valid_until(at, period=period),
    )


def ahead(day: ServiceDay, first: int = 0) -> dict[str, Any]:
    """Return the codes of the next steps of the clock from `first` on, twenty of them, none further ahead than
    AHEAD_MAX nor past the last check-out: an address and the modules of its picture, each row of bits a hexadecimal
    number. Empty where the day's wall does not go on without a signal.
    """
    last, period = min(clock.now() + AHEAD_MAX, windows(day).checkout_closes), period_of(day)
    steps = range(max(first, passes.step_at(clock.now(), period)), passes.step_at(last, period) + 1)
    codes_ahead = []
    if day.wall_ahead and day.state == "open":
        for step in steps[:AHEAD_AT_ONCE]:
            shown = showing(day, passes.moment_of(step, period))
            rows = qr.matrix(shown.url)
            bits = [f"{int(''.join('1' if dark else '0' for dark in row), 2):x}" for row in rows]
            codes_ahead.append({"step": step, "code": shown.code, "url": shown.url, "rows": bits})
    return {"period": period, "codes": codes_ahead}


def my_pass(user: User, at: datetime | None = None) -> Showing:
    """Return the volunteer's own code at a moment; organisers scan it."""
    at = at or clock.now()
    code = passes.pass_code(
        current_app.extensions["keyring"],
        codes.decode(user.public, VOLUNTEER_BYTES),
        user.pass_revision,
        at,
    )
    return Showing(code, f"{current_app.config['BASE_URL']}/m/{code}", at, passes.pass_valid_until(at))


def arrivals(day: ServiceDay, most: int = 5) -> dict[str, Any]:
    """How many came, how many are still in, and the latest, masked."""
    came, inside = db.session.execute(
        select(
            func.count(func.distinct(Attendance.volunteer_id)),
            func.count().filter(Attendance.state == "open"),
        ).where(Attendance.service_day_id == day.id, Attendance.state != "void")
    ).one()
    latest = db.session.execute(
        select(User.name, Attendance.in_at)
        .join(User, User.id == Attendance.volunteer_id)
        .where(Attendance.service_day_id == day.id, Attendance.state != "void", accounts.listed())
        .order_by(Attendance.in_at.desc(), Attendance.id.desc())
        .limit(most)
    ).all()
    return {
        "came": came,
        "inside": inside,
        "recent": [{"name": privacy.mask_name(name), "at": at} for name, at in latest],
    }


def state(day: ServiceDay) -> dict[str, Any]:
    """Return what a wall shows at this moment, as its page and its script take it; `step` is in seconds."""
    shown, came = showing(day), arrivals(day)
    return {
        "step": period_of(day),
        "code": shown.code,
        "url": shown.url,
        "svg": str(qr.svg(shown.url, title=str(_("签到码")))),
        "changes_at": shown.changes_at.isoformat(),
        "valid_until": shown.valid_until.isoformat(),
        "now": clock.now().isoformat(),
        "in": came["came"],
        "capacity": day.capacity,
        "recent": [{"name": one["name"], "at": f"{one['at']:%H:%M}"} for one in came["recent"]],
    }
