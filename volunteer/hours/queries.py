"""Reads for pages: a person's records with where they come from, and the long days that wait."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from volunteer import access, paging, privacy, web
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.community import Area
from volunteer.db import db
from volunteer.hours.models import PersonHold, ServiceRecord
from volunteer.i18n import Sentence, _
from volunteer.ledger import Posting
from volunteer.service_days import ServiceDay
from volunteer.teams import Membership, Team

GRADES: dict[str, Sentence] = {
    "A": _("到场和离开都有扫码"),
    "B": _("一次扫码，加上组织者核对名单"),
    "C": _("事后补录，不计积分"),
}


def flat_paid(service_day_id: Any, volunteer_id: Any) -> ColumnElement[bool]:
    """Whether a day has paid somebody its flat points before, taken back or not, for a statement about many."""
    key = literal("flat:") + cast(service_day_id, Text) + ":" + cast(volunteer_id, Text)
    # Somebody who holds as much as one may had all of it above the limit.
    return exists().where(Posting.key.in_((key, literal("surplus:") + key)))


def held(service_day_id: Any, volunteer_id: Any) -> ColumnElement[bool]:
    """Whether what somebody earns on a day waits for the office, for a statement about many."""
    return exists().where(
        PersonHold.service_day_id == service_day_id,
        PersonHold.volunteer_id == volunteer_id,
        PersonHold.cleared_at.is_(None),
    )


def mine(volunteer_id: int, grade: str | None = None, size: int = 30) -> web.Page:
    """Return a page of somebody's records, newest first: record, title of the activity, name of who recorded it."""
    recorder = aliased(User)
    statement = (
        select(ServiceRecord, Activity.title, recorder.name.label("recorder"))
        .outerjoin(ServiceDay, ServiceDay.id == ServiceRecord.service_day_id)
        .outerjoin(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(recorder, recorder.id == ServiceRecord.recorder_id)
        .where(ServiceRecord.volunteer_id == volunteer_id)
    )
    whole = statement.where(ServiceRecord.grade == grade) if grade in GRADES else statement
    return paging.page(whole, key=(ServiceRecord.on, ServiceRecord.id), size=size, scalars=False)


def waiting(right: str = "hours.confirm", size: int = 50, *, paged: bool = True) -> web.Page:
    """Return the records that wait for a confirmation within reach: record, title, volunteer, minutes of that date,
    why the person is held."""
    same = aliased(ServiceRecord)
    whole = (
        select(func.sum(same.minutes))
        .where(
            same.volunteer_id == ServiceRecord.volunteer_id,
            same.on == ServiceRecord.on,
            same.state != "reversed",
        )
        .scalar_subquery()
    )
    statement = (
        select(ServiceRecord, Activity.title, User.name, whole.label("day_minutes"), PersonHold.why)
        .join(User, User.id == ServiceRecord.volunteer_id)
        .outerjoin(
            PersonHold,
            and_(
                PersonHold.service_day_id == ServiceRecord.service_day_id,
                PersonHold.volunteer_id == ServiceRecord.volunteer_id,
                PersonHold.cleared_at.is_(None),
            ),
        )
        .outerjoin(ServiceDay, ServiceDay.id == ServiceRecord.service_day_id)
        .outerjoin(Activity, Activity.id == ServiceDay.activity_id)
        .where(waits(right))
    )
    return paging.page(
        statement,
        key=(ServiceRecord.on, ServiceRecord.id),
        size=size,
        descending=False,
        scalars=False,
        paged=paged,
    )


def waiting_count(right: str = "hours.confirm") -> int:
    """Return how many records wait within reach."""
    return db.session.scalar(select(func.count()).select_from(ServiceRecord).where(waits(right))) or 0


def waits(right: str = "hours.confirm") -> ColumnElement[bool]:
    """The condition on a record: it waits for a confirmation within reach."""
    return and_(ServiceRecord.state == "provisional", access.covered(ServiceRecord, right))


def boards(person: User) -> dict[str, str]:
    """Return the boards of the roll of honour for somebody: where they live, the street, their teams; key → name."""
    ids = [int(part) for part in person.area_path.strip("/").split("/")]
    areas = db.session.scalars(select(Area).where(Area.id.in_(ids)).order_by(Area.path.desc())).all()
    joined = (
        select(Team.id, Team.name)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.volunteer_id == person.id, Membership.state == "member")
        .order_by(Team.id)
    )
    return {f"area:{area.id}": area.name for area in areas} | {
        f"team:{id_}": name for id_, name in db.session.execute(joined)
    }


def why_here(record: ServiceRecord, recorder: str | None) -> Sentence:
    """Say how a record came about: who recorded it, and from what."""
    who = privacy.mask_name(recorder) if recorder else None
    if record.grade == "A" and who is None:
        return _("你到场和离开时各扫了一次码，系统当场记下。")
    if record.grade == "A":
        return _("到场和离开都有扫码，由 {who} 经手记下。", who=who)
    if record.grade == "B":
        return _("有一次扫码，另一头由 {who} 核对名单后确认。", who=who or _("组织者"))
    return _("没有扫码，由 {who} 事后补录。", who=who or _("组织者"))


def on_date(volunteer: Any, on: Any) -> dict[str, ColumnElement[int]]:
    """What somebody has on a date already, as columns of a statement: minutes, those of them paid, and points."""
    blocks, block = ServiceRecord.formula["blocks"], ServiceRecord.formula["block_minutes"]
    return {
        "credited": _sum(ServiceRecord.minutes, volunteer, ServiceRecord.on == on),
        "paid_minutes": _sum(blocks.as_integer() * block.as_integer(), volunteer, ServiceRecord.on == on),
        "points_today": _sum(ServiceRecord.points, volunteer, ServiceRecord.on == on),
    }


def points_between(volunteer: Any, since: Any, until: Any) -> ColumnElement[int]:
    """The points somebody's records are worth from one date to another, both included."""
    return _sum(ServiceRecord.points, volunteer, ServiceRecord.on.between(since, until))


def _sum(value: Any, volunteer: Any, when: Any) -> ColumnElement[int]:
    return (
        select(func.coalesce(func.sum(value), 0))
        .where(ServiceRecord.volunteer_id == volunteer, when, ServiceRecord.state != "reversed")
        .scalar_subquery()
    )
