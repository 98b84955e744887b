"""Reads for pages and for statements of other features: what somebody can spend, and the entries of a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from volunteer import accounts, clock, paging
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.ledger import chart
from volunteer.ledger.formula import explain
from volunteer.ledger.models import Balance, Posting
from volunteer.ledger.purses import all_of

#: What each move is called on a statement.
WORDS: dict[str, Sentence] = {
    "award": _("服务积分"),
    "reversal": _("积分撤回"),
    "claim": _("兑换"),
    "release": _("退回积分"),
    "expire": _("积分到期"),
    "adjustment": _("积分调整"),
    "deduction": _("积分调整"),
    "circulate": _("商家转赠"),
    "give": _("捐出积分"),
    "ungive": _("捐赠退回"),
    "gift_out": _("转给家人"),
    "gift_in": _("家人转来"),
}
MONTH = r"[2-9]\d{3}-(0[1-9]|1[0-2])"


class BadMonth(Refusal):
    code = "ledger.month"
    status = 422
    says = _("月份请写成 2026-03 这样。")


@dataclass(frozen=True)
class Entry:
    """One transfer as its owner sees it: signed points, and what the purses held right after it."""

    id: int
    key: str
    at: datetime
    on: date
    move: str
    points: int
    balance: int
    why: dict[str, Any]

    @property
    def word(self) -> Sentence:
        return WORDS[self.move]

    @property
    def title(self) -> str | Sentence:
        """What for: the activity or the offer, else the move in words."""
        return self.why.get("title") or self.word

    @property
    def formula(self) -> Sentence | None:
        """How the points of an award came about."""
        return explain(self.why["formula"]) if "formula" in self.why else None


@dataclass(frozen=True)
class Entries:
    """A page of a statement, newest first."""

    items: list[Entry]
    next: str | None


@accounts.import_requests.uses
def _points() -> ColumnElement[bool]:
    """Whose points have ever moved uses the account, whatever moved them."""
    return exists().where(Posting.volunteer_id == accounts.User.id)


def balance_from(volunteer_id: Any, month: Any) -> ScalarSelect[Any]:
    """Return what a volunteer can spend from a month on, for a statement that looks at many volunteers."""
    mine = literal("volunteer:") + cast(volunteer_id, Text) + ":"
    whole = func.coalesce(func.sum(Balance.amount), 0)
    return select(whole).where(Balance.address.between(mine + month, mine + "9999-12")).scalar_subquery()


_SIZE = func.length(Balance.address)
#: Whose a purse is, and the month it ends in, read out of its address.
_HOLDER = cast(func.substr(Balance.address, 11, _SIZE - 18), BigInteger)
_MONTH = func.substr(Balance.address, _SIZE - 6)
_IS_PURSE = Balance.address.between("volunteer:", "volunteer;")


def outstanding() -> dict[str, int]:
    """Return where people live → the points they can spend, this month and later; it reads every purse."""
    found = (
        select(accounts.User.area_path, func.sum(Balance.amount))
        .join(accounts.User, accounts.User.id == _HOLDER)
        .where(_IS_PURSE, Balance.amount > 0, chart.month_of(clock.today()) <= _MONTH)
        .group_by(accounts.User.area_path)
    )
    return {path: int(points) for path, points in db.session.execute(found)}


def ending(before: str, area_path: str) -> int:
    """Return the points that people who live there can spend until this month ("2026-12") or an earlier one."""
    found = (
        select(func.coalesce(func.sum(Balance.amount), 0))
        .join(accounts.User, accounts.User.id == _HOLDER)
        .where(
            accounts.User.area_path.startswith(area_path),
            _IS_PURSE,
            _MONTH.between(chart.month_of(clock.today()), before),
        )
    )
    return int(db.session.scalar(found) or 0)


def holding(points: int, area_path: str) -> int:
    """Return how many people who live there hold so many points, or more."""
    held = (
        select(_HOLDER)
        .join(accounts.User, accounts.User.id == _HOLDER)
        .where(accounts.User.area_path.startswith(area_path), _IS_PURSE)
        .group_by(_HOLDER)
        .having(func.sum(Balance.amount) >= points)
    )
    return db.session.scalar(select(func.count()).select_from(held.subquery())) or 0


def month_or_refuse(text: str) -> str:
    """Return the month a text names.

    :raises BadMonth: when it names none
    """
    if not re.fullmatch(MONTH, text):
        raise BadMonth
    return text


def entries(volunteer_id: int, month: str | None = None, size: int = 50) -> Entries:
    """Return a page of somebody's statement in two statements, whatever its length."""
    page = paging.page(_entries(volunteer_id, month), key=Posting.id, size=size, scalars=False)
    return Entries(_with_balances(volunteer_id, page.items), page.next)


