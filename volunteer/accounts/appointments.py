"""Roles: giving one somewhere, taking it back, finding who holds it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, exists, func, literal, select

from volunteer import access, clock, events
from volunteer.accounts import guardians, sessions, tokens
from volunteer.accounts.models import Grant, User
from volunteer.accounts.people import NotYourself
from volunteer.accounts.roles import GIVABLE, OFFICE_ROLES, ROLES
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class RoleGiven(events.Event):
    user_id: int
    role: str
    area_id: int | None
    team_id: int | None
    partner_id: int | None


@events.kind
class RoleTaken(events.Event):
    user_id: int
    role: str
    area_id: int | None
    team_id: int | None
    partner_id: int | None


class UnknownRole(Refusal):
    code = "role.unknown"
    status = 422
    says = _("没有这个角色。")


class BeyondReach(Refusal):
    code = "role.beyond_reach"
    status = 403
    says = _("只能在自己负责的范围里，授予自己有权授予的角色。")
    who = _("请上一级的负责人来办。")


class TooYoungForOffice(Refusal):
    code = "role.minor"
    status = 409
    says = _("未满18岁的志愿者不担任队伍和办公的职务。")


def appoint(
    user: User,
    role: str,
    *,
    area: Area | None = None,
    team_id: int | None = None,
    partner_id: int | None = None,
    until: date | None = None,
) -> Grant:
    """Give a role somewhere: in an area, a team, or at a partner. Giving it again returns the grant they have.

    :raises UnknownRole: there is no such role
    :raises TooYoungForOffice: minors hold none
    """
    area_id = area.id if area else None
    if role not in ROLES or [area_id, team_id, partner_id].count(None) != 2:
        raise UnknownRole(role=role)
    if guardians.is_minor(user.birth_on):
        raise TooYoungForOffice
    grant = db.session.scalar(
        select(Grant).filter_by(
            user_id=user.id, role=role, area_id=area_id, team_id=team_id, partner_id=partner_id
        )
    )
    if grant is not None and grant.until == until:
        return grant

    if grant is None:
        grant = Grant(
            user_id=user.id,
            role=role,
            area_id=area_id,
            team_id=team_id,
            partner_id=partner_id,
            given_by=events.actor(),
            since=clock.today(),
        )
        db.session.add(grant)
    grant.until = until
    db.session.flush()
    _other_rights(user, role)

    events.record(
        RoleGiven(user_id=user.id, role=role, area_id=area_id, team_id=team_id, partner_id=partner_id),
        about=f"account:{user.id}",
        within=area.path if area else None,
        whom=user.id,
    )
    return grant


def dismiss(
    user: User,
    role: str,
    *,
    area: Area | None = None,
    team_id: int | None = None,
    partner_id: int | None = None,
) -> None:
    """Take a role back. Taking it back twice changes nothing."""
    area_id = area.id if area else None
    grant = db.session.scalar(
        select(Grant).filter_by(
            user_id=user.id, role=role, area_id=area_id, team_id=team_id, partner_id=partner_id
        )
    )
    if grant is None:
        return

    db.session.delete(grant)
    db.session.flush()
    _other_rights(user, role)

    events.record(
        RoleTaken(user_id=user.id, role=role, area_id=area_id, team_id=team_id, partner_id=partner_id),
        about=f"account:{user.id}",
        within=area.path if area else None,
        whom=user.id,
    )


def _other_rights(user: User, role: str) -> None:
    """What was handed out for the old rights ends: the office signs in anew, others get another cookie."""
    for looked_up in ("holds", "factor_missing"):
        user.__dict__.pop(looked_up, None)
    if role in OFFICE_ROLES:
        sessions.close_all(user)
        tokens.end_all(user)
    else:
        sessions.renew(user)


def give(giver: User, user: User, role: str, area: Area, until: date | None = None) -> Grant:
    """Give an office role as somebody who may: within their own reach, and no higher than their own.

    :raises BeyondReach: the area is not theirs, or the role not theirs to give
    :raises NotYourself: nobody gives themselves a role
    """
    if not may_give(giver, role, area):
        raise BeyondReach
    if giver.id == user.id:
        raise NotYourself
    return appoint(user, role, area=area, until=until)


def take_back(taker: User, grant: Grant) -> None:
    """Take an office role back as somebody who might have given it.

    :raises BeyondReach: it was not theirs to give
    :raises NotYourself: nobody takes their own
    """
    area = db.session.get(Area, grant.area_id) if grant.area_id else None
    user = db.session.get(User, grant.user_id)
    if area is None or user is None or not may_give(taker, grant.role, area):
        raise BeyondReach
    if taker.id == grant.user_id:
        raise NotYourself
    dismiss(user, grant.role, area=area)


def may_give(giver: User, role: str, area: Area) -> bool:
    """Whether a role in an area is somebody's to give."""
    return any(
        "role.give" in hold.rights
        and role in GIVABLE.get(hold.role, {}).get(area.kind, ())
        and hold.area_path is not None
        and area.path.startswith(hold.area_path)
        for hold in giver.holds
    )


def serves_partner(user_id: Any, partner_id: Any, right: str) -> ColumnElement[bool]:
    """Whether somebody has a right at a partner on the day `today`, for a statement that asks about many."""
    roles = [role for role, rights in access.ROLES.items() if right in rights]
    return exists().where(
        Grant.user_id == user_id,
        Grant.partner_id == partner_id,
        Grant.role.in_(roles),
        Grant.until.is_(None) | (Grant.until >= bindparam("today", type_=Date())),
    )


def holders(
    role: str,
    *,
    area_path: str | None = None,
    below: str | None = None,
    team_id: int | None = None,
    partner_id: int | None = None,
) -> list[User]:
    """Return who holds a role over an area, somewhere in one (`below`), in a team or at a partner: the people to tell."""
    held: list[ColumnElement[bool]] = [
        Grant.role == role,
        (Grant.until.is_(None)) | (Grant.until >= clock.today()),
        User.state == "active",
    ]
    people = select(User).join(Grant, Grant.user_id == User.id)
    if area_path is not None:
        people = people.join(Area, Area.id == Grant.area_id)
        held.append(literal(area_path).startswith(Area.path))
    elif below is not None:
        # Some hold it in an area, some in a team of it.
        people = people.outerjoin(Area, Area.id == Grant.area_id)
        held.append(func.coalesce(Area.path, User.area_path).startswith(below))
    elif team_id is not None:
        held.append(Grant.team_id == team_id)
    elif partner_id is not None:
        held.append(Grant.partner_id == partner_id)
    return list(db.session.scalars(people.where(*held).order_by(User.id)).unique())
