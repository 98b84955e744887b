"""Service days as JSON: series and single days, the list, one day, signing up and leaving."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from flask import request
from flask_login import current_user
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row

from volunteer import access, community, service_days
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Invalid, NotFound
from volunteer.i18n import _
from volunteer.service_days import Clash, Post, ServiceDay, Signup, queries, schedules
from volunteer.web import Api

api = Api("service_days_api", __name__)

Capacity = Annotated[int, Field(ge=1, le=schedules.CAPACITY_MAX)]


class PostIn(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    capacity: Capacity
    min_age: int = Field(default=0, ge=0, le=100)
    max_age: int | None = Field(default=None, ge=1, le=120)
    skill: str | None = Field(default=None, max_length=40)


class SeriesIn(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    rrule: str = Field(min_length=1, max_length=400)
    begins_on: date = Field(alias="from")
    starts: time
    ends: time
    capacity: Capacity
    ahead: int = Field(default=schedules.AHEAD, ge=1, le=26)
    posts: list[PostIn] = []


class DayIn(BaseModel):
    activity_id: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: Capacity
    posts: list[PostIn] = []


class SignupIn(BaseModel):
    post_id: int | None = None
    risk_known: bool = True


class LeaveIn(BaseModel):
    reason: str | None = Field(default=None, max_length=200)


class DayOut(BaseModel):
    id: int
    on: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    state: Literal["open", "cancelled", "closed"]


class ProposalOut(BaseModel):
    do: Literal["keep", "move", "cancel"]
    to: date | None
    says: str


class ClashOut(BaseModel):
    on: date
    why: Literal["holiday", "makeup_workday", "not_announced"]
    says: str
    proposal: ProposalOut
    choices: list[ProposalOut]


class SeriesOut(BaseModel):
    id: int
    rrule: str
    service_days: list[DayOut]
    clashes: list[ClashOut]


class Named(BaseModel):
    id: int
    name: str


class PlaceOut(BaseModel):
    name: str
    address: str


class PostOut(BaseModel):
    id: int
    name: str
    capacity: int
    accepted: int
    min_age: int
    max_age: int | None
    skill: str | None


class DayListed(DayOut):
    activity_id: int
    title: str
    category: str
    accepted: int
    walk_ins: bool
    place: PlaceOut
    team: Named


class DayShown(DayListed):
    content: str
    risk: str
    guarantees: str
    reason: str | None
    posts: list[PostOut]
    mine: str | None
    offer_until: datetime | None
    draws_at: datetime | None


class DayList(BaseModel):
    items: list[DayListed]
    next: str | None


class Standing(BaseModel):
    state: str
    place: int | None


@api.post(
    "/activities/<int:activity_id>/series", allow="day.schedule", takes=SeriesIn, gives=SeriesOut, status=201
)
def schedule(activity_id: int, body: SeriesIn) -> SeriesOut:
    """Begin a series; its next days are written down, and what they clash with comes back as proposals."""
    activity = access.find(Activity, activity_id, right="day.schedule")
    made = service_days.schedule(
        activity,
        body.rrule,
        body.begins_on,
        body.starts,
        body.ends,
        body.capacity,
        ahead=body.ahead,
        posts=[post.model_dump() for post in body.posts],
    )
    return SeriesOut(
        id=made.series.id,
        rrule=made.series.rrule,
        service_days=[DayOut(**_day(day)) for day in made.days],
        clashes=[_clash(clash) for clash in made.clashes],
    )


@api.post("/service-days", allow="day.schedule", takes=DayIn, gives=DayOut, status=201)
def add(body: DayIn) -> DayOut:
    """Add a single day."""
    activity = access.find(Activity, body.activity_id, right="day.schedule")
    posts = [post.model_dump() for post in body.posts]
    day = service_days.add_day(activity, body.starts_at, body.ends_at, body.capacity, posts)
    return DayOut(**_day(day))


@api.get("/service-days", allow="self", gives=DayList)
def index() -> DayList:
    """Days from a date to a date, in an area and below, earliest first."""
    area_id = request.args.get("area_id")
    path = community.get(_number("area_id", area_id)).path if area_id else ""
    found = queries.listing(_date("from"), _date("to"), path)
    return DayList(items=[DayListed(**_listed(row)) for row in found], next=found.next)


@api.get("/service-days/<int:day_id>", allow="self", gives=DayShown)
def show(day_id: int) -> DayShown:
    """One day with its posts and what the caller has on it."""
    row = queries.shown(day_id)
    day, activity = row.ServiceDay, row.Activity
    mine = queries.signup_of(day, current_user.id)
    return DayShown(
        **_listed(row),
        content=activity.content,
        risk=activity.risk,
        guarantees=activity.guarantees,
        reason=day.reason,
        posts=[PostOut(**_post(post)) for post in queries.posts(day)],
        mine=mine.state if mine else None,
        offer_until=mine.offer_until if mine else None,
        draws_at=day.draws_at,
    )


@api.post("/service-days/<int:day_id>/signups", allow="self", takes=SignupIn, gives=Standing, status=201)
def sign_up(day_id: int, body: SignupIn) -> Standing:
    """Take a place, or a place in the queue; `place` counts from 1 in either.

    Whoever waits and is offered a place (`mine` is "offered" until `offer_until`) takes it with the same call. Where
    places are drawn (`draws_at`) the state is "applied" until the draw.
    """
    day = queries.get(day_id)
    post = db.session.get(Post, body.post_id) if body.post_id else None
    if body.post_id and post is None:
        raise NotFound
    return _standing(service_days.sign_up(current_user, day, post, risk_known=body.risk_known))


@api.delete("/service-days/<int:day_id>/signups/me", allow="self", takes=LeaveIn, gives=Standing)
def leave(day_id: int, body: LeaveIn) -> Standing:
    """Give the place back; within 24 hours of the start a `reason` is asked for."""
    return _standing(service_days.leave(current_user, queries.get(day_id), body.reason))


def _standing(signup: Signup) -> Standing:
    return Standing(state=signup.state, place=service_days.place(signup))


def _day(day: ServiceDay) -> dict[str, Any]:
    names = ("id", "on", "starts_at", "ends_at", "capacity", "state")
    return {name: getattr(day, name) for name in names}


def _listed(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    day, activity = row.ServiceDay, row.Activity
    return _day(day) | {
        "activity_id": activity.id,
        "title": activity.title,
        "category": activity.category,
        "accepted": day.accepted,
        "walk_ins": service_days.welcomes(day, activity),
        "place": {"name": activity.place_name, "address": activity.place_address},
        "team": {"id": day.team_id, "name": row.team},
    }


def _post(post: Post) -> dict[str, Any]:
    names = ("id", "name", "capacity", "accepted", "min_age", "max_age", "skill")
    return {name: getattr(post, name) for name in names}


def _clash(clash: Clash) -> ClashOut:
    def plain(proposal: service_days.Proposal) -> ProposalOut:
        return ProposalOut(do=proposal.do, to=proposal.to, says=str(proposal.says))

    return ClashOut(
        on=clash.on,
        why=clash.why,
        says=str(clash.says),
        proposal=plain(clash.proposal),
        choices=[plain(choice) for choice in clash.choices],
    )


def _date(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(errors={name: [str(_("日期请写成 2026-12-01 的样子。"))]}) from None


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise Invalid(errors={name: [str(_("这里要填编号。"))]})
    return int(text)
