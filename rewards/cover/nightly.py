"""The night measures; whoever looks after rewards is told when a mark is passed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from rewards.cover import figures
from rewards.cover.models import CoverDay
from volunteer import accounts, ledger, notices, timetable
from volunteer.community import Area
from volunteer.db import db
from volunteer.i18n import _


@timetable.daily("cover.measure", at="01:10")
def measure(on: date) -> int:
    """Measure every area, and tell the offices of a street that has fallen below one of its marks since last night."""
    measured = figures.measure(on)
    for street in db.session.scalars(select(Area).where(Area.kind == "street").order_by(Area.id)):
        _tell(street, on)
    return measured


def _tell(street: Area, on: date) -> None:
    numbers = ledger.tariff(on, street.path)
    marks = (numbers.cover_warn_percent, numbers.cover_block_percent)
    now, before = (_percent(street, day) for day in (on, on - timedelta(days=1)))
    passed = [mark for mark in marks if now is not None and now < mark and (before is None or before >= mark)]
    if not passed:
        return
    roles = ("street_admin", "community_admin")
    holders = {person.id for role in roles for person in accounts.holders(role, below=street.path)}
    notices.send_many(
        sorted(holders),
        _(
            "架上的礼遇现在只接得住 {percent}% 的积分，低于 {mark}% 了。请联系商家补货。",
            percent=now,
            mark=min(passed),
        ),
        key=f"cover:{street.id}:{on}",
        link="/office/cover",
    )


def _percent(street: Area, on: date) -> int | None:
    row = db.session.get(CoverDay, (street.path, on))
    return figures.Cover(row.outstanding, row.funded).percent if row else None
