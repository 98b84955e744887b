"""The partner confirms its statement, a second person agrees to it; then what was owed is settled."""

from __future__ import annotations

from sqlalchemy import func, select

from rewards.settlements.models import FIXED, Objection, Statement, StatementLine
from volunteer import accounts, events, ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Confirmed(events.Event):
    statement_id: int
    partner_id: int


@events.kind
class Agreed(events.Event):
    statement_id: int
    partner_id: int
    points: int


class NotConfirmed(Refusal):
    code = "statement.not_confirmed"
    says = _("这份账单要先由商家确认。")


class ObjectionOpen(Refusal):
    code = "statement.objection_open"
    says = _("商家对这份账单有 {count} 处异议还没有答复，先答复再核准。")


class SamePerson(Refusal):
    code = "statement.same_person"
    status = 403
    says = _("确认和核准要由两个人来办。")
    who = _("请另一位同事核准。")


def confirm(statement: Statement, by: accounts.User) -> Statement:
    """The partner says the figures are right. Saying it again changes nothing."""
    if statement.state != "draft":
        return statement

    statement.state, statement.confirmed_by = "confirmed", by.id
    db.session.flush()

    events.record(
        Confirmed(statement_id=statement.id, partner_id=statement.partner_id),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return statement


def agree(statement: Statement, by: accounts.User) -> Statement:
    """The office agrees, and the points the partner was owed are settled.

    :raises NotConfirmed: before the partner has looked
    :raises SamePerson: whoever confirmed cannot agree as well
    :raises ObjectionOpen: the partner waits for an answer about it
    """
    if statement.state in FIXED:
        return statement
    if statement.state == "draft":
        raise NotConfirmed
    if statement.confirmed_by == by.id:
        raise SamePerson
    waits = select(func.count()).where(Objection.statement_id == statement.id, Objection.state == "open")
    if count := db.session.scalar(waits):
        raise ObjectionOpen(count=count)

    statement.state, statement.agreed_by = "agreed", by.id
    db.session.flush()
    # What is clawed back on it came from what was settled before, so the books settle the lines alone.
    owed = db.session.scalar(
        select(func.coalesce(func.sum(StatementLine.points), 0)).where(
            StatementLine.statement_id == statement.id
        )
    )
    if owed:
        ledger.transfer(
            (ledger.chart.owed(statement.partner_id), ledger.chart.SETTLED, int(owed)),
            move="settle",
            key=f"settle:{statement.id}",
            area_path=statement.area_path,
        )

    events.record(
        Agreed(statement_id=statement.id, partner_id=statement.partner_id, points=statement.points),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return statement
