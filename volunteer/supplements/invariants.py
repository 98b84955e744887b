"""What must always be true of late hours."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, String, and_, cast, literal, or_, select

from volunteer import hours, ledger
from volunteer.i18n import _
from volunteer.supplements.models import Supplement


@ledger.invariant("supplements.recorded", _("办完的补录有一条 C 级记录，没办完的没有"))
def recorded(on: date) -> Executable:
    """Late hours in force have a record of their minutes; what was not agreed to, or overtaken, has none that stands."""
    record = hours.ServiceRecord
    made = and_(record.source == literal("supplement:") + cast(Supplement.id, String))
    return (
        select(Supplement.id, Supplement.state, record.id)
        .outerjoin(record, made)
        .where(
            or_(
                and_(
                    Supplement.state == "effective",
                    or_(
                        record.id.is_(None), record.minutes != Supplement.minutes, record.grade != "C",
                        record.volunteer_id != Supplement.volunteer_id,
                    ),
                ),
                and_(Supplement.state != "effective", record.state != "reversed"),
            )
        )
    )  # fmt: skip
