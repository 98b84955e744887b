"""是我, 不是我: of a record that others entered, its person says whether it is theirs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from volunteer import accounts, checkin, clock, events, hours, identity, ledger
from volunteer.appeals.filing import WORDS_MAX, file
from volunteer.appeals.models import Appeal, RecordAnswer
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.hours import ServiceRecord
from volunteer.i18n import _

SAY_WITHIN = timedelta(days=14)
REASON = _("本人说不是自己的")


@events.kind
class Accepted(events.Event):
    record_id: int


@events.kind
class Disowned(events.Event):
    """`taken_out` is False where the points are spent: then the record stays until the auditor has looked."""

    record_id: int
    taken_out: bool


class ByYourself(Refusal):
    code = "record.by_yourself"
    says = _("这条记录是你自己扫码记下的。有不对的地方，请在下面申诉。")


class TooLate(Refusal):
    code = "record.answer_late"
    says = _("别人记的时长，14 天内可以说是不是你。时间过了，请在下面申诉。")


def accept(record: ServiceRecord, *, by: accounts.User) -> RecordAnswer:
    """Say that a record is one's own. Saying it again changes nothing.

    :raises ByYourself, TooLate: nobody else entered it, or more than a fortnight ago
    """
    _refuse(record, by)
    said = db.session.get(RecordAnswer, record.id)
    if said is not None:
        return said
    said = RecordAnswer(record_id=record.id, mine=True, said_at=clock.now())
    db.session.add(said)
    db.session.flush()
    _tell(Accepted(record_id=record.id), record)
    return said


def not_me(record: ServiceRecord, words: str = "", *, by: accounts.User) -> Appeal:
    """Say that it was somebody else: the record leaves the totals at once, its points go back, and the auditor looks.

    Where the points are spent the record stays until then. Saying it again finds the same.

    :raises ByYourself, TooLate: nobody else entered it, or more than a fortnight ago
    """
    said = db.session.get(RecordAnswer, record.id, populate_existing=True)
    if said is not None and not said.mine:
        before = select(Appeal).filter_by(record_id=record.id, kind="not_me").order_by(Appeal.id.desc())
        return db.session.scalars(before).first() or file(
            by, "not_me", str(REASON), record=record, at_once=True
        )
    _refuse(record, by)
    written = identity.free_text(words, WORDS_MAX, lines=True, empty=True) or str(REASON)

    if said is None:
        db.session.add(RecordAnswer(record_id=record.id, mine=False, said_at=clock.now()))
    else:
        said.mine, said.said_at = False, clock.now()
    db.session.flush()
    try:
        with db.session.begin_nested():
            take_out(record, str(REASON), by=by)
    except ledger.Spent:
        db.session.expire_all()
    taken_out = db.session.get_one(ServiceRecord, record.id).state == "reversed"
    _tell(Disowned(record_id=record.id, taken_out=taken_out), record)
    return file(by, "not_me", written, record=record, at_once=True)


def take_out(record: ServiceRecord, reason: str, *, by: accounts.User) -> None:
    """Undo a record, and the stay it came from; what it paid goes back once. Undone already, nothing changes.

    :raises volunteer.ledger.Spent: the points have been used
    """
    kind, _colon, number = record.source.partition(":")
    if kind == "attendance" and number.isdigit():
        stay = db.session.get(checkin.Attendance, int(number), with_for_update=True, populate_existing=True)
        if stay is not None:
            checkin.reverse(stay, reason=reason, by=by)
            return
    hours.reverse(record, reason, by=by.id)


def may_say(record: ServiceRecord) -> bool:
    """Whether its person may still say whose a record is."""
    others = record.recorder_id is not None and record.recorder_id != record.volunteer_id
    return others and record.state != "reversed" and clock.now() - record.recorded_at <= SAY_WITHIN


def _refuse(record: ServiceRecord, by: accounts.User) -> None:
    if record.recorder_id is None or record.recorder_id == by.id:
        raise ByYourself
    if clock.now() - record.recorded_at > SAY_WITHIN:
        raise TooLate


def _tell(event: events.Event, record: ServiceRecord) -> None:
    events.record(
        event,
        about=f"record:{record.id}",
        within=f"service_day:{record.service_day_id}",
        whom=record.volunteer_id,
    )
