"""Lists of teams and of the people in them, one query each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, Select, and_, case, or_, select

from volunteer import access, accounts, clock, ledger
from volunteer.accounts import User
from volunteer.community import Area
from volunteer.db import db
from volunteer.paging import Page, page
from volunteer.teams.models import Membership, Team

#: However large it is, a team has no more leaders than these.
LEADERS_MAX = 5


def visible(me: int | None) -> Select[Team]:
    """Teams at work, for everybody; those that wait or rest, for whoever leads them or looks after them."""
    return select(Team).where(
        or_(
            Team.state == "active",
            and_(Team.leader_id == me, Team.state != "closed"),
            access.covered(Team, "team.read"),
        )
    )


def directory(
    me: int | None,
    *,
    q: str = "",
    kind: str = "",
    area_path: str = "",
    state: str = "",
    looked_after: bool = False,
) -> Page:
    """A page of teams, newest first: rows of team, the name of its area and the caller's place in it.

    `looked_after` leaves only those in the care of the person signed in.
    """
    found = access.within(select(Team), Team, "team.read") if looked_after else visible(me)
    if q:
        found = found.where(Team.name.icontains(q.strip(), autoescape=True))
    if kind:
        found = found.where(Team.kind == kind)
    if area_path:
        found = found.where(Team.area_path.startswith(area_path))
    if state:
        found = found.where(Team.state == state)
    mine = and_(Membership.team_id == Team.id, Membership.volunteer_id == me)
    rows = (
        found.join(Area, Area.id == Team.area_id)
        .outerjoin(Membership, mine)
        .add_columns(Area.name.label("area"), Membership.state.label("my_state"))
    )
    return page(rows, key=Team.id, size=30, scalars=False)


def mine(volunteer_id: int) -> Sequence[Row[Team, Membership]]:
    """The teams somebody is in or has asked to join, their main one first."""
    return db.session.execute(
        select(Team, Membership)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.volunteer_id == volunteer_id, Membership.state.in_(("applied", "member")))
        .order_by(Membership.main.desc(), Team.name)
    ).all()


def people(team: Team) -> Sequence[Row[Membership, User]]:
    """Who asks and who is in, those who ask first, then by name."""
    return db.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.volunteer_id)
        .where(Membership.team_id == team.id, Membership.state.in_(("applied", "member")), accounts.listed())
        .order_by(case((Membership.state == "applied", 0), else_=1), Membership.asked_at, Membership.id)
    ).all()


def leaders_missing(team: Team) -> int:
    """Return how many leaders a team lacks for as many members as it has, by the rules of its street; five are enough."""
    each = ledger.tariff(clock.today(), team.area_path).members_per_admin
    needed = min(LEADERS_MAX, -(-team.members // each))
    return max(0, needed - len(accounts.holders("team_leader", team_id=team.id)))


def waiting() -> Sequence[Row[Team, str, User]]:
    """Teams that wait for the person signed in to decide, the oldest first."""
    asked = (
        select(Team, Area.name.label("area"), User)
        .join(Area, Area.id == Team.area_id)
        .join(User, User.id == Team.leader_id)
        .where(waits())
        .order_by(Team.asked_at, Team.id)
    )
    return db.session.execute(asked).all()


def waits() -> ColumnElement[bool]:
    """The condition on a team: it waits for the person signed in."""
    return and_(Team.state == "pending", access.covered(Team, "team.approve"))


def place_of(team: Team, volunteer_id: int) -> Membership | None:
    """Somebody's membership of a team, whatever its state."""
    return db.session.scalar(
        select(Membership).where(Membership.team_id == team.id, Membership.volunteer_id == volunteer_id)
    )


def leader(team: Team) -> User:
    """Who leads a team, or asked for it."""
    return db.session.get_one(User, team.leader_id)
