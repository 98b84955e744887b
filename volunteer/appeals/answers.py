"""An appeal is answered by the community, and a second time by the auditor; each says what came of it and why."""

from __future__ import annotations

from volunteer import accounts, clock, events, hours, identity, notices
from volunteer.appeals.filing import LINK, WORDS_MAX, due, name, tell
from volunteer.appeals.models import Appeal
from volunteer.appeals.ownership import take_out
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.hours import ServiceRecord
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

OUTCOMES: dict[str, Sentence] = {
    "upheld": _("成立"),
    "dismissed": _("不成立"),
    "redirected": _("转给主管部门"),
}


@events.kind
class AppealAnswered(events.Event):
    appeal_id: int
    outcome: str


@events.kind
class AppealEscalated(events.Event):
    appeal_id: int


@events.kind
class AppealEnded(events.Event):
    """The auditor's answer; nothing comes after it."""

    appeal_id: int
    outcome: str


@events.kind
class AppealWithdrawn(events.Event):
    appeal_id: int


class HandInIt(Refusal):
    code = "appeal.own"
    says = _("自己的申诉，或自己经手、带队的那一场，要由别人来答复。")
    who = _("请社区或街道的另一位工作人员帮你看一下。")


class NotWaiting(Refusal):
    code = "appeal.not_waiting"
    says = _("这条申诉现在没有等着这一步。")


class NoOutcome(Refusal):
    code = "appeal.outcome"
    status = 422
    says = _("请选一个结果：成立、不成立，或者转给主管部门。")


class CannotUndo(Refusal):
    code = "appeal.undo"
    status = 422
    says = _("要撤销记录，结果得是成立，而且这条记录还在。")


def answer(appeal: Appeal, outcome: str, words: str, *, by: accounts.User, undo: bool = False) -> Appeal:
    """Answer, with the reason; upheld, the record it is about may be undone at once: its person asked, another agreed.

    :raises NotWaiting: it has been answered, or taken back
    :raises HandInIt: whose it is, who recorded it or who led that day does not answer
    :raises NoOutcome, CannotUndo: the result is missing, or does not go with undoing the record
    :raises volunteer.ledger.Spent: what the record paid has been used; nothing is answered then
    """
    if appeal.state != "filed":
        raise NotWaiting
    record = db.session.get(ServiceRecord, appeal.record_id) if appeal.record_id else None
    _refuse_hand(appeal, record, by)
    if outcome not in OUTCOMES:
        raise NoOutcome
    if undo and (outcome != "upheld" or record is None or record.state == "reversed"):
        raise CannotUndo
    written = identity.free_text(words, WORDS_MAX, lines=True)

    if undo and record is not None:
        take_out(record, written[:200], by=by)
    appeal.outcome, appeal.answer = outcome, written
    appeal.answered_by, appeal.answered_at, appeal.state = by.id, clock.now(), "answered"
    db.session.flush()

    tell(AppealAnswered(appeal_id=appeal.id, outcome=outcome), appeal)
    said = _("你的申诉有了答复（{outcome}）：{answer}", outcome=OUTCOMES[outcome], answer=written)
    notices.send(appeal.volunteer_id, said, key=f"{name(appeal)}:answered", link=LINK)
    return appeal


def escalate(appeal: Appeal, words: str) -> Appeal:
    """Ask the auditor to look again, once; asking again changes nothing.

    :raises NotWaiting: there is no answer yet to disagree with
    """
    if appeal.state == "escalated":
        return appeal
    if appeal.state != "answered":
        raise NotWaiting
    appeal.escalation = identity.free_text(words, WORDS_MAX, lines=True)
    appeal.escalated_at, appeal.due_on, appeal.state = clock.now(), due(), "escalated"
    db.session.flush()
    tell(AppealEscalated(appeal_id=appeal.id), appeal)
    return appeal


def finish(appeal: Appeal, outcome: str, words: str, *, by: accounts.User) -> Appeal:
    """Give the auditor's answer. It says what is right; the office puts the record right by its own tools.

    :raises NotWaiting: it is not the auditor's turn
    :raises HandInIt: whose it is, or who answered before
    :raises NoOutcome: the result is missing
    """
    if appeal.state != "escalated":
        raise NotWaiting
    record = db.session.get(ServiceRecord, appeal.record_id) if appeal.record_id else None
    _refuse_hand(appeal, record, by)
    if by.id == appeal.answered_by:
        raise HandInIt
    if outcome not in OUTCOMES:
        raise NoOutcome
    written = identity.free_text(words, WORDS_MAX, lines=True)

    appeal.final_outcome, appeal.final_answer = outcome, written
    appeal.final_by, appeal.final_at, appeal.state = by.id, clock.now(), "final"
    db.session.flush()

    tell(AppealEnded(appeal_id=appeal.id, outcome=outcome), appeal)
    said = _("审计看过你的申诉（{outcome}）：{answer}", outcome=OUTCOMES[outcome], answer=written)
    notices.send(appeal.volunteer_id, said, key=f"{name(appeal)}:final", link=LINK)
    if appeal.answered_by is not None and outcome == "upheld":
        told = _("你答复过的一条申诉，审计认为成立，请更正：{answer}", answer=written)
        notices.send(appeal.answered_by, told, key=f"{name(appeal)}:final", link="/office/appeals")
    return appeal


def withdraw(appeal: Appeal) -> Appeal:
    """Take an appeal back before it is answered; again changes nothing.

    :raises NotWaiting: it has been answered, or the auditor has it
    """
    if appeal.state == "withdrawn":
        return appeal
    if appeal.state != "filed":
        raise NotWaiting
    appeal.state = "withdrawn"
    db.session.flush()
    tell(AppealWithdrawn(appeal_id=appeal.id), appeal)
    return appeal


def _refuse_hand(appeal: Appeal, record: ServiceRecord | None, by: accounts.User) -> None:
    if by.id == appeal.volunteer_id or (record is not None and by.id == record.recorder_id):
        raise HandInIt
    day = db.session.get(ServiceDay, appeal.service_day_id) if appeal.service_day_id else None
    if day is not None and hours.leads(by, day):
        raise HandInIt
