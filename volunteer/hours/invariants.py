"""What must always be true between service records and the points they paid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from volunteer.community import Area
from volunteer.db import db
from volunteer.hours import rollups
from volunteer.hours.figures import DayFigures, MonthFigures, Redo
from volunteer.hours.models import ServiceRecord
from volunteer.i18n import _
from volunteer.ledger import Posting, examples, invariant
from volunteer.service_days import ServiceDay

FLAT = re.compile(r"flat:(\d+):(\d+)(?::\d+)?")

_key = literal("record:") + cast(ServiceRecord.id, String)
#: The record an award's key names; a number, so that the record is found by it and not by trying them all.
_named = case(
    (Posting.key.regexp_match("^record:[1-9][0-9]{0,17}$"), cast(func.substr(Posting.key, 8), BigInteger))
)


@invariant("hours.award_has_record", _("每笔服务积分都对得上一条服务记录或一次签到"))
def award_has_record(on: date) -> Executable:
    """Every award belongs to exactly one hours record or flat check-in."""
    record = (
        select(Posting.id, Posting.key, Posting.volunteer_id, Posting.amount)
        .outerjoin(
            ServiceRecord,
            and_(
                ServiceRecord.id == _named,
                ServiceRecord.volunteer_id == Posting.volunteer_id,
                ServiceRecord.points == Posting.amount,
                ServiceRecord.state != "provisional",
            ),
        )
        .where(Posting.move == "award", Posting.key.startswith("record:"), ServiceRecord.id.is_(None))
    )
    stray = select(Posting.id, Posting.key, Posting.volunteer_id, Posting.amount).where(
        Posting.move == "award", not_(or_(Posting.key.startswith("record:"), Posting.key.startswith("flat:")))
    )
    return union_all(record, stray)


@invariant("hours.flat_pay", _("签到即得的积分每人每天只有一次"))
def flat_pay(on: date) -> Iterator[str]:
    """Flat pay names the person and an existing day, and stands at most once for the two."""
    back = aliased(Posting)
    awards = (
        select(Posting.key, Posting.volunteer_id, ~exists().where(back.reverses_id == Posting.id))
        .where(Posting.move == "award", Posting.key.startswith("flat:"))
        .order_by(Posting.id)
    )
    days = set(db.session.scalars(select(ServiceDay.id)))
    paid: set[tuple[str, str]] = set()
    for key, volunteer_id, stands in db.session.execute(awards):
        named = FLAT.fullmatch(key)
        if named is None or int(named[2]) != volunteer_id or int(named[1]) not in days:
            yield key
        elif stands and named.groups() in paid:
            yield f"{key} twice"
        elif stands:
            paid.add((named[1], named[2]))


@invariant("hours.paid_once", _("确认的记录发一次积分，待确认的不发"))
def paid_once(on: date) -> Executable:
    """A confirmed record that is worth points has paid them once; a provisional one has paid nothing."""
    paid = (
        select(func.count())
        .where(Posting.key == _key, Posting.move == "award")
        .correlate(ServiceRecord)
        .scalar_subquery()
    )
    return select(ServiceRecord.id, ServiceRecord.state, ServiceRecord.points, paid).where(
        or_(
            and_(ServiceRecord.state == "confirmed", ServiceRecord.points > 0, paid != 1),
            and_(or_(ServiceRecord.state == "provisional", ServiceRecord.points == 0), paid != 0),
        )
    )


@invariant("hours.reversed_once", _("撤销的记录退一次积分，其他记录不退"))
def reversed_once(on: date) -> Executable:
    """A reversed record has sent its points back once, and a record that stands has sent nothing back."""
    award, back = aliased(Posting), aliased(Posting)
    went = (
        select(func.count())
        .select_from(back)
        .join(award, award.id == back.reverses_id)
        .where(award.key == _key, award.move == "award")
        .correlate(ServiceRecord)
        .scalar_subquery()
    )
    paid = (
        select(func.count())
        .select_from(award)
        .where(award.key == _key, award.move == "award")
        .correlate(ServiceRecord)
        .scalar_subquery()
    )
    return select(ServiceRecord.id, ServiceRecord.state, went).where(
        or_(
            and_(ServiceRecord.state == "reversed", went != paid),
            and_(ServiceRecord.state != "reversed", went != 0),
        )
    )


@invariant("hours.formula", _("每条记录都带着积分的算法，数目一致"))
def formula(on: date) -> Executable:
    """Every record carries the formula of its points, and the two agree."""
    said = ServiceRecord.formula["points"].as_integer()
    flat = ServiceRecord.formula["kind"].as_string() == "flat"
    return select(ServiceRecord.id, ServiceRecord.points, said).where(
        or_(
            said.is_(None),
            and_(flat, ServiceRecord.points != 0),
            and_(not_(flat), said != ServiceRecord.points),
        )
    )


@invariant("hours.surplus", _("超过上限的积分都进了“可以捐的”那一边，数目一致"))
def surplus(on: date) -> Executable:
    """What a record brought above the limits is what its formula says, while the record counts; else it went back."""
    key = literal("surplus:") + _key
    brought, back = _at(key, "surplus"), _at(key + ":reversal", "surplus_back")
    said = func.coalesce(ServiceRecord.formula["surplus"].as_integer(), 0)
    due = case((ServiceRecord.state == "confirmed", said), else_=0)
    wrong = select(key, said, brought, back).where(said > 0, brought - back != due)
    named = case(
        (
            Posting.key.regexp_match("^surplus:record:[1-9][0-9]{0,17}$"),
            cast(func.substr(Posting.key, 16), BigInteger),
        ),
    )
    stray = (
        select(Posting.key, said, Posting.amount, Posting.line)
        .outerjoin(ServiceRecord, ServiceRecord.id == named)
        .where(
            Posting.move == "surplus",
            not_(Posting.key.startswith("surplus:flat:")),
            or_(ServiceRecord.id.is_(None), said != Posting.amount),
        )
    )
    return union_all(wrong, stray)


def _at(key: Any, move: str) -> Any:
    whole = select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.key == key, Posting.move == move)
    return whole.correlate(ServiceRecord).scalar_subquery()


@invariant("hours.figures", _("看板用的时长和人数等于服务记录相加"))
def figures(on: date) -> Iterator[str]:
    """The hours and people that dashboards read are those of the records, where nothing waits to be made anew."""
    until, waits = rollups.rolled_until(), select(Redo.on)
    names = ("records", "minutes_a", "minutes_b", "minutes_c")
    source = rollups.day_sums([ServiceRecord.on <= until, ServiceRecord.on.not_in(waits)]).subquery()
    kept = select(
        DayFigures.on,
        DayFigures.team_id,
        DayFigures.area_path,
        *((-getattr(DayFigures, name)).label(name) for name in names),
    ).where(DayFigures.on.not_in(waits))
    both = union_all(select(source), kept).subquery()
    days = (
        select(cast(both.c.on, String), cast(both.c.team_id, String), cast(both.c.area_path, String))
        .group_by(both.c.on, both.c.team_id, both.c.area_path)
        .having(or_(*(func.sum(both.c[name]) != 0 for name in names)))
    )
    month = rollups.month_of(ServiceRecord.on)
    came = (
        select(month.label("month"), ServiceRecord.area_path, ServiceRecord.volunteer_id)
        .where(ServiceRecord.state == "confirmed", ServiceRecord.on <= until)
        .group_by(month, ServiceRecord.area_path, ServiceRecord.volunteer_id)
        .subquery()
    )
    people = (
        select(Area.path, came.c.month, func.count(func.distinct(came.c.volunteer_id)).label("people"))
        .join_from(came, Area, came.c.area_path.startswith(Area.path))
        .group_by(Area.path, came.c.month)
        .subquery()
    )
    months = (
        select(cast(people.c.path, String), people.c.month, cast(people.c.people, String))
        .outerjoin(
            MonthFigures,
            and_(MonthFigures.area_path == people.c.path, MonthFigures.month == people.c.month),
        )
        .where(
            func.coalesce(MonthFigures.people, 0) != people.c.people,
            people.c.month.not_in(select(rollups.month_of(Redo.on))),
        )
    )
    return examples(union_all(days, months))