def all_entries(volunteer_id: int, month: str | None = None) -> list[Entry]:
    """Return somebody's whole statement, or that of a month, newest first."""
    rows = db.session.execute(_entries(volunteer_id, month).order_by(Posting.id.desc())).all()
    return _with_balances(volunteer_id, rows)


def months(volunteer_id: int) -> list[str]:
    """Return the months from somebody's first entry to today, newest first."""
    first = db.session.scalar(
        select(Posting.at).where(Posting.volunteer_id == volunteer_id).order_by(Posting.id).limit(1)
    )
    if first is None:
        return []
    found, month = [], chart.month_of(clock.today())
    while month >= chart.month_of(first.date()):
        found.append(month)
        month = chart.months_after(date.fromisoformat(f"{month}-01"), -1)
    return found


@cache
def _lines() -> Select[Any]:
    """Everybody's statements; put together once, because a table beside itself takes long to spell."""
    lines = aliased(Posting)
    whole = select(func.sum(lines.amount)).where(lines.key == Posting.key).scalar_subquery()
    return select(
        Posting.id,
        Posting.key,
        Posting.at,
        Posting.on,
        Posting.move,
        (_sign(Posting) * whole).label("points"),
        Posting.why,
    ).where(Posting.line == 0, _in_a_purse(Posting))


def _entries(volunteer_id: int, month: str | None) -> Select[Any]:
    statement = _lines().where(Posting.volunteer_id == volunteer_id)
    if month:
        start = datetime.combine(date.fromisoformat(f"{month}-01"), time(), clock.ZONE)
        end = datetime.combine(date.fromisoformat(f"{chart.months_after(start, 1)}-01"), time(), clock.ZONE)
        statement = statement.where(Posting.at >= start, Posting.at < end)
    return statement


def _with_balances(volunteer_id: int, rows: Sequence[Any]) -> list[Entry]:
    if not rows:
        return []
    balance, found = _balance_after(volunteer_id, rows[0].id), []
    # The rows have no gap between them, so each balance follows from the one above it.
    for row in rows:
        found.append(Entry(row.id, row.key, row.at, row.on, row.move, int(row.points), balance, row.why))
        balance -= int(row.points)
    return found


def _balance_after(volunteer_id: int, entry_id: int) -> int:
    """What the purses held right after an entry: what they hold now without what came later."""
    newer = aliased(Posting)
    keys = select(newer.key).where(
        newer.volunteer_id == volunteer_id, newer.line == 0, newer.id > entry_id, _in_a_purse(newer)
    )
    later = (
        select(func.coalesce(func.sum(_sign(Posting) * Posting.amount), 0))
        .where(Posting.volunteer_id == volunteer_id, Posting.key.in_(keys))
        .scalar_subquery()
    )
    now = select(func.coalesce(func.sum(Balance.amount), 0)).where(all_of(volunteer_id)).scalar_subquery()
    return int(db.session.scalar(select(now - later)) or 0)


def _sign(posting: Any) -> ColumnElement[int]:
    return case((posting.target.startswith("volunteer:"), 1), else_=-1)


def _in_a_purse(posting: Any) -> ColumnElement[bool]:
    return or_(posting.target.startswith("volunteer:"), posting.source.startswith("volunteer:"))
