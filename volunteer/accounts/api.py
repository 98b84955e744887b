"""JSON: a bearer token for phone and password."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import request
from pydantic import BaseModel, Field, StringConstraints

from volunteer.accounts import credentials, factors, tokens
from volunteer.web import Api

api = Api("accounts_api", __name__)

Phone = Annotated[str, StringConstraints(min_length=5, max_length=60)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class TokenIn(BaseModel):
    phone: Phone
    password: Password
    #: Asked of people with a second factor.
    otp: str | None = Field(default=None, max_length=20)


class UserOut(BaseModel):
    id: int
    name: str
    volunteer_no: str


class TokenOut(BaseModel):
    token: str
    expires_at: datetime
    user: UserOut


def _count() -> None:
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nested too deep to be anything of ours; parsing it properly refuses it
        return
    phone = body.get("phone") if isinstance(body, dict) else None
    if isinstance(phone, str):
        credentials.count_try(request, phone)


@api.post(
    "/tokens", allow="public", takes=TokenIn, gives=TokenOut, status=201, idempotency="none", before=_count
)
def create_token(body: TokenIn) -> dict[str, Any]:
    user = credentials.authenticate(body.phone, body.password)
    if factors.enrolled(user):
        if body.otp is None:
            raise factors.FactorAsked
        factors.check(user, body.otp)
    credentials.settle(request, user, body.phone)
    token, expires_at = tokens.issue_dated(user)
    return {
        "token": token,
        "expires_at": expires_at.isoformat(),
        "user": {"id": user.id, "name": user.name, "volunteer_no": user.volunteer_no},
    }
