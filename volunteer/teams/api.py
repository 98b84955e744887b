"""Teams as JSON."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from pydantic import BaseModel, Field

from volunteer import community, teams
from volunteer.teams import queries
from volunteer.web import Api

api = Api("teams_api", __name__)


class TeamIn(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    kind: str = Field(min_length=1, max_length=20)
    area_id: int
    about: str = Field(default="", max_length=2000)


class TeamMade(BaseModel):
    id: int
    state: str


class TeamOut(BaseModel):
    id: int
    name: str
    kind: str
    area_id: int
    state: str
    members: int
    mine: bool


class TeamList(BaseModel):
    items: list[TeamOut]
    next: str | None


@api.get("/teams", allow="self", gives=TeamList)
def index() -> dict[str, Any]:
    """Teams, newest first; `mine` says that the caller leads it."""
    found = queries.directory(current_user.id)
    return {"items": [_plain(row.Team) for row in found], "next": found.next}


@api.post("/teams", allow="self", takes=TeamIn, gives=TeamMade, status=201)
def create(body: TeamIn) -> dict[str, Any]:
    """Register a team; it is pending until the community approves it."""
    area = community.get(body.area_id)
    team = teams.found(current_user, area, body.name, body.kind, body.about)
    return {"id": team.id, "state": team.state}


def _plain(team: teams.Team) -> dict[str, Any]:
    return {
        "id": team.id,
        "name": team.name,
        "kind": team.kind,
        "area_id": team.area_id,
        "state": team.state,
        "members": team.members,
        "mine": team.leader_id == current_user.id,
    }
