"""JSON: a person's statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask_login import current_user
from pydantic import BaseModel, Field

from volunteer.ledger import queries
from volunteer.web import Api

api = Api("ledger_api", __name__)


class EntryOut(BaseModel):
    id: int
    at: datetime
    move: str = Field(examples=["award", "claim", "release", "expire", "reversal"])
    points: int = Field(description="Signed: what came in or went out.")
    balance: int = Field(description="What the purses held right after this entry.")
    why: dict[str, Any] = Field(
        description="`title`, `link`, `reason`, `month`; of an award `formula`, and `says`, the formula in words."
    )


class StatementOut(BaseModel):
    items: list[EntryOut]
    next: str | None


@api.get("/me/statement", allow="self", gives=StatementOut)
def statement() -> StatementOut:
    """The entries of my purses, newest first; `month=2026-03` narrows, `after` is the `next` of the page before."""
    month = request.args.get("month")
    page = queries.entries(current_user.id, queries.month_or_refuse(month) if month else None)
    return StatementOut(items=[_out(entry) for entry in page.items], next=page.next)


def _out(entry: queries.Entry) -> EntryOut:
    why = dict(entry.why)
    if entry.formula is not None:
        why["says"] = str(entry.formula)
    return EntryOut(
        id=entry.id, at=entry.at, move=entry.move, points=entry.points, balance=entry.balance, why=why
    )
