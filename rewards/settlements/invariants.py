"""What must always be true of statements."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Executable, String, cast, exists, func, literal, or_, select

from rewards.settlements import months
from rewards.settlements.models import ClawBack, Statement, StatementLine
from rewards.vouchers import Dispute, Voucher, disputes
from volunteer import ledger
from volunteer.i18n import _
from volunteer.ledger import Posting


@ledger.invariant("statements.every_voucher", _("用掉的每张券正好在一张对账单上，或在本月里"))
def every_voucher(on: date) -> Executable:
    """Every redeemed voucher is on exactly one statement line, in the open month, or being looked at."""
    # On the first of a month the night may not have drawn up the last one yet.
    open_since = months.begins(months.of(on - timedelta(days=1)))
    lines = (
        select(StatementLine.voucher_id, func.count().label("lines"))
        .group_by(StatementLine.voucher_id)
        .subquery()
    )
    count = func.coalesce(lines.c.lines, 0)
    redeemed = Voucher.state == "redeemed"
    # One whose redemption was found to stand goes on the next statement, once this month is over.
    spared = exists().where(
        Dispute.voucher_id == Voucher.id,
        or_(Dispute.state.in_(disputes.OPEN), Dispute.decided_at >= open_since),
    )
    clawed = exists().where(ClawBack.voucher_id == Voucher.id)
    return (
        select(Voucher.id, Voucher.state, Voucher.redeemed_at, count)
        .outerjoin(lines, lines.c.voucher_id == Voucher.id)
        .where(
            or_(
                redeemed & (count == 0) & (Voucher.redeemed_at < open_since) & ~spared,
                redeemed & (count > 1),
                ~redeemed & (count > 0) & ~clawed,
            )
        )
    )


@ledger.invariant("statements.sums", _("对账单的数目等于各行相加"))
def sums(_on: date) -> Executable:
    """A statement's figures are those of its lines less what it claws back, and its lines those of their vouchers."""
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
    clawed = (
        select(ClawBack.statement_id, func.sum(ClawBack.points).label("points"))
        .group_by(ClawBack.statement_id)
        .subquery()
    )
    back = func.coalesce(clawed.c.points, 0)
    return (
        select(Statement.id, Statement.count, added.c.count, Statement.points, added.c.points)
        .outerjoin(added, added.c.statement_id == Statement.id)
        .outerjoin(clawed, clawed.c.statement_id == Statement.id)
        .where(
            or_(
                Statement.count != func.coalesce(added.c.count, 0),
                Statement.points != func.coalesce(added.c.points, 0) - back,
                Statement.points != func.coalesce(added.c.promised, 0) - back,
            )
        )
    )


@ledger.invariant("statements.clawed", _("追回的每张券都由两个人决定，账上正好退了一次"))
def clawed(_on: date) -> Executable:
    """What is clawed back went back in the books once, as many points as the voucher's price."""
    moved = (
        select(Posting.key, func.sum(Posting.amount).label("points"))
        .where(Posting.move == "clawback")
        .group_by(Posting.key)
        .subquery()
    )
    key = literal("clawback:") + cast(ClawBack.voucher_id, String)
    return (
        select(ClawBack.voucher_id, ClawBack.points, moved.c.points)
        .outerjoin(moved, moved.c.key == key, full=True)
        .where(func.coalesce(ClawBack.points, -1) != func.coalesce(moved.c.points, 0))
    )
