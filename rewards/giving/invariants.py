"""What must always be true of gifts and the points behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Executable, String, and_, case, cast, func, literal, or_, select, union_all

from rewards.giving.family import MONTH_MAX
from rewards.giving.models import FamilyGift, Gift, Project
from volunteer import ledger
from volunteer.i18n import _
from volunteer.ledger import Posting


@ledger.invariant("giving.postings", _("每一笔捐赠的积分进出和它的记录相符，撤回的全数退回"))
def postings(_on: date) -> Executable:
    """Every gift moved exactly its points to its project, those above the caps apart; one taken back moved them back."""
    address = literal("programme:given:") + cast(Gift.project_id, String)
    here = Posting.volunteer_id == Gift.volunteer_id
    moved = {
        move: _sum(
            Posting.key == literal(key) + cast(Gift.id, String) + tail, Posting.move == move, here, end
        )
        for move, key, tail, end in (
            ("give", "give:", "", Posting.target == address),
            ("give_surplus", "give:", ":surplus", Posting.target == address),
            ("ungive", "ungive:", "", Posting.source == address),
            ("ungive_surplus", "ungive:", ":surplus", Posting.source == address),
        )
    }
    from_purses = Gift.points - Gift.from_surplus
    back = case((Gift.undone_at.is_(None), 0), else_=1)
    return select(Gift.id, Gift.points, *moved.values()).where(
        or_(
            moved["give"] != from_purses,
            moved["give_surplus"] != Gift.from_surplus,
            moved["ungive"] != from_purses * back,
            moved["ungive_surplus"] != Gift.from_surplus * back,
        )
    )


@ledger.invariant("giving.projects", _("项目收到的积分等于各笔捐赠相加"))
def projects(_on: date) -> Executable:
    """What is at a project's address is the sum of its gifts that stand; so is what a project that ends at its goal
    counts."""
    address = literal("programme:given:") + cast(Project.id, String)
    there = _sum(Posting.target == address) - _sum(Posting.source == address)
    stand = (
        select(func.coalesce(func.sum(Gift.points), 0))
        .where(Gift.project_id == Project.id, Gift.undone_at.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    wrong = select(cast(Project.id, String), there, stand, Project.filled).where(
        or_(there != stand, and_(Project.stops_at_goal, Project.filled != stand))
    )
    ends = union_all(
        select(Posting.target.label("address")).where(Posting.move.in_(("give", "give_surplus"))),
        select(Posting.source.label("address")).where(Posting.move.in_(("ungive", "ungive_surplus"))),
    ).subquery()
    nobodys = select(ends.c.address, literal(0), literal(0), literal(0)).where(
        ~select(Project.id).where(address == ends.c.address).exists()
    )
    return union_all(wrong, nobodys)


@ledger.invariant("giving.family", _("转给家人的积分，出去多少就到了多少；撤回的全数退回"))
def family(_on: date) -> Executable:
    """Every gift of family left the giver's purses and came to the receiver's, and went back if it was taken back."""
    way = literal("gift:") + cast(FamilyGift.id, String)

    def moved(key: str, whose: Any, end: Any) -> Any:
        return _sum(
            Posting.key == literal(key) + cast(FamilyGift.id, String), Posting.volunteer_id == whose, end
        )

    out = moved("gift_out:", FamilyGift.giver_id, Posting.target == way)
    into = moved("gift_in:", FamilyGift.receiver_id, Posting.source == way)
    back_out = moved("gift_back_out:", FamilyGift.receiver_id, Posting.target == way)
    back_in = moved("gift_back_in:", FamilyGift.giver_id, Posting.source == way)
    back = case((FamilyGift.undone_at.is_(None), 0), else_=FamilyGift.points)
    wrong = select(way, out, into, back_out, back_in).where(
        or_(out != FamilyGift.points, into != FamilyGift.points, back_out != back, back_in != back)
    )
    stray = select(Posting.key, Posting.amount, literal(0), literal(0), literal(0)).where(
        Posting.move == "gift_out", ~select(FamilyGift.id).where(way == Posting.target).exists()
    )
    return union_all(wrong, stray)


@ledger.invariant("giving.limits", _("一个月转给家人的、从家人收的，都不超过上限"))
def limits(_on: date) -> Executable:
    """Nobody gave more to family in a month than one may, and nobody was given more."""
    sides = [
        select(side, FamilyGift.month, func.sum(FamilyGift.points))
        .where(FamilyGift.undone_at.is_(None))
        .group_by(side, FamilyGift.month)
        .having(func.sum(FamilyGift.points) > MONTH_MAX)
        for side in (FamilyGift.giver_id, FamilyGift.receiver_id)
    ]
    return union_all(*sides)


@ledger.invariant("giving.strays", _("没有哪一笔捐出的积分找不到捐赠记录"))
def strays(_on: date) -> Executable:
    """No points were given under the name of a gift that is not there, and none twice."""
    moves = ("give", "give_surplus", "ungive", "ungive_surplus")
    names = [
        literal(key) + cast(Gift.id, String) + tail
        for key in ("give:", "ungive:")
        for tail in ("", ":surplus")
    ]
    known = select(Gift.id).where(or_(*(name == Posting.key for name in names)))
    return select(Posting.id, Posting.key, Posting.amount).where(Posting.move.in_(moves), ~known.exists())


def _sum(*where: Any) -> Any:
    whole = select(func.coalesce(func.sum(Posting.amount), 0)).where(*where)
    return whole.correlate(Gift, Project, FamilyGift).scalar_subquery()
