"""What must always be true of the books themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from volunteer import accounts, chain
from volunteer.community import Area
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger import chart, latecomers, rollups, seals
from volunteer.ledger.figures import DayMoved, MonthMoved
from volunteer.ledger.guards import UNKEPT
from volunteer.ledger.inspection import examples, invariant
from volunteer.ledger.models import Adjustment, Balance, MonthClose, Posting

#: Moves that send back what another brought; those that may come home to a later purse.
BACK = ("reversal", "release", "unredeem", "surplus_back", "ungive", "ungive_surplus")
LATER = ("release",)


@invariant("ledger.two_ends", _("每一笔有不同的来处和去处，数目大于零"))
def two_ends(on: date) -> Executable:
    """Every posting has two different ends and a positive amount."""
    return select(Posting.id, Posting.source, Posting.target, Posting.amount).where(
        or_(Posting.source == Posting.target, Posting.amount <= 0)
    )


@invariant("ledger.moves", _("每一笔都是清单上允许的走法"))
def moves(on: date) -> Executable:
    """Every posting is a move on the list, between addresses that it allows."""
    listed: list[ColumnElement[bool]] = [
        and_(
            Posting.move == move,
            Posting.source.startswith(source, autoescape=True),
            Posting.target.startswith(target, autoescape=True),
        )
        for move, (source, target) in chart.MOVES.items()
    ]
    return select(Posting.id, Posting.move, Posting.source, Posting.target).where(not_(or_(*listed)))


@invariant("ledger.addresses", _("每个地址都写得对"))
def addresses(on: date) -> Iterator[str]:
    """Every address is one of ours, well written."""
    ends = union(select(Posting.source), select(Posting.target), select(Balance.address))
    for (address,) in db.session.execute(ends):
        if chart.parse(address) is None:
            yield address


@invariant("ledger.floor", _("没有哪个积分包、券或商户的余额低于零"))
def floor(on: date) -> Executable:
    """No purse, held or partner address is below zero."""
    return select(Balance.address, Balance.amount).where(Balance.amount < 0)


@invariant("ledger.balances", _("每个余额都等于各笔相加，不多也不少"))
def balances(on: date) -> Executable:
    """Every kept balance equals the sum of its postings; none is missing and none stands without them."""
    ends = union_all(
        select(Posting.target.label("address"), Posting.amount.label("amount")),
        select(Posting.source.label("address"), (-Posting.amount).label("amount")),
    ).subquery()
    sums = (
        select(ends.c.address, func.sum(ends.c.amount).label("amount"))
        .where(not_(ends.c.address.startswith(UNKEPT, autoescape=True)))
        .group_by(ends.c.address)
        .subquery()
    )
    wrong = (
        select(sums.c.address, Balance.amount.label("kept"), sums.c.amount.label("sum"))
        .outerjoin(Balance, Balance.address == sums.c.address)
        .where(or_(Balance.address.is_(None), Balance.amount != sums.c.amount))
    )
    extra = (
        select(Balance.address, Balance.amount.label("kept"), sums.c.amount.label("sum"))
        .outerjoin(sums, sums.c.address == Balance.address)
        .where(sums.c.address.is_(None))
    )
    both = union_all(wrong, extra).subquery()
    return select(both)


@invariant("ledger.awards", _("每笔服务积分只有一行，并带着算法"))
def awards(on: date) -> Executable:
    """Every award is one posting under a key of its own and carries its formula."""
    formula = Posting.why["formula"]["points"].as_integer()
    return select(Posting.key, Posting.line, Posting.amount).where(
        Posting.move == "award",
        or_(Posting.line != 0, formula.is_(None), formula != Posting.amount),
    )


@invariant("ledger.lines", _("同一编号的几行连着，属于同一个人、同一件事"))
def lines(on: date) -> Executable:
    """The lines of a transfer run from 0 without a gap, and are one move of one person."""
    whose = func.coalesce(Posting.volunteer_id, 0)
    return (
        select(Posting.key, func.count(), func.min(Posting.line), func.max(Posting.line))
        .group_by(Posting.key)
        .having(
            or_(
                func.min(Posting.line) != 0,
                func.max(Posting.line) != func.count() - 1,
                func.count(func.distinct(Posting.line)) != func.count(),
                func.count(func.distinct(Posting.move)) != 1,
                func.count(func.distinct(whose)) != 1,
            )
        )
    )


@invariant("ledger.holders", _("积分包的进出都记在主人名下"))
def holders(on: date) -> Executable:
    """Points in and out of a purse are written down for the person it belongs to, those that can only be given too."""
    return union_all(*(_strangers(kind) for kind in ("volunteer:", "surplus:")))


def _strangers(kind: str) -> Select[int, int | None, str]:
    purse = case((Posting.source.startswith(kind), Posting.source), else_=Posting.target)
    his = literal(kind) + cast(Posting.volunteer_id, String) + ":%"
    return select(Posting.id, Posting.volunteer_id, purse.label("purse")).where(
        or_(Posting.source.startswith(kind), Posting.target.startswith(kind)),
        or_(Posting.volunteer_id.is_(None), not_(purse.like(his))),
    )


@invariant("ledger.gifts", _("转给家人的积分全数到了家人手里"))
def gifts(on: date) -> Executable:
    """Nothing stays on the way from one of a household to another."""
    return select(Balance.address, Balance.amount).where(
        Balance.address.startswith("gift:"), Balance.amount != 0
    )


@invariant("ledger.past_months", _("从没有用过已经到期的积分"))
def past_months(on: date) -> Executable:
    """Nothing was ever claimed or given from a purse whose month was past."""
    month = func.substr(Posting.source, func.length(Posting.source) - 6)
    return select(Posting.id, Posting.source, Posting.on).where(
        Posting.move.in_(("claim", "give", "give_surplus", "gift_out")),
        month < func.substr(cast(Posting.on, String), 1, 7),
    )


@invariant("ledger.reversed_once", _("每一笔最多退回一次"))
def reversed_once(on: date) -> Executable:
    """A posting is reversed at most once."""
    return (
        select(Posting.reverses_id, func.count())
        .where(Posting.reverses_id.is_not(None))
        .group_by(Posting.reverses_id)
        .having(func.count() > 1)
    )


@invariant("ledger.reversals", _("退回的数目和原来一样，按原路回去"))
def reversals(on: date) -> Executable:
    """A reversal copies the amount of what it reverses and goes from where that went; home, or to a later purse."""
    first = aliased(Posting)
    return (
        select(Posting.id, Posting.reverses_id, Posting.amount, first.amount)
        .outerjoin(first, first.id == Posting.reverses_id)
        .where(
            or_(
                and_(Posting.move.in_(BACK), Posting.reverses_id.is_(None)),
                and_(
                    Posting.reverses_id.is_not(None),
                    or_(
                        first.id.is_(None),
                        first.amount != Posting.amount,
                        first.target != Posting.source,
                        and_(Posting.move.not_in(LATER), first.source != Posting.target),
                    ),
                ),
            )
        )
    )


@invariant("ledger.adjustments", _("手工调整都有人提出、另一人同意，数目一分不差"))
def adjusted(on: date) -> Executable:
    """Every adjustment that is done moved exactly its points once, and nothing else moved that way."""
    moves = ("adjustment", "deduction")
    key = literal("adjustment:") + cast(Adjustment.id, String)
    way = case((Adjustment.points > 0, moves[0]), else_=moves[1])
    moved = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .where(Posting.key == key, Posting.move == way, Posting.volunteer_id == Adjustment.volunteer_id)
        .correlate(Adjustment)
        .scalar_subquery()
    )
    due = case((Adjustment.state == "done", func.abs(Adjustment.points)), else_=0)
    wrong = select(cast(Adjustment.id, String), moved).where(moved != due)
    known = select(Adjustment.id).where(key == Posting.key, Adjustment.state == "done")
    stray = select(Posting.key, Posting.amount).where(Posting.move.in_(moves), ~known.exists())
    return union_all(wrong, stray)


@invariant("audit.chain", _("账本和审计记录封存以后没有改动过"))
def chained(on: date) -> list[chain.Break]:
    """Every row of the books and the trail is as it was sealed; each break names its first row."""
    return chain.verify()


@invariant("ledger.seals", _("封存的每一天都没有改动过"))
def sealed(on: date) -> list[str]:
    """The hash chain over the sealed days verifies."""
    return seals.verify()


@invariant("ledger.closed_months", _("结了账的月份，一笔也没有再记进去"))
def closed_months(on: date) -> Iterator[str]:
    """Nothing was booked into a month after it was closed, neither by its moment nor by its number."""
    for made in db.session.scalars(select(MonthClose).order_by(MonthClose.month)):
        books = json.loads(made.summary)["books"]
        late = latecomers.booked_after(made.month, made.last_id) - books["after_the_seal"]
        slipped = latecomers.written(books["after_id"], made.last_id) - books["postings"]
        if late or slipped:
            yield f"{made.month} {late} {slipped}"


@invariant("ledger.figures", _("看板用的积分汇总等于各笔相加"))
def figures(on: date) -> Iterator[str]:
    """The sums that dashboards read are the sums of the postings they cover."""
    covered = and_(Posting.id <= rollups.rolled_to(), Posting.area_path.is_not(None))
    rolled = union_all(
        select(Posting.move, Posting.on, Posting.area_path, func.sum(Posting.amount).label("amount"))
        .where(covered)
        .group_by(Posting.move, Posting.on, Posting.area_path),
        select(DayMoved.move, DayMoved.on, DayMoved.area_path, -DayMoved.amount),
    ).subquery()
    days = (
        select(cast(rolled.c.move, String), cast(rolled.c.on, String), cast(rolled.c.area_path, String))
        .group_by(rolled.c.move, rolled.c.on, rolled.c.area_path)
        .having(func.sum(rolled.c.amount) != 0)
    )
    month = rollups.month_of(DayMoved.on)
    levels = union_all(
        select(Area.path.label("path"), month.label("month"), DayMoved.move, DayMoved.amount).join_from(
            DayMoved, Area, DayMoved.area_path.startswith(Area.path)
        ),
        select(MonthMoved.area_path, MonthMoved.month, MonthMoved.move, -MonthMoved.amount),
    ).subquery()
    months = (
        select(cast(levels.c.move, String), cast(levels.c.month, String), cast(levels.c.path, String))
        .group_by(levels.c.move, levels.c.month, levels.c.path)
        .having(func.sum(levels.c.amount) != 0)
    )
    return examples(union_all(days, months))


@invariant("accounts.figures", _("看板用的注册人数等于账号逐个相加"))
def registered(on: date) -> Iterator[str]:
    """The people that dashboards count are the accounts there are; those that have just changed are counted anew."""
    kept, redo = accounts.figures.MonthRegistered, accounts.figures.Redo
    sums = accounts.rollups.sums(accounts.rollups.rolled_until()).subquery()
    both = union_all(
        select(sums.c.path.label("path"), sums.c.month.label("month"), sums.c.people.label("people")),
        select(kept.area_path, kept.month, -kept.people),
    ).subquery()
    return examples(
        select(both.c.path, both.c.month)
        .where(~select(redo.id).exists())
        .group_by(both.c.path, both.c.month)
        .having(func.sum(both.c.people) != 0)
    )
