"""What must always be true of what people say about their records."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, select

from volunteer import hours, ledger
from volunteer.appeals.models import Appeal, RecordAnswer
from volunteer.i18n import _


@ledger.invariant("appeals.disowned", _("本人说不是自己的记录，不在合计里，或审计还在看"))
def disowned(on: date) -> Executable:
    """A record its person disowned is undone; where its points were spent, an appeal says so."""
    record = hours.ServiceRecord
    told = select(Appeal.id).where(Appeal.record_id == record.id, Appeal.kind == "not_me").exists()
    return (
        select(record.id, record.state)
        .join(RecordAnswer, RecordAnswer.record_id == record.id)
        .where(RecordAnswer.mine.is_(False), record.state != "reversed", ~told)
    )
