"""Reads for the pages of appeals, and why a record is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, checkin, dashboards, devices, hours, ledger, photos, privacy
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.appeals.models import Appeal, RecordAnswer
from volunteer.checkin.queries import HOW
from volunteer.community import Area
from volunteer.db import db
from volunteer.events import Happened
from volunteer.hours import ServiceRecord
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

RIGHT = "appeal.read"
SHOWN_MAX = 100


@dataclass(frozen=True)
class Why:
    """Why a record is here: one plain sentence after the other, and what happened since."""

    record: ServiceRecord
    title: str | None
    sentences: list[Sentence]
    rule: int | None
    since: list[Any]
    said: RecordAnswer | None


def mine(volunteer_id: int) -> Sequence[Any]:
    """Somebody's own appeals, newest first: appeal, record, day, title, whose it is to answer, picture."""
    found = _told().order_by(Appeal.id.desc()).where(Appeal.volunteer_id == volunteer_id).limit(SHOWN_MAX)
    return db.session.execute(found).all()


def waiting(*states: str) -> Sequence[Any]:
    """What waits within reach, what is due first on top."""
    return db.session.execute(
        _told().order_by(Appeal.due_on, Appeal.id).where(waits(*states)).limit(SHOWN_MAX)
    ).all()


def waits(*states: str) -> ColumnElement[bool]:
    """The condition on an appeal: it waits in one of these states, within reach."""
    return and_(Appeal.state.in_(states), access.covered(Appeal, RIGHT))


def ended() -> Sequence[Any]:
    """What was answered within reach, newest first."""
    found = _told().order_by(Appeal.id.desc()).where(Appeal.state.in_(("answered", "final")))
    return db.session.execute(access.within(found, Appeal, RIGHT).limit(30)).all()


def why(record: ServiceRecord) -> Why:
    """Put together why a record is here: who, when, with what, how well it is proven, what it pays and what changed."""
    day = db.session.get(ServiceDay, record.service_day_id) if record.service_day_id else None
    title = db.session.scalar(select(Activity.title).where(Activity.id == day.activity_id)) if day else None
    stay = _stay(record)
    people = accounts.names(
        [one for one in (record.recorder_id, *((stay.in_by, stay.out_by) if stay else ())) if one]
    )
    masked = {key: privacy.mask_name(name) for key, name in people.items()}
    said = [hours.queries.why_here(record, people.get(record.recorder_id or 0))]
    if stay is not None:
        said += _of_stay(stay, masked)
    said.append(_("{grade} 级：{words}。", grade=record.grade, words=hours.queries.GRADES[record.grade]))
    said.append(_worth(record))
    return Why(
        record,
        title,
        said,
        record.formula.get("rule"),
        dashboards.audit.lines(_since(record)),
        db.session.get(RecordAnswer, record.id),
    )


def _stay(record: ServiceRecord) -> checkin.Attendance | None:
    kind, _colon, number = record.source.partition(":")
    number = number.partition(":")[0]
    if kind != "attendance" or not number.isdigit():
        return None
    return db.session.get(checkin.Attendance, int(number))


def _of_stay(stay: checkin.Attendance, names: dict[int, str]) -> list[Sentence]:
    said = [
        _("签到：{at|moment}，{how}{by}。", at=stay.in_at, how=HOW[stay.in_how], by=_by(stay.in_by, names))
    ]
    if stay.out_at and stay.out_how:
        said.append(
            _(
                "签退：{at|moment}，{how}{by}。",
                at=stay.out_at,
                how=HOW[stay.out_how],
                by=_by(stay.out_by, names),
            )
        )
    if stay.device:
        said.append(_("设备：扫大屏的那部手机，指纹 {mark}。", mark=stay.device[:8]))
    for name in checkin.undoing.devices_of(stay):
        said.append(_("设备：组织者的设备，指纹 {mark}。", mark=name[:8]))
    kept = checkin.parked.device_ids_of(stay.id)
    named = select(devices.Device.name).where(devices.Device.id.in_(kept)) if kept else None
    for name in db.session.scalars(named) if named is not None else ():
        said.append(_("设备：{name}，没有信号时扫的，后来上传。", name=name))
    return said


def _by(person_id: int | None, names: dict[int, str]) -> Sentence | str:
    return _("，{who} 经手", who=names[person_id]) if person_id in names else ""


def _worth(record: ServiceRecord) -> Sentence:
    how = ledger.explain(record.formula)
    if record.state == "provisional":
        return _("积分：{how}。等社区确认后发放。", how=how)
    return _("积分：{how}。", how=how)


def _since(record: ServiceRecord) -> list[Happened]:
    """What happened to a record, to what it was made from, and to what was said about it; oldest first."""
    source = ":".join(record.source.split(":")[:2])
    about = or_(Happened.about.in_((f"record:{record.id}", source)), Happened.within == f"record:{record.id}")
    return list(db.session.scalars(select(Happened).where(about).order_by(Happened.id).limit(50)))


@cache  # to put it together takes longer than to answer it
def _told() -> Any:
    answerer, auditor = aliased(User), aliased(User)
    picture = exists().where(photos.KeptPhoto.about == literal("appeal:") + cast(Appeal.id, String))
    return (
        select(
            Appeal,
            ServiceRecord,
            ServiceDay,
            Activity.title,
            Area.name.label("owner"),
            User.name.label("volunteer"),
            User.volunteer_no,
            answerer.name.label("answerer"),
            auditor.name.label("auditor"),
            picture.label("picture"),
        )
        .join(User, User.id == Appeal.volunteer_id)
        .outerjoin(ServiceRecord, ServiceRecord.id == Appeal.record_id)
        .outerjoin(ServiceDay, ServiceDay.id == Appeal.service_day_id)
        .outerjoin(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(Area, Area.path == Appeal.area_path)
        .outerjoin(answerer, answerer.id == Appeal.answered_by)
        .outerjoin(auditor, auditor.id == Appeal.final_by)
    )
