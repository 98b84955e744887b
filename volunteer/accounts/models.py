"""People who can sign in, the roles they hold where, their sessions, tokens, codes and consents."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    exists,
    false,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access, clock, privacy
from volunteer.accounts.credential_models import SecondFactor
from volunteer.accounts.roles import OFFICE_ROLES
from volunteer.community import Area
from volunteer.db import Path, db


def _where(column: str) -> dict[str, Any]:
    condition = text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


class User(UserMixin, db.Model):
    """Someone who signs in. The phone is kept as a keyed index (to find), sealed (to call) and masked (to show)."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("state IN ('active', 'suspended', 'closed')", "state"),)
    reach: ClassVar = access.Reach(area="area_path", owner="id")

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_no: Mapped[str] = mapped_column(String(12), unique=True)
    public: Mapped[str] = mapped_column(String(16), unique=True)
    pass_revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(160))
    phone_index: Mapped[bytes] = mapped_column(unique=True)
    phone_sealed: Mapped[bytes]
    phone_masked: Mapped[str] = mapped_column(String(20))
    id_index: Mapped[bytes | None] = mapped_column(unique=True)
    id_sealed: Mapped[bytes | None]
    id_masked: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str | None]
    birth_on: Mapped[date | None]
    home_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    skills: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(12), default="active")
    registered_at: Mapped[datetime] = mapped_column(index=True)
    closing_asked_at: Mapped[datetime | None]
    safe_phrase: Mapped[str | None] = mapped_column(String(40))
    vouchers_frozen_at: Mapped[datetime | None]
    #: One of the invented people of the sample street. Only loading it says so; no form and no verb does.
    sample: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    @property
    def name_masked(self) -> str:
        return privacy.mask_name(self.name)

    @cached_property
    def holds(self) -> tuple[access.Hold, ...]:
        """The roles this person holds today, in one query, looked up once a request."""
        rows = db.session.execute(_holds(), {"user": self.id, "today": clock.today()})
        return tuple(access.Hold(*row) for row in rows)

    @cached_property
    def factor_missing(self) -> bool:
        """Whether rights that take a second factor are closed to this person until they have set one up."""
        if self.sample or not any(hold.role in OFFICE_ROLES for hold in self.holds):
            return False
        confirmed = exists().where(SecondFactor.user_id == self.id, SecondFactor.confirmed_at.is_not(None))
        return not db.session.scalar(select(confirmed))


@cache
def _holds() -> Select[str, str, int | None, int | None]:
    """What somebody holds; put together once, because nearly every page asks it."""
    return (
        select(Grant.role, Area.path, Grant.team_id, Grant.partner_id)
        .outerjoin(Area, Area.id == Grant.area_id)
        .where(
            Grant.user_id == bindparam("user"), Grant.until.is_(None) | (Grant.until >= bindparam("today"))
        )
    )


class Grant(db.Model):
    """A role held somewhere: in an area and below, in a team, or at a partner."""

    __tablename__ = "grant_held"
    __table_args__ = (
        Index("uq_grant_held_area", "user_id", "role", "area_id", unique=True, **_where("area_id")),
        Index("uq_grant_held_team", "user_id", "role", "team_id", unique=True, **_where("team_id")),
        Index("uq_grant_held_partner", "user_id", "role", "partner_id", unique=True, **_where("partner_id")),
        CheckConstraint(
            "(area_id IS NOT NULL AND team_id IS NULL AND partner_id IS NULL)"
            " OR (area_id IS NULL AND team_id IS NOT NULL AND partner_id IS NULL)"
            " OR (area_id IS NULL AND team_id IS NULL AND partner_id IS NOT NULL)",
            "one_place",
        ),
        Index("ix_grant_held_team_id_role", "team_id", "role"),
        Index("ix_grant_held_partner_id_role", "partner_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    team_id: Mapped[int | None]
    partner_id: Mapped[int | None]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    since: Mapped[date]
    until: Mapped[date | None]


class SignIn(db.Model):
    """A session: one row a browser, found by the hash of its cookie; ended rows stay for the person to see.

    A waiting one belongs to somebody whose password was right and whose second factor is still asked for: it opens
    the page that asks, and nothing else.
    """

    __tablename__ = "sign_in"
    reach: ClassVar = access.Reach(owner="user_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: When the person last proved, by password or code, that it is still them.
    proved_at: Mapped[datetime | None]
    waiting: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Their rights have changed: the next request gives this browser another cookie.
    renew: Mapped[bool] = mapped_column(default=False, server_default=false())


class Token(db.Model):
    """A bearer token for the JSON API; only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PhoneCode(db.Model):
    """A six-digit code sent to a phone: hashed, five minutes, five tries, once."""

    __tablename__ = "phone_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_index: Mapped[bytes] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Consent(db.Model):
    """What somebody agreed to: purpose, version of the text, when and how; withdrawing adds a moment."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_user_id_purpose", "user_id", "purpose"),)
    reach: ClassVar = access.Reach(owner="user_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Guardian(db.Model):
    """Who answers for a minor; until the guardian's phone has confirmed, the minor's account cannot serve.

    A guardian need not have an account; when they have one, `guardian_id` names it.
    """

    __tablename__ = "guardian"
    __table_args__ = (UniqueConstraint("minor_id", "phone_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    minor_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    phone_index: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    phone_masked: Mapped[str] = mapped_column(String(20))
    relation: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
