"""Before it confirms a statement, the partner says that a line is wrong or a voucher missing, and the office answers.

A line that was wrong leaves the statement, its voucher ends and the points are back in the purses they left: a voucher
that is used stays on exactly one statement. The partner confirms anew what has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from rewards.partners import Partner, hands
from rewards.settlements import drawing
from rewards.settlements.decisions import OwnDispute
from rewards.settlements.models import Objection, Statement, StatementLine
from rewards.vouchers import Dispute, Voucher, disputes
from volunteer import access, accounts, clock, events, identity, notices, service_days
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

ANSWER_WITHIN = 5  # working days
WORDS_MAX = 200
SHOWN_MAX = 100


@events.kind
class Objected(events.Event):
    statement_id: int
    partner_id: int


@events.kind
class ObjectionAnswered(events.Event):
    """`outcome` is stands or changed."""

    statement_id: int
    partner_id: int
    outcome: str


class NotDraft(Refusal):
    code = "statement.not_draft"
    says = _("账单确认以后就不能再提异议了。")
    who = _("还有出入，请直接和社区工作人员说。")


class NoSuchLine(Refusal):
    code = "statement.no_such_line"
    status = 422
    says = _("这份账单上没有 {number} 号券，请看一看下载的表格第一列。")


class AnsweredAlready(Refusal):
    code = "objection.answered"
    says = _("这处异议已经答复过了。")


class OwnObjection(Refusal):
    code = "objection.own"
    status = 403
    says = _("自己提的异议，要请另一位同事来答复。")


class NothingMissing(Refusal):
    code = "objection.nothing_missing"
    says = _("系统里没有可以补上的券：用掉的都在账单上了，或者还在核实。请写明原因，答复“没有改动”。")


def object_to(
    statement: Statement, words: str, by: accounts.User, *, voucher_id: int | None = None
) -> Objection:
    """Say that a line is wrong, or without a voucher that one is missing. While it waits, again finds the same.

    Whoever calls has locked the statement, so that it is not confirmed, agreed or drawn meanwhile.

    :raises NotDraft: the partner has confirmed it
    :raises NoSuchLine: the voucher is not on this statement
    """
    waits = select(Objection).filter_by(statement_id=statement.id, voucher_id=voucher_id, state="open")
    known = db.session.scalar(waits)
    if known is not None:
        return known
    if statement.state != "draft":
        raise NotDraft
    words = identity.free_text(words, WORDS_MAX)
    line = select(StatementLine.id).filter_by(statement_id=statement.id, voucher_id=voucher_id)
    if voucher_id is not None and db.session.scalar(line) is None:
        raise NoSuchLine(number=voucher_id)

    objection = Objection(
        statement_id=statement.id, voucher_id=voucher_id, partner_id=statement.partner_id,
        area_path=statement.area_path, said=words, said_by=by.id, said_at=clock.now(),
        due_on=service_days.working_day(clock.today(), ANSWER_WITHIN), state="open",
    )  # fmt: skip
    db.session.add(objection)
    db.session.flush()
    _tell(
        objection,
        statement,
        _(
            "{month|month} 账单的异议收到了，社区 {due|date} 前答复。",
            month=statement.month,
            due=objection.due_on,
        ),
    )
    events.record(
        Objected(statement_id=statement.id, partner_id=statement.partner_id),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return objection


def answer(objection: Objection, note: str, by: accounts.User, *, changed: bool) -> Objection:
    """Let the statement stand, or change it: the line comes off, or what was missing goes on.

    :raises AnsweredAlready: somebody was faster, or the holder of the voucher disputed it meanwhile
    :raises OwnObjection: they said it themselves
    :raises HandInIt: the partner is theirs
    :raises OwnDispute: the voucher is theirs, or they redeemed it
    :raises NothingMissing: there is no voucher that could go on it
    """
    if objection.state != "open":
        raise AnsweredAlready
    if objection.said_by == by.id:
        raise OwnObjection
    if hands.theirs(db.session.get_one(Partner, objection.partner_id), by.id):
        raise hands.HandInIt
    note = identity.free_text(note, WORDS_MAX)

    objection.state = "changed" if changed else "stands"
    objection.answer, objection.answered_by, objection.answered_at = note, by.id, clock.now()
    db.session.flush()
    statement = db.session.get_one(Statement, objection.statement_id)
    if not changed:
        said = _("{month|month} 账单的异议核实过了，没有改动：{note}", month=statement.month, note=note)
    elif objection.voucher_id is None:
        _put_on(statement)
        said = _(
            "{month|month} 的账单补上了漏掉的券：{note} 请重新核对后确认。", month=statement.month, note=note
        )
    else:
        _take_off(objection, objection.voucher_id, by)
        said = _(
            "{month|month} 的账单拿下了你们说的那一张：{note} 请重新核对后确认。",
            month=statement.month,
            note=note,
        )
    _tell(objection, statement, said)
    events.record(
        ObjectionAnswered(
            statement_id=statement.id, partner_id=statement.partner_id, outcome=objection.state
        ),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return objection


def of_statement(statement: Statement) -> Sequence[Any]:
    """Return what was said of a statement, latest first: the objection, and the title of its voucher if it names one."""
    return db.session.execute(
        select(Objection, Voucher.title)
        .outerjoin(Voucher, Voucher.id == Objection.voucher_id)
        .where(Objection.statement_id == statement.id)
        .order_by(Objection.id.desc())
        .limit(SHOWN_MAX)
    ).all()


def waiting() -> Sequence[Any]:
    """Return what waits for an answer within reach, oldest first: objection, month, partner's name."""
    found = (
        select(Objection, Statement.month, Partner.name.label("partner"))
        .join(Statement, Statement.id == Objection.statement_id)
        .join(Partner, Partner.id == Objection.partner_id)
        .where(waits())
        .order_by(Objection.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(found).all()


def waits() -> ColumnElement[bool]:
    """The condition on an objection: it waits for an answer within reach."""
    return and_(Objection.state == "open", access.covered(Objection, "statement.agree"))


def _take_off(objection: Objection, voucher_id: int, by: accounts.User) -> None:
    """The line comes off, and the voucher gives its points back: what is used would have to stand on a statement."""
    drawing.take_off(voucher_id, objection.partner_id, disputed=False)
    voucher = db.session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    if by.id in (voucher.volunteer_id, voucher.redeemed_by):
        raise OwnDispute
    if not disputes.give_back(voucher, _("商家对账时说核错了，社区核实了"), reason="statement.objected"):
        raise AnsweredAlready
    # Where the holder said the same just now, nobody else has to decide.
    db.session.execute(
        update(Dispute)
        .where(Dispute.voucher_id == voucher_id, Dispute.state == "open")
        .values(state="upheld", decided_by=by.id, decided_at=clock.now(), note=objection.answer)
    )
    notices.send(
        voucher.volunteer_id,
        _(
            "“{title}”商家说核错了，社区核实过，{points} 分退回来了。",
            title=voucher.title,
            points=voucher.points,
        ),
        key=f"objection:{objection.id}",
        link=f"/vouchers/{voucher.id}",
    )


def _put_on(statement: Statement) -> None:
    """What is used and on no statement yet goes on this one."""
    db.session.get_one(Partner, statement.partner_id, with_for_update=True)
    statement = db.session.get_one(Statement, statement.id, with_for_update=True, populate_existing=True)
    statement.state, statement.confirmed_by = "draft", None
    db.session.flush()
    if not drawing.draw_one(statement.partner_id, statement.month):
        raise NothingMissing


def _tell(objection: Objection, statement: Statement, text: Sentence) -> None:
    managers = accounts.holders("partner_manager", partner_id=objection.partner_id)
    notices.send_many(
        [manager.id for manager in managers],
        text,
        key=f"objection:{objection.id}:{objection.state}",
        link=f"/partners/{objection.partner_id}/statements/{statement.month}#objections",
    )
