"""Drawing up a month: every redeemed voucher that is on no statement yet goes on this one, once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, func, select

from rewards.partners import Partner
from rewards.settlements import months
from rewards.settlements.models import Statement, StatementLine
from rewards.vouchers import Voucher
from volunteer import accounts, clock, events, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Drawn(events.Event):
    statement_id: int
    partner_id: int
    count: int
    points: int


class MonthOpen(Refusal):
    code = "statement.month_open"
    says = _("{month|month} 还没有过完，过完才能出账单。现在可以看到当月的明细。")


def draw(month: str) -> int:
    """Draw up a month for every partner that redeemed in it, and return for how many. Again, it adds what was missed.

    :raises MonthOpen: before the month is over
    """
    if months.is_open(month):
        raise MonthOpen(month=month)
    waiting = db.session.scalars(
        select(Voucher.partner_id).where(*_waiting(month)).distinct().order_by(Voucher.partner_id)
    ).all()
    return sum(draw_one(partner_id, month) for partner_id in waiting)


def draw_one(partner_id: int, month: str) -> bool:
    """Draw up one partner's month; whether there was anything to put on it."""
    partner = db.session.get_one(Partner, partner_id, with_for_update=True)
    statement = db.session.scalar(select(Statement).filter_by(partner_id=partner_id, month=month))
    if statement is not None and statement.state != "draft":
        return False  # agreed figures stay as they are; what came late goes on the next one
    redeemed = db.session.execute(
        select(Voucher.id, Voucher.redeemed_at, Voucher.points, Voucher.value_cents)
        .where(Voucher.partner_id == partner_id, *_waiting(month))
        .order_by(Voucher.redeemed_at)
    ).all()
    if not redeemed:
        return False

    if statement is None:
        statement = Statement(
            partner_id=partner_id, area_path=partner.area_path, month=month, count=0, points=0, value_cents=0,
            state="draft", drawn_at=clock.now(),
        )  # fmt: skip
        db.session.add(statement)
        db.session.flush()
    lines = [
        {"statement_id": statement.id, "voucher_id": id_, "redeemed_on": at.date(), "points": points, "value_cents": cents}
        for id_, at, points, cents in redeemed
        if at is not None
    ]  # fmt: skip
    db.session.execute(db.insert(StatementLine).values(lines))
    sums = select(func.count(), func.sum(StatementLine.points), func.sum(StatementLine.value_cents))
    figures = db.session.execute(sums.where(StatementLine.statement_id == statement.id)).one()
    statement.count, statement.points, statement.value_cents = map(int, figures)
    statement.drawn_at = clock.now()
    db.session.flush()

    notices.send_many(
        [manager.id for manager in accounts.holders("partner_manager", partner_id=partner_id)],
        _("{month|month} 的账单出来了：{count} 张券，{points} 分。请核对后确认。",
          month=month, count=statement.count, points=statement.points),
        key=f"statement:{statement.id}:{statement.count}",
        link=f"/partners/{partner_id}/statements/{month}",
    )  # fmt: skip
    events.record(
        Drawn(
            statement_id=statement.id,
            partner_id=partner_id,
            count=statement.count,
            points=statement.points,
        ),
        about=f"statement:{statement.id}",
        within=f"partner:{partner_id}",
    )
    return True


def owed_months(on: date) -> list[str]:
    """Return the months before this one that have redeemed vouchers on no statement, oldest first."""
    first = db.session.scalar(select(func.min(Voucher.redeemed_at)).where(*_waiting_before(months.of(on))))
    owed: list[str] = []
    month = months.of(first.date()) if first else months.of(on)
    while month < months.of(on):
        owed.append(month)
        month = months.following(month)
    return owed


def _waiting(month: str) -> tuple[ColumnElement[bool], ...]:
    return _waiting_before(months.following(month))


def _waiting_before(month: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Voucher.state == "redeemed",
        Voucher.redeemed_at < months.begins(month),
        ~exists().where(StatementLine.voucher_id == Voucher.id),
    )
