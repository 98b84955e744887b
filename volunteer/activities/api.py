"""Activities as JSON: propose one, ask for its publication."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask_login import current_user
from pydantic import BaseModel, BeforeValidator, Field

from volunteer import access, activities
from volunteer.activities import Activity
from volunteer.ledger.tariff import tenths
from volunteer.teams import Team
from volunteer.web import Api

api = Api("activities_api", __name__)


class Place(BaseModel):
    name: str = Field(min_length=1, max_length=60)
    address: str = Field(min_length=1, max_length=120)


class ByTime(BaseModel):
    kind: Literal["time"]
    coefficient: Annotated[int, BeforeValidator(tenths)] = 10


class Flat(BaseModel):
    kind: Literal["flat"]
    points: int = Field(ge=1, le=60)


class ActivityIn(BaseModel):
    team_id: int
    title: str = Field(min_length=1, max_length=80)
    category: str = Field(min_length=1, max_length=20)
    content: str = Field(min_length=1, max_length=4000)
    place: Place
    risk: str = Field(min_length=1, max_length=1000)
    guarantees: str = Field(min_length=1, max_length=1000)
    pay: Annotated[ByTime | Flat, Field(discriminator="kind")]
    walk_ins: bool = False
    risk_level: Literal["low", "medium", "high"] = "low"
    insurance: str | None = Field(default=None, max_length=80)
    plan: str | None = Field(default=None, max_length=4000)
    min_age: int = Field(default=0, ge=0, le=100)


class Made(BaseModel):
    id: int
    state: str


class Asked(BaseModel):
    state: str


@api.post("/activities", allow="activity.propose", takes=ActivityIn, gives=Made, status=201)
def create(body: ActivityIn) -> dict[str, Any]:
    """Propose an activity for a team; it stays a draft until its publication is asked for."""
    team = access.find(Team, body.team_id, right="activity.propose")
    fields = body.model_dump(exclude={"team_id", "place", "pay"})
    fields |= {"place_name": body.place.name, "place_address": body.place.address}
    fields |= {"pay_kind": body.pay.kind}
    # The contract has no field for the plan that fifty places ask for: what a program says of the work is the plan.
    fields["plan"] = body.plan or body.content
    if isinstance(body.pay, ByTime):
        fields["coefficient"] = body.pay.coefficient
    else:
        fields["flat_points"] = body.pay.points
    activity = activities.propose(current_user, team, **fields)
    return {"id": activity.id, "state": activity.state}


@api.post("/activities/<int:activity_id>/publication", allow="activity.read", gives=Asked, status=201)
def publish(activity_id: int) -> dict[str, Any]:
    """Ask for publication; published at once when the caller may approve, pending otherwise."""
    activity = access.find(Activity, activity_id, right=("activity.propose", "activity.approve"))
    return {"state": activities.ask_publication(activity).state}
