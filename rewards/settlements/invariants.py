"""What must always be true of statements."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    Executable,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from rewards.partners import queries as partners
from rewards.settlements import months
from rewards.settlements.models import (
    FIXED,
    Circulation,
    ClawBack,
    Objection,
    Share,
    Statement,
    StatementLine,
)
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
    # Last month's wait for the day that the agreement names.
    due_later = and_(
        Voucher.redeemed_at >= months.begins(months.before(months.of(on))),
        partners.statement_day(Voucher.partner_id) >= on.day,
    )
    return (
        select(Voucher.id, Voucher.state, Voucher.redeemed_at, count)
        .outerjoin(lines, lines.c.voucher_id == Voucher.id)
        .where(
            or_(
                redeemed & (count == 0) & (Voucher.redeemed_at < open_since) & ~spared & ~due_later,
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


@ledger.invariant("statements.settled", _("核准过的账单，欠商家的积分正好结清或转赠，不多也不少"))
def settled(_on: date) -> Executable:
    """What was settled and circulated of a statement comes to its lines once it is agreed, and to nothing before."""
    id_ = cast(Statement.id, String)
    once, rest, back = (
        literal("settle:") + id_,
        literal("settle:") + id_ + ":rest",
        literal("unsettle:") + id_,
    )
    lines = _of(func.sum(StatementLine.points), StatementLine.statement_id == Statement.id)
    gone = _moved("settle", Posting.key.in_([once, rest])) - _moved("unsettle", Posting.key == back)
    given = _of(
        func.sum(Circulation.points), Circulation.statement_id == Statement.id, Circulation.state == "done"
    )
    wanted = case((Statement.state.in_(FIXED), lines), else_=0)
    return select(Statement.id, Statement.state, wanted, gone, given).where(gone + given != wanted)


@ledger.invariant("statements.circulated", _("转赠的积分由两方同意，正好到了名单上各人的账上"))
def circulated(_on: date) -> Executable:
    """A circulated statement has one circulation that is done, whose shares moved once each; nothing else moved so."""
    key = (
        literal("circulate:")
        + cast(Circulation.statement_id, String)
        + ":"
        + cast(Share.volunteer_id, String)
    )
    shares = (
        select(Circulation.id, Circulation.statement_id, Circulation.points, Share.points.label("share"))
        .add_columns(Share.agreed_at, Share.volunteer_id, key.label("key"))
        .join(Share, Share.circulation_id == Circulation.id)
        .where(Circulation.state == "done")
        .subquery()
    )
    moved = (
        select(Posting.key, Posting.volunteer_id, Posting.amount)
        .where(Posting.move == "circulate")
        .subquery()
    )
    apart = select(cast(shares.c.key, String), cast(moved.c.key, String), shares.c.share).select_from(
        shares.outerjoin(
            moved,
            and_(
                moved.c.key == shares.c.key,
                moved.c.volunteer_id == shares.c.volunteer_id,
                moved.c.amount == shares.c.share,
            ),
            full=True,
        )
    ).where(or_(shares.c.key.is_(None), moved.c.key.is_(None), shares.c.agreed_at.is_(None)))  # fmt: skip
    total = select(shares.c.id, func.sum(shares.c.share).label("points")).group_by(shares.c.id).subquery()
    sums = (
        select(cast(Circulation.id, String), cast(Circulation.points, String), total.c.points)
        .outerjoin(total, total.c.id == Circulation.id)
        .where(Circulation.state == "done", func.coalesce(total.c.points, 0) != Circulation.points)
    )
    done = exists().where(Circulation.statement_id == Statement.id, Circulation.state == "done")
    states = select(cast(Statement.id, String), Statement.state, Statement.points).where(
        done != (Statement.state == "circulated")
    )
    return union_all(apart, sums, states)


@ledger.invariant("statements.objections", _("核准过的账单没有还没答复的异议"))
def objections(_on: date) -> Executable:
    """What two people have signed waits for no answer."""
    return (
        select(Objection.id, Statement.id, Statement.state)
        .join(Statement, Statement.id == Objection.statement_id)
        .where(Objection.state == "open", Statement.state.in_(FIXED))
    )


@ledger.invariant("statements.carried", _("低于零的账单只从同一商家后面的一张里扣回一次"))
def carried(_on: date) -> Executable:
    """What is below zero was taken off an ended statement of the same partner, which it did not bring to nothing."""
    into = aliased(Statement)
    strange = (
        select(Statement.id, into.id, Statement.points)
        .join(into, into.id == Statement.carried_into)
        .where(
            or_(
                into.partner_id != Statement.partner_id,
                into.ended_at.is_(None),
                Statement.state != "agreed",
                Statement.points >= 0,
            )
        )
    )
    back = (
        select(Statement.carried_into.label("id"), func.sum(Statement.points).label("points"))
        .where(Statement.carried_into.is_not(None))
        .group_by(Statement.carried_into)
        .subquery()
    )
    emptied = (
        select(Statement.id, Statement.id, Statement.points + back.c.points)
        .join(back, back.c.id == Statement.id)
        .where(Statement.points + back.c.points <= 0)
    )
    return union_all(strange, emptied)


def _of(what: ColumnElement[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
    """A sum over rows of the statement that is looked at, zero where there are none."""
    return func.coalesce(select(what).where(*where).correlate(Statement).scalar_subquery(), 0)


def _moved(move: str, which: ColumnElement[bool]) -> ColumnElement[int]:
    return _of(func.sum(Posting.amount), Posting.move == move, which)
