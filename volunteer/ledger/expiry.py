"""Purses past their month are emptied: a transfer like any other. Held points do not expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from volunteer import notices
from volunteer.accounts import User
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger import chart
from volunteer.ledger.models import Balance, Posting
from volunteer.ledger.transfers import write

BATCH = 500
#: A purse is told of so many days before its last.
NOTICE_DAYS = (60, 30, 7)
#: A notice that could not be sent on its day is still sent on one of the next.
NOTICE_GRACE = 3

_month = func.substr(Balance.address, func.length(Balance.address) - 6)
_purse: ColumnElement[bool] = Balance.address.between("volunteer:", "volunteer;")
#: What can only be given ends like the rest.
_any_purse = or_(_purse, Balance.address.between("surplus:", "surplus;"))


def expire(on: date) -> int:
    """Empty every purse whose month is past on that day and return how many points went; again, and nothing goes."""
    return sum(empty(batch, on) for batch in past(on))


def past(on: date) -> list[list[str]]:
    """Return the purses to empty, in batches that are a short transaction each."""
    look = select(Balance.address).where(_any_purse, _month < chart.month_of(on), Balance.amount > 0)
    found = list(db.session.scalars(look.order_by(Balance.address)))
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def empty(addresses: Sequence[str], on: date) -> int:
    """Empty these purses, whatever is in them by now, and return how many points went."""
    look = select(Balance.address, Balance.amount).where(Balance.address.in_(addresses), Balance.amount > 0)
    purses = db.session.execute(look.order_by(Balance.address).with_for_update()).all()
    whose = select(User.id, User.area_path).where(
        User.id.in_({_holder(address) for address, _amount in purses})
    )
    homes = dict(db.session.execute(whose).all())
    before = _emptied_before(addresses, on)
    for address, amount in purses:
        # The date and a number are part of the key: a purse that is filled again can be emptied again.
        again = f":{before[address] + 1}" if address in before else ""
        holder = _holder(address)
        write(
            [(address, chart.EXPIRED, amount)],
            _move(address),
            f"expire:{address}:{on}{again}",
            holder,
            homes[holder],
            {"month": address[-7:]},
            on,
        )
    _tell(purses, before, on)
    return sum(amount for _address, amount in purses)


def _tell(purses: Sequence[Any], before: dict[str, int], on: date) -> None:
    """Tell everybody whose points went: points never vanish in silence."""
    told: dict[tuple[str, str, int, int], list[int]] = {}
    for address, amount in purses:
        same = (_move(address), address[-7:], before.get(address, 0), amount)
        told.setdefault(same, []).append(_holder(address))
    for (move, month, again, points), people in sorted(told.items()):
        facts = {"points": points, "last": chart.last_day(month)}
        words = (
            _(
                "你有 {points} 分在 {last|date} 到期了，没有用上。到期前可以换礼遇，也可以先选好最后一天捐出去。",
                **facts,
            )
            if move == "expire"
            else _(
                "你有 {points} 分只能捐的积分在 {last|date} 到期了，没有捐出去。下次可以先选好，最后一天自动捐。",
                **facts,
            )
        )
        key = f"{move}d:{month}:{on}:{again}"
        notices.send_many(people, words, key=key, link="/me/points/ending")


def _emptied_before(addresses: Sequence[str], on: date) -> dict[str, int]:
    """How often these purses have been emptied on that day already; the locks on them keep it so."""
    emptied = select(Posting.source, func.count()).where(
        Posting.source.in_(addresses), Posting.move.in_(("expire", "surplus_expire")), Posting.on == on
    )
    return dict(db.session.execute(emptied.group_by(Posting.source)).all())


def warn(on: date) -> int:
    """Tell everybody whose points end in 60, 30 or 7 days, once each time, and return how many were told."""
    told = 0
    for days in NOTICE_DAYS:
        for late in range(NOTICE_GRACE):
            last = on + timedelta(days=days - late)
            if chart.last_day(chart.month_of(last)) == last:
                told += _warn(last, days)
    return told


def _warn(last: date, days: int) -> int:
    month = chart.month_of(last)
    ending = select(Balance.amount, Balance.address).where(_purse, _month == month, Balance.amount > 0)
    rows = db.session.execute(ending.order_by(Balance.amount)).all()
    for points, group in groupby(rows, key=lambda row: row[0]):
        people = [_holder(address) for _points, address in group]
        notices.send_many(
            people,
            _(
                "你有 {points} 分要在 {last|date} 之后到期：可以换礼遇，也可以选好最后一天捐出去。",
                points=points,
                last=last,
            ),
            key=f"expiring:{month}:{days}",
            link=f"/me/points/ending?month={month}",
        )
    return len(rows)


def _move(address: str) -> str:
    return "surplus_expire" if address.startswith("surplus:") else "expire"


def _holder(address: str) -> int:
    return int(address.split(":")[1])
