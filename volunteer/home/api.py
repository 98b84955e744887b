"""JSON: who I am and what I have gathered. It is here because it speaks of features above accounts."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from pydantic import BaseModel

from volunteer import hours, ledger
from volunteer.home import queries
from volunteer.web import Api

api = Api("home_api", __name__)


class RoleOut(BaseModel):
    role: str
    where: str
    name: str | None


class MeOut(BaseModel):
    id: int
    name: str
    volunteer_no: str
    balance: int
    minutes: int
    minutes_by_grade: dict[str, int]
    stars: int
    roles: list[RoleOut]


@api.get("/me", allow="self", gives=MeOut)
def me() -> dict[str, Any]:
    person = current_user
    totals = hours.totals(person.id)
    named = queries.places(person.holds)
    return {
        "id": person.id,
        "name": person.name,
        "volunteer_no": person.volunteer_no,
        "balance": ledger.balance(person.id),
        "minutes": totals.minutes,
        "minutes_by_grade": totals.minutes_by_grade,
        "stars": hours.star_standing(person, totals).stars,
        "roles": [
            {"role": hold.role, "where": (where := queries.address(hold)), "name": named.get(where)}
            for hold in person.holds
        ],
    }
