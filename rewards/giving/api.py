"""JSON: projects, giving to one, what I gave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from flask_login import current_user
from pydantic import BaseModel, Field

from rewards import giving
from rewards.giving import gifts, queries
from rewards.giving.models import Gift, Project
from volunteer import ledger, paging
from volunteer.web import Api

api = Api("giving_api", __name__)


class ProjectOut(BaseModel):
    id: int
    title: str
    story: str
    state: str = Field(examples=["open"])
    pool: bool = Field(description="Whether it is a community's pool, which is always open and has no goal.")
    goal: int | None
    given: int
    givers: int
    matched: int = Field(description="How many of `match_what` the funder adds for what is given so far.")
    match_what: str | None
    from_on: date
    until_on: date | None


class ProjectsOut(BaseModel):
    items: list[ProjectOut]
    next: str | None


class GiftIn(BaseModel):
    points: Annotated[int, Field(ge=1, le=gifts.MOST, strict=True)]
    named: bool = False


class GiftOut(BaseModel):
    id: int
    project_id: int
    title: str
    points: int
    from_surplus: int = Field(description="How many of them were above the caps and could only be given.")
    at: datetime
    undone_at: datetime | None


class GivenOut(GiftOut):
    balance: int


class GiftsOut(BaseModel):
    items: list[GiftOut]
    next: str | None


@api.get("/giving/projects", allow="self", gives=ProjectsOut)
def projects() -> Any:
    """The projects that take points, newest first."""
    page = paging.page(queries.shown(), key=Project.id)
    told = queries.progress(page.items)
    return {
        "items": [
            ProjectOut(
                **{name: getattr(one, name) for name in _PLAIN},
                given=told[one.id].given,
                givers=told[one.id].givers,
                matched=told[one.id].matched,
            ).model_dump(mode="json")
            for one in page
        ],
        "next": page.next,
    }


_PLAIN = ("id", "title", "story", "state", "pool", "goal", "match_what", "from_on", "until_on")


@api.post(
    "/giving/projects/<int:project_id>/gifts",
    allow="self",
    takes=GiftIn,
    gives=GivenOut,
    status=201,
    idempotency="required",
)
def give(project_id: int, body: GiftIn) -> Any:
    """Give points to a project, those that can only be given first; ten at least."""
    gift = giving.give(current_user._get_current_object(), project_id, body.points, named=body.named)
    project, _funder = queries.project_of(gift)
    return {**_out(gift, project.title), "balance": ledger.balance(current_user.id)}


@api.get("/me/gifts", allow="self", gives=GiftsOut)
def mine() -> Any:
    """What I gave to projects, newest first."""
    page = paging.page(queries.mine(current_user.id), key=Gift.id, scalars=False)
    return {"items": [_out(gift, title) for gift, title, *_key in page], "next": page.next}


def _out(gift: Gift, title: str) -> dict[str, Any]:
    return GiftOut(
        id=gift.id,
        project_id=gift.project_id,
        title=title,
        points=gift.points,
        from_surplus=gift.from_surplus,
        at=gift.at,
        undone_at=gift.undone_at,
    ).model_dump(mode="json")
