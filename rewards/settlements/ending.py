"""What becomes of an agreed statement: paid outside of here, or circulated (`circulating`). No money moves in here.

One below zero is never paid. It is taken off the next that is: until then it says “下月扣回”.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement, func, select, update

from rewards.settlements.models import Circulation, Statement
from volunteer import accounts, clock, events, identity, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

REFERENCE_MAX = 100
ENDS = ("paid", "circulated")


@events.kind
class Paid(events.Event):
    statement_id: int
    partner_id: int
    points: int


class NotAgreed(Refusal):
    code = "statement.not_agreed"
    says = _("这份账单还没有核准，核准以后才能办。")


class EndedAlready(Refusal):
    code = "statement.ended"
    says = _("这份账单已经办完了，是另一位同事办的。")


class NothingDue(Refusal):
    code = "statement.nothing_due"
    says = _("扣回以后没有要付的（{due} 分），从后面的账单里接着扣。")


class CirculationWaits(Refusal):
    code = "statement.circulation_waits"
    says = _("商家提了把一部分积分转给自己的志愿者，先同意或者退回那一份，再来办。")


def due(statement: Statement) -> int:
    """Return how many points a statement comes to, less the earlier ones below zero that nothing was taken off for."""
    if statement.points <= 0:
        return statement.points
    ended = (Statement.carried_into == statement.id,)
    which = ended if statement.state in ENDS else _carried(statement.partner_id)
    return statement.points + int(
        db.session.scalar(select(func.coalesce(func.sum(Statement.points), 0)).where(*which)) or 0
    )


def pay(statement: Statement, reference: str, by: accounts.User) -> Statement:
    """Note that a statement was paid outside of here. The same note again changes nothing.

    :raises NotAgreed: two people have not signed it yet
    :raises EndedAlready: somebody was faster
    :raises NothingDue: it is below zero, or what is taken off it leaves nothing
    :raises CirculationWaits: the partner has proposed something else
    """
    reference = identity.free_text(reference, REFERENCE_MAX)
    if statement.state == "paid" and statement.reference == reference:
        return statement
    refuse_ended(statement)
    if db.session.scalar(select(Circulation.id).filter_by(statement_id=statement.id, state="open")):
        raise CirculationWaits

    points = end(statement, "paid", by, reference)

    managers = accounts.holders("partner_manager", partner_id=statement.partner_id)
    notices.send_many(
        [manager.id for manager in managers],
        _("{month|month} 的账单记为已付：{reference}", month=statement.month, reference=reference),
        key=f"statement:{statement.id}:paid",
        link=f"/partners/{statement.partner_id}/statements/{statement.month}",
    )
    events.record(
        Paid(statement_id=statement.id, partner_id=statement.partner_id, points=points),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return statement


def refuse_ended(statement: Statement) -> None:
    """:raises NotAgreed: before it is agreed
    :raises EndedAlready: after it is paid or circulated
    """
    if statement.state in ENDS:
        raise EndedAlready
    if statement.state != "agreed":
        raise NotAgreed


def end(
    statement: Statement, how: Literal["paid", "circulated"], by: accounts.User, reference: str | None = None
) -> int:
    """End a statement, take off it what was below zero before, and return what it came to.

    :raises NothingDue: that is nothing
    """
    # Taken by the update itself, so that of two statements ended at once only one takes it off.
    taking = (
        update(Statement)
        .where(*_carried(statement.partner_id), Statement.id != statement.id)
        .values(carried_into=statement.id)
        .returning(Statement.points)
        .execution_options(synchronize_session=False)
    )
    points = statement.points
    if points > 0:
        points += sum(db.session.scalars(taking).all())
    if points <= 0:
        raise NothingDue(due=points)
    statement.state, statement.ended_by, statement.ended_at = how, by.id, clock.now()
    statement.reference = reference
    db.session.flush()
    return points


def _carried(partner_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Statement.partner_id == partner_id,
        Statement.state == "agreed",
        Statement.points < 0,
        Statement.carried_into.is_(None),
    )
