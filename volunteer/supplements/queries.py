"""Reads for the pages of late hours: one query a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, String, and_, case, cast, exists, literal, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, checkin, clock, hours, ledger, photos
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.community import Area
from volunteer.db import db
from volunteer.service_days import ServiceDay, Signup
from volunteer.supplements.models import Supplement
from volunteer.teams import Membership, Team

RIGHT = "supplement.approve"
SHOWN_MAX = 100


def mine(volunteer_id: int) -> Sequence[Any]:
    """Somebody's own requests, and those they filed for others, newest first."""
    own = or_(Supplement.volunteer_id == volunteer_id, Supplement.filed_by == volunteer_id)
    return db.session.execute(_told().where(own).order_by(Supplement.id.desc()).limit(SHOWN_MAX)).all()


def waiting() -> Sequence[Any]:
    """What waits for somebody within reach: objections first, then the oldest."""
    order = (case((Supplement.state == "objected", 0), else_=1), Supplement.id)
    return db.session.execute(_told().where(waits()).order_by(*order).limit(SHOWN_MAX)).all()


def waits() -> ColumnElement[bool]:
    """The condition on late hours: they wait for somebody within reach."""
    return and_(Supplement.state.in_(("filed", "first", "objected")), access.covered(Supplement, RIGHT))


def ended() -> Sequence[Any]:
    """What was decided within reach, newest first."""
    found = (
        _told()
        .order_by(Supplement.id.desc())
        .where(Supplement.state.in_(("notice", "effective", "rejected", "withdrawn")))
    )
    return db.session.execute(access.within(found, Supplement, RIGHT).limit(30)).all()


def shown() -> Sequence[Any]:
    """What the public sees now, the notice that ends first on top."""
    found = _told().order_by(Supplement.notice_until, Supplement.id)
    return db.session.execute(
        found.where(Supplement.state.in_(("notice", "objected"))).limit(SHOWN_MAX)
    ).all()


def besides(supplements: Sequence[Supplement]) -> dict[int, list[Any]]:
    """What else these people have for the dates of their requests, also what was undone: supplement → records."""
    if not supplements:
        return {}
    record, its_day = hours.ServiceRecord, aliased(ServiceDay)
    rows = db.session.execute(
        select(Supplement.id, record, Activity.title)
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .join(record, and_(record.volunteer_id == Supplement.volunteer_id, record.on == ServiceDay.on))
        .outerjoin(its_day, its_day.id == record.service_day_id)
        .outerjoin(Activity, Activity.id == its_day.activity_id)
        .where(
            Supplement.id.in_([one.id for one in supplements]),
            record.source != literal("supplement:") + cast(Supplement.id, String),
        )
        .order_by(record.id)
    )
    found: dict[int, list[Any]] = {}
    for key, made, title in rows:
        found.setdefault(key, []).append((made, title))
    return found


def candidates(person: User) -> Sequence[Any]:
    """The days of the last week somebody may ask for: signed up, of their teams, or open to all where they live."""
    since = ledger.rules.by_place(
        ServiceDay.area_path,
        clock.today(),
        lambda numbers: clock.today() - timedelta(days=numbers.supplement_window_days),
        Date(),
    )
    stays, asked = aliased(checkin.Attendance), aliased(Supplement)
    of = (
        exists().where(
            Signup.service_day_id == ServiceDay.id,
            Signup.volunteer_id == person.id,
            Signup.state.in_(("accepted", "attended", "no_show")),
        ),
        exists().where(
            Membership.team_id == ServiceDay.team_id,
            Membership.volunteer_id == person.id,
            Membership.state == "member",
        ),
        and_(Activity.walk_ins, ServiceDay.area_path == person.area_path),
    )
    return db.session.execute(
        select(ServiceDay, Activity.title, Team.name.label("team"))
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(Team, Team.id == ServiceDay.team_id)
        .where(
            ServiceDay.on >= since,
            ServiceDay.ends_at < clock.now(),
            ServiceDay.state != "cancelled",
            or_(*of),
            ~exists().where(
                stays.service_day_id == ServiceDay.id,
                stays.volunteer_id == person.id,
                stays.state != "void",
            ),
            ~exists().where(
                asked.service_day_id == ServiceDay.id,
                asked.volunteer_id == person.id,
                asked.state.in_(("filed", "first", "notice", "objected", "effective")),
            ),
        )
        .order_by(ServiceDay.starts_at.desc())
        .limit(20)
    ).all()


@cache  # to put it together takes longer than to answer it
def _told() -> Any:
    filer, first, second = aliased(User), aliased(User), aliased(User)
    picture = exists().where(photos.KeptPhoto.about == literal("supplement:") + cast(Supplement.id, String))
    return (
        select(
            Supplement,
            ServiceDay,
            Activity.title,
            Activity.leader_id,
            Team.name.label("team"),
            Area.name.label("area"),
            User.name.label("volunteer"),
            User.volunteer_no,
            filer.name.label("filer"),
            first.name.label("first"),
            second.name.label("second"),
            picture.label("picture"),
        )
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(Team, Team.id == Supplement.team_id)
        .join(Area, Area.path == Supplement.area_path)
        .join(User, User.id == Supplement.volunteer_id)
        .join(filer, filer.id == Supplement.filed_by)
        .outerjoin(first, first.id == Supplement.first_by)
        .outerjoin(second, second.id == Supplement.second_by)
    )
