"""What must always be true of statements."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Executable, func, or_, select

from rewards.settlements import months
from rewards.settlements.models import Statement, StatementLine
from rewards.vouchers import Voucher
from volunteer import ledger
from volunteer.i18n import _


@ledger.invariant("statements.every_voucher", _("用掉的每张券正好在一张对账单上，或在本月里"))
def every_voucher(on: date) -> Executable:
    """Every redeemed voucher is on exactly one statement line or in the open month."""
    # On the first of a month the night may not have drawn up the last one yet.
    open_since = months.begins(months.of(on - timedelta(days=1)))
    lines = (
        select(StatementLine.voucher_id, func.count().label("lines"))
        .group_by(StatementLine.voucher_id)
        .subquery()
    )
    count = func.coalesce(lines.c.lines, 0)
    redeemed = Voucher.state == "redeemed"
    return (
        select(Voucher.id, Voucher.state, Voucher.redeemed_at, count)
        .outerjoin(lines, lines.c.voucher_id == Voucher.id)
        .where(
            or_(
                redeemed & (count == 0) & (Voucher.redeemed_at < open_since),
                redeemed & (count > 1),
                ~redeemed & (count > 0),
            )
        )
    )


@ledger.invariant("statements.sums", _("对账单的数目等于各行相加"))
def sums(_on: date) -> Executable:
    """A statement's figures are those of its lines, and its lines those of their vouchers."""
    added = (
        select(
            StatementLine.statement_id,
            func.count().label("count"),
            func.sum(StatementLine.points).label("points"),
            func.sum(Voucher.points).label("promised"),
        )
        .join(Voucher, Voucher.id == StatementLine.voucher_id)
        .group_by(StatementLine.statement_id)
        .subquery()
    )
    return (
        select(Statement.id, Statement.count, added.c.count, Statement.points, added.c.points)
        .outerjoin(added, added.c.statement_id == Statement.id)
        .where(
            or_(
                Statement.count != func.coalesce(added.c.count, 0),
                Statement.points != func.coalesce(added.c.points, 0),
                Statement.points != func.coalesce(added.c.promised, 0),
            )
        )
    )
