"""Being in a team: a volunteer asks, the leader says yes or no, and anyone may leave again."""

from __future__ import annotations

from sqlalchemy import func, select, update

from volunteer import accounts, clock, events, ledger, notices
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.teams.models import Membership, Team
from volunteer.teams.registrations import require_active


@events.kind
class Asked(events.Event):
    team_id: int
    volunteer_id: int


@events.kind
class Joined(events.Event):
    team_id: int
    volunteer_id: int


@events.kind
class TurnedAway(events.Event):
    team_id: int
    volunteer_id: int


@events.kind
class Left(events.Event):
    team_id: int
    volunteer_id: int


class GuardianFirst(Refusal):
    code = "membership.guardian"
    says = _("未满 18 岁要家长先同意，再加入队伍。")
    action = (_("请监护人确认"), "accounts.guardian")


class TooManyTeams(Refusal):
    code = "team.too_many"
    says = _("一个人最多参加 {most} 支队伍。先退出一支，再来加入。")
    action = (_("看我的队伍"), "teams.index")


class NotYours(Refusal):
    code = "team.not_member"
    says = _("你不在这支队伍里。")


class LeaderStays(Refusal):
    code = "team.leader_stays"
    says = _("你是这支队伍的队长，要先请社区换一位队长，才能退出。")
    who = _("请联系社区工作人员。")


class Answered(Refusal):
    code = "team.answered"
    says = _("这份申请已经办过了，请刷新看看。")


def join(volunteer: User, team: Team) -> Membership:
    """Ask to be let into a team. Asking again returns what there is.

    :raises GuardianFirst: a minor whom no guardian has confirmed
    :raises TooManyTeams: with the teams one is in or waits for, it would be more than the rules allow
    """
    # The person's own row is the queue: two phones of one person ask one after the other.
    db.session.execute(select(User.id).where(User.id == volunteer.id).with_for_update())
    membership = _of(team.id, volunteer.id)
    if membership is not None and membership.state in ("applied", "member"):
        return membership
    require_active(team)
    if accounts.needs_guardian(volunteer):
        raise GuardianFirst
    most = ledger.tariff(clock.today(), volunteer.area_path).max_teams
    mine = select(func.count()).where(
        Membership.volunteer_id == volunteer.id, Membership.state.in_(("applied", "member"))
    )
    if (db.session.scalar(mine) or 0) >= most:
        raise TooManyTeams(most=most)

    if membership is None:
        membership = Membership(team_id=team.id, volunteer_id=volunteer.id)
        db.session.add(membership)
    membership.state, membership.asked_at, membership.decided_at = "applied", clock.now(), None
    membership.main = False
    db.session.flush()

    events.record(
        Asked(team_id=team.id, volunteer_id=volunteer.id), about=f"team:{team.id}", whom=volunteer.id
    )
    notices.send(
        team.leader_id,
        _("{name}想加入“{team}”，请看一下。", name=volunteer.name, team=team.name),
        key=f"membership:{membership.id}:{membership.asked_at:%Y%m%d%H%M%S}",
        link=f"/teams/{team.id}/members",
    )
    return membership


def accept(membership: Membership) -> Membership:
    """Let somebody in. Their first team becomes their main one.

    :raises Answered: they took their question back, or were turned away
    """
    db.session.refresh(membership, with_for_update=True)
    if membership.state == "member":
        return membership
    if membership.state != "applied":
        raise Answered

    membership.state, membership.decided_at = "member", clock.now()
    others = select(Membership.id).where(
        Membership.volunteer_id == membership.volunteer_id, Membership.main, Membership.state == "member"
    )
    membership.main = db.session.scalar(others) is None
    _count(membership.team_id, 1)

    events.record(
        Joined(team_id=membership.team_id, volunteer_id=membership.volunteer_id),
        about=f"team:{membership.team_id}",
        whom=membership.volunteer_id,
    )
    _tell(membership, _("欢迎加入“{team}”。", team=_team(membership).name))
    return membership


def refuse_member(membership: Membership) -> Membership:
    """Turn somebody away; they may ask again later.

    :raises Answered: they are in the team, or took their question back
    """
    db.session.refresh(membership, with_for_update=True)
    if membership.state == "refused":
        return membership
    if membership.state != "applied":
        raise Answered

    membership.state, membership.decided_at = "refused", clock.now()

    events.record(
        TurnedAway(team_id=membership.team_id, volunteer_id=membership.volunteer_id),
        about=f"team:{membership.team_id}",
        whom=membership.volunteer_id,
    )
    _tell(membership, _("“{team}”这次没能加上你，可以看看别的队伍。", team=_team(membership).name))
    return membership


def leave(volunteer: User, team: Team) -> Membership:
    """Leave a team, or take the question back. Leaving twice changes nothing.

    :raises NotYours: they never were in it
    :raises LeaderStays: the leader hands over first
    """
    membership = _of(team.id, volunteer.id, lock=True)
    if membership is None:
        raise NotYours
    if membership.state in ("left", "refused"):
        return membership
    if team.leader_id == volunteer.id:
        raise LeaderStays

    was_in = membership.state == "member"
    membership.state, membership.main, membership.decided_at = "left", False, clock.now()
    if was_in:
        _count(team.id, -1)

    events.record(
        Left(team_id=team.id, volunteer_id=volunteer.id), about=f"team:{team.id}", whom=volunteer.id
    )
    return membership


def choose_main(volunteer: User, team: Team) -> Membership:
    """Make a team the one that reviews the volunteer's stars.

    :raises NotYours: they are not in it
    """
    db.session.execute(select(User.id).where(User.id == volunteer.id).with_for_update())
    membership = _of(team.id, volunteer.id)
    if membership is None or membership.state != "member":
        raise NotYours

    others = update(Membership).where(Membership.volunteer_id == volunteer.id, Membership.main)
    db.session.execute(others.values(main=False))
    membership.main = True
    db.session.flush()
    return membership


def is_member(team_id: int, volunteer_id: int) -> bool:
    """Whether somebody is in a team now."""
    inside = select(Membership.id).where(
        Membership.team_id == team_id,
        Membership.volunteer_id == volunteer_id,
        Membership.state == "member",
    )
    return db.session.scalar(inside) is not None


def _of(team_id: int, volunteer_id: int, *, lock: bool = False) -> Membership | None:
    asked = select(Membership).where(Membership.team_id == team_id, Membership.volunteer_id == volunteer_id)
    return db.session.scalar(
        asked.with_for_update().execution_options(populate_existing=True) if lock else asked
    )


def _team(membership: Membership) -> Team:
    team = db.session.get(Team, membership.team_id)
    assert team is not None
    return team


def _count(team_id: int, change: int) -> None:
    counted = update(Team).where(Team.id == team_id).values(members=Team.members + change)
    db.session.execute(counted, execution_options={"synchronize_session": "fetch"})


def _tell(membership: Membership, words: Sentence) -> None:
    assert membership.decided_at is not None
    key = f"membership:{membership.id}:{membership.state}:{membership.decided_at:%Y%m%d%H%M%S}"
    notices.send(membership.volunteer_id, words, key=key, link=f"/teams/{membership.team_id}")
