"""Drawing up a month: every redeemed voucher that is on no statement yet goes on this one, once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, delete, exists, func, select, union, update

from rewards import vouchers
from rewards.partners import Partner
from rewards.partners import queries as partners
from rewards.settlements import months
from rewards.settlements.models import FIXED, ClawBack, Objection, Statement, StatementLine
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


@events.kind
class LineTaken(events.Event):
    statement_id: int
    voucher_id: int


class MonthOpen(Refusal):
    code = "statement.month_open"
    says = _("{month|month} 还没有过完，过完才能出账单。现在可以看到当月的明细。")


def draw(month: str, *, on: date | None = None) -> int:
    """Draw up a month for every partner that redeemed in it, and return for how many. Again, it adds what was missed.

    With a day, only for those whose agreement does not put it off until later: what the night asks. By hand it is all.

    :raises MonthOpen: before the month is over
    """
    if months.is_open(month):
        raise MonthOpen(month=month)
    return sum(
        draw_one(partner_id, month)
        for partner_id in waiting(month)
        if on is None or due_on(partner_id, month) <= on
    )


def day_of(partner_id: int) -> int:
    """Return on which day of the following month a partner's statements are drawn up, 1 to 28."""
    return int(db.session.scalar(select(partners.statement_day(partner_id))) or 1)


def due_on(partner_id: int, month: str) -> date:
    """Return the day on which a partner's statement of a month is drawn up."""
    return months.begins(months.following(month)).date().replace(day=day_of(partner_id))


def waiting(month: str) -> list[int]:
    """Return the partners with something of that month, or of one before, on no statement yet."""
    redeemed = select(Voucher.partner_id).where(*_waiting(month))
    clawed = select(ClawBack.partner_id).where(*_clawed(month))
    return sorted(set(db.session.scalars(union(redeemed, clawed))))


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
    clawed = update(ClawBack).where(ClawBack.partner_id == partner_id, *_clawed(month))
    if not redeemed and not db.session.scalar(
        select(ClawBack.id).where(ClawBack.partner_id == partner_id, *_clawed(month)).limit(1)
    ):
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
    if lines:
        db.session.execute(db.insert(StatementLine).values(lines))
    db.session.execute(clawed.values(statement_id=statement.id))
    statement.drawn_at = clock.now()
    add_up(statement)

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


def take_off(voucher_id: int, partner_id: int, *, disputed: bool = True) -> bool:
    """Take a voucher off a statement that is not agreed yet; whether it was on one. The partner confirms anew.

    Where its holder `disputed` it, the partner is told so here; where the partner itself did, by whoever answers.
    """
    # The row behind which the partner's statements are drawn: either we see the line, or it is not drawn.
    db.session.get_one(Partner, partner_id, with_for_update=True)
    statement = db.session.scalar(
        select(Statement)
        .join(StatementLine, StatementLine.statement_id == Statement.id)
        .where(StatementLine.voucher_id == voucher_id)
        .with_for_update(of=Statement)
        .execution_options(populate_existing=True)
    )
    if statement is None or statement.state in FIXED:
        return False
    db.session.execute(delete(StatementLine).where(StatementLine.voucher_id == voucher_id))
    # What the partner had to say of the line has nothing to stand on any more.
    db.session.execute(
        update(Objection)
        .where(Objection.voucher_id == voucher_id, Objection.state == "open")
        .values(state="gone", answered_at=clock.now())
    )
    statement.state, statement.confirmed_by = "draft", None
    add_up(statement)

    if disputed:
        notices.send_many(
            [manager.id for manager in accounts.holders("partner_manager", partner_id=partner_id)],
            _("{month|month} 的账单有一张券，顾客说不是本人用的，先拿下来核实。请重新核对后确认。",
              month=statement.month),
            key=f"statement:{statement.id}:disputed:{voucher_id}",
            link=f"/partners/{partner_id}/statements/{statement.month}",
        )  # fmt: skip
    events.record(
        LineTaken(statement_id=statement.id, voucher_id=voucher_id),
        about=f"statement:{statement.id}",
        within=f"partner:{partner_id}",
    )
    return True


def add_up(statement: Statement) -> None:
    """Have a statement's figures say what its lines come to, less what is clawed back on it."""
    count, points, cents = _sums(StatementLine, statement.id)
    _clawed_count, back, back_cents = _sums(ClawBack, statement.id)
    statement.count, statement.points, statement.value_cents = count, points - back, cents - back_cents
    db.session.flush()


def _sums(lines: type[StatementLine | ClawBack], statement_id: int) -> tuple[int, int, int]:
    points, cents = (func.coalesce(func.sum(column), 0) for column in (lines.points, lines.value_cents))
    found = select(func.count(), points, cents).where(lines.statement_id == statement_id)
    count, added, value = db.session.execute(found).one()
    return int(count), int(added), int(value)


def owed_months(on: date) -> list[str]:
    """Return the months before this one that have something on no statement yet, oldest first."""
    before = months.of(on)
    firsts = [
        db.session.scalar(select(func.min(Voucher.redeemed_at)).where(*_waiting_before(before))),
        db.session.scalar(select(func.min(ClawBack.at)).where(*_clawed(months.before(before)))),
    ]
    owed: list[str] = []
    month = min((months.of(first.date()) for first in firsts if first), default=before)
    while month < before:
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
        ~vouchers.disputes.looked_at(),
    )


def _clawed(month: str) -> tuple[ColumnElement[bool], ...]:
    return (ClawBack.statement_id.is_(None), ClawBack.at < months.begins(months.following(month)))
