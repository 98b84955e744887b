"""Rights, roles, reach: may this person do it at all, and may they on *this* one?

A right is a string, a role a set of rights, a hold a role somewhere: in an area and all below it, in a team, at a
partner. A thing says where it is by naming its own columns in `reach`. Out of reach looks like "not found".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from flask import g
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, false, or_, true

from volunteer.db import db
from volunteer.errors import FactorNeeded, NotAllowed, NotFound, NotSignedIn, StepUp

PUBLIC = "public"
SELF = "self"

#: role → rights; filled by accounts/roles.py through define()
ROLES: dict[str, frozenset[str]] = {}
#: Rights that people of the office have only with a second factor; filled by accounts/roles.py through guard()
GUARDED: set[str] = set()


@dataclass(frozen=True)
class Hold:
    """A role somebody holds somewhere. Exactly one of the three places is set."""

    role: str
    area_path: str | None = None
    team_id: int | None = None
    partner_id: int | None = None

    @property
    def rights(self) -> frozenset[str]:
        return ROLES.get(self.role, frozenset())


@dataclass(frozen=True)
class Reach:
    """Which columns of a model say where it is and whose it is.

    `guest` is the column of a second team, whose people have the rights in `guests` here and no others.
    """

    area: str | None = None
    team: str | None = None
    partner: str | None = None
    owner: str | None = None
    guest: str | None = None
    guests: frozenset[str] = frozenset()


class Placed(Protocol):
    reach: ClassVar[Reach]


T = TypeVar("T")


def define(role: str, rights: Iterable[str]) -> None:
    """Say which rights a role has."""
    ROLES[role] = frozenset(rights)


def guard(rights: Iterable[str]) -> None:
    """Say which rights take a second factor."""
    GUARDED.update(rights)


def known(right: str) -> bool:
    """Whether a right means anything: public, self, or some role has it."""
    return right in (PUBLIC, SELF) or any(right in rights for rights in ROLES.values())


def holds() -> tuple[Hold, ...]:
    """The roles of the person signed in; none for a stranger."""
    person = current_user._get_current_object()
    return tuple(person.holds) if person is not None and person.is_authenticated else ()


def rights() -> frozenset[str]:
    """What the person signed in may do anywhere; nothing for a stranger."""
    return frozenset().union(*(hold.rights for hold in holds()))


def may(right: str, thing: Any = None) -> bool:
    """Whether the person signed in has a right: anywhere, or over one thing."""
    if right == PUBLIC:
        return True
    person = current_user._get_current_object()  # once: each look behind a proxy takes its time
    if person is None or not person.is_authenticated:
        return False
    if right == SELF:
        owner = thing.reach.owner if thing is not None else None
        return thing is None or (owner is not None and getattr(thing, owner) == person.id)
    return any(right in hold.rights and _covers(hold, thing, right) for hold in person.holds)


def require(right: str, thing: Any = None) -> None:
    """Refuse whoever lacks the right.

    :raises NotSignedIn: a stranger where a right is asked for
    :raises NotAllowed: signed in, without the right
    :raises FactorNeeded: the right takes a second factor, and theirs is not set up
    """
    if may(right, thing):
        if right in GUARDED and current_user.factor_missing:
            raise FactorNeeded
        return
    if not current_user or not current_user.is_authenticated:
        raise NotSignedIn
    raise NotAllowed


def require_proof() -> None:
    """Refuse whoever has not shown lately, by password or code, that it is them.

    :raises StepUp: too long ago
    """
    if not g.get("proven"):
        raise StepUp


def find(model: type[T], key: Any, *, right: str | tuple[str, ...], lock: bool = False) -> T:
    """Return the row if the person has any of the rights over it.

    :raises NotFound: when it does not exist or is out of reach; the two look the same
    """
    thing = db.session.get(model, key, with_for_update=True if lock else None, populate_existing=lock)
    rights = (right,) if isinstance(right, str) else right
    if thing is None or not any(may(one, thing) for one in rights):
        raise NotFound
    return thing


def within(statement: Select[*tuple[Any, ...]], model: Any, right: str) -> Select[*tuple[Any, ...]]:
    """Narrow a list to what the person's holds of this right reach."""
    return statement.where(covered(model, right))


def covered(model: Any, right: str) -> ColumnElement[bool]:
    """The condition behind `within`, for use inside other conditions."""
    if right == SELF:
        return getattr(model, model.reach.owner) == current_user.id
    return or_(false(), *(_condition(hold, model, right) for hold in holds() if right in hold.rights))


def _condition(hold: Hold, model: Any, right: str) -> ColumnElement[bool]:
    reach = model.reach
    if hold.area_path is not None and reach.area:
        return true() if hold.area_path == "/" else getattr(model, reach.area).startswith(hold.area_path)
    if hold.team_id is not None and reach.team:
        own = getattr(model, reach.team) == hold.team_id
        guest = reach.guest is not None and right in reach.guests
        return or_(own, getattr(model, reach.guest) == hold.team_id) if guest else own
    if hold.partner_id is not None and reach.partner:
        return getattr(model, reach.partner) == hold.partner_id
    return false()


def _covers(hold: Hold, thing: Any, right: str) -> bool:
    if thing is None:
        return True
    reach = thing.reach
    if hold.area_path is not None and reach.area:
        return (getattr(thing, reach.area) or "").startswith(hold.area_path)
    if hold.team_id is not None and reach.team:
        own: bool = getattr(thing, reach.team) == hold.team_id
        guest = reach.guest is not None and right in reach.guests
        return own or (guest and getattr(thing, reach.guest) == hold.team_id)
    if hold.partner_id is not None and reach.partner:
        return getattr(thing, reach.partner) == hold.partner_id
    return False
