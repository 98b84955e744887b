"""An appeal is filed: about a record, a day, or how somebody was treated."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import select

from volunteer import accounts, clock, events, identity, photos, service_days
from volunteer.appeals.models import Appeal
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.hours import ServiceRecord
from volunteer.service_days import ServiceDay

Kind = Literal["wrong", "missing", "not_me", "complaint"]
KINDS = ("wrong", "missing", "not_me", "complaint")
ANSWER_WITHIN = 10  # working days
WORDS_MAX = 500
WAITING = ("filed", "escalated")
LINK = "/me/appeals"


@events.kind
class AppealFiled(events.Event):
    appeal_id: int
    # What it is: wrong, missing, not_me or complaint.
    what: str


def file(
    volunteer: accounts.User,
    kind: str,
    words: str,
    *,
    record: ServiceRecord | None = None,
    day: ServiceDay | None = None,
    photo: bytes = b"",
    at_once: bool = False,
) -> Appeal:
    """File an appeal; one that still waits about the same record is the same appeal. `at_once` is for the auditor.

    :raises NotFound: the record is somebody else's
    :raises identity.BadText: nothing was written
    """
    assert kind in KINDS
    if record is not None and record.volunteer_id != volunteer.id:
        raise NotFound
    if record is not None and (known := waiting_about(record.id)) is not None:
        return known
    now = clock.now()
    appeal = Appeal(
        volunteer_id=volunteer.id,
        kind=kind,
        record_id=record.id if record else None,
        service_day_id=record.service_day_id if record else day.id if day else None,
        area_path=record.area_path if record else day.area_path if day else volunteer.area_path,
        words=identity.free_text(words, WORDS_MAX, lines=True),
        filed_at=now,
        due_on=due(),
        state="escalated" if at_once else "filed",
        escalated_at=now if at_once else None,
    )
    db.session.add(appeal)
    db.session.flush()
    if photo:
        photos.keep(photo, about=name(appeal), area_path=appeal.area_path)

    tell(AppealFiled(appeal_id=appeal.id, what=kind), appeal)
    return appeal


def waiting_about(record_id: int) -> Appeal | None:
    """Return the appeal about a record that still waits for an answer."""
    waits = select(Appeal).where(Appeal.record_id == record_id, Appeal.state.in_(WAITING))
    return db.session.scalar(waits)


def due() -> date:
    """By when somebody who asks today is answered."""
    return service_days.working_day(clock.today(), ANSWER_WITHIN)


def name(appeal: Appeal) -> str:
    """What an appeal is called in the trail: "appeal:7"."""
    return f"appeal:{appeal.id}"


def tell(event: events.Event, appeal: Appeal) -> None:
    """Put what happened to an appeal into the trail, beside the record it is about."""
    within = f"record:{appeal.record_id}" if appeal.record_id else None
    events.record(event, about=name(appeal), within=within, whom=appeal.volunteer_id)
