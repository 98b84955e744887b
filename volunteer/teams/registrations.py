"""A team comes to be: somebody registers it, the community approves, and they lead it from then on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from volunteer import accounts, clock, events, identity, notices
from volunteer.accounts import User
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.teams.models import Membership, Team

#: The kinds people choose from; a team of another kind may say so in its own word.
KINDS: dict[str, Sentence] = {
    "party": _("党员队"),
    "women": _("巾帼队"),
    "youth": _("青年队"),
    "residents": _("居民队"),
    "skills": _("专业技能队"),
    "unit": _("单位队"),
}


@events.kind
class Founded(events.Event):
    team_id: int
    leader_id: int


@events.kind
class Approved(events.Event):
    team_id: int


@events.kind
class Rejected(events.Event):
    team_id: int


@events.kind
class Suspended(events.Event):
    team_id: int


@events.kind
class Resumed(events.Event):
    team_id: int


class NameTaken(Refusal):
    code = "team.name_taken"
    says = _("这个社区已经有一支队伍叫“{name}”，请换个名字。")


class TooYoung(Refusal):
    code = "team.leader_age"
    says = _("队长要满 18 岁。可以请家长或老师来登记，你来当队员。")


class Decided(Refusal):
    code = "team.decided"
    says = _("这支队伍已经办过了，请刷新看看现在的状态。")


class NotActive(Refusal):
    code = "team.not_active"
    says = _("“{team}”现在还不能开展活动，要等社区通过。")
    who = _("着急的话，可以请社区工作人员看一下。")


def found(leader: User, area: Area, name: str, kind: str, about: str = "") -> Team:
    """Register a team; it waits for the community. The same leader asking again gets the same team.

    :raises NameTaken: another team of the area has the name
    """
    if accounts.is_minor(leader.birth_on):
        raise TooYoung
    name = identity.free_text(name, 40)
    same = db.session.scalar(select(Team).where(Team.area_id == area.id, Team.name == name))
    if same is not None and (same.leader_id != leader.id or same.state == "closed"):
        raise NameTaken(name=name)
    if same is not None and same.state != "rejected":
        return same

    team = same or Team(area_id=area.id, area_path=area.path, name=name, leader_id=leader.id)
    team.kind, team.about = (
        identity.free_text(kind, 20),
        identity.free_text(about, 2000, lines=True, empty=True),
    )
    team.state, team.asked_at = "pending", clock.now()
    team.decided_at = team.decided_by = team.reason = None
    db.session.add(team)
    db.session.flush()

    events.record(Founded(team_id=team.id, leader_id=leader.id), about=f"team:{team.id}", whom=leader.id)
    return team


def approve(team: Team) -> Team:
    """Let a team begin: who registered it becomes its leader. Approving again changes nothing.

    :raises Decided: it was turned down, suspended or closed meanwhile
    """
    db.session.refresh(team, with_for_update=True)
    if team.state == "active":
        return team
    if team.state != "pending":
        raise Decided

    team.state, team.reason = "active", None
    _decided(team)
    leader = _leader(team)
    db.session.add(
        Membership(
            team_id=team.id,
            volunteer_id=leader.id,
            main=not _has_main(leader.id),
            state="member",
            asked_at=clock.now(),
            decided_at=clock.now(),
        )
    )
    team.members = 1
    db.session.flush()
    accounts.appoint(leader, "team_leader", team_id=team.id)

    events.record(Approved(team_id=team.id), about=f"team:{team.id}", whom=leader.id)
    _tell(team, "approved", _("“{team}”通过了，现在可以招队员、排活动。", team=team.name))
    return team


def reject(team: Team, reason: str) -> Team:
    """Turn a registration down and say why; the leader may mend it and ask again.

    :raises Decided: it is no longer waiting
    """
    db.session.refresh(team, with_for_update=True)
    if team.state == "rejected":
        return team
    if team.state != "pending":
        raise Decided

    team.state, team.reason = "rejected", identity.free_text(reason, 200)
    _decided(team)

    events.record(Rejected(team_id=team.id), about=f"team:{team.id}", whom=team.leader_id)
    _tell(
        team,
        "rejected",
        _("“{team}”这次没有通过：{reason}。改好后可以再登记一次。", team=team.name, reason=team.reason),
    )
    return team


def suspend(team: Team, reason: str) -> Team:
    """Stop a team for a while: it keeps its members and days, and can plan nothing new.

    :raises Decided: it is not at work
    """
    db.session.refresh(team, with_for_update=True)
    if team.state == "suspended":
        return team
    if team.state != "active":
        raise Decided

    team.state, team.reason = "suspended", identity.free_text(reason, 200)
    _decided(team)

    events.record(Suspended(team_id=team.id), about=f"team:{team.id}", whom=team.leader_id)
    _tell(team, "suspended", _("“{team}”先暂停：{reason}。", team=team.name, reason=team.reason))
    return team


def resume(team: Team) -> Team:
    """Let a suspended team go on.

    :raises Decided: it was not suspended
    """
    db.session.refresh(team, with_for_update=True)
    if team.state == "active":
        return team
    if team.state != "suspended":
        raise Decided

    team.state, team.reason = "active", None
    _decided(team)

    events.record(Resumed(team_id=team.id), about=f"team:{team.id}", whom=team.leader_id)
    _tell(team, "resumed", _("“{team}”可以继续活动了。", team=team.name))
    return team


def require_active(team: Team) -> None:
    """Refuse what only a team at work may do.

    :raises NotActive: it waits for approval, is suspended or closed
    """
    if team.state != "active":
        raise NotActive(team=team.name)


def led_by(user_id: int) -> Sequence[Team]:
    """The teams a person leads or has asked to lead, by name."""
    return db.session.scalars(select(Team).where(Team.leader_id == user_id).order_by(Team.name)).all()


def _leader(team: Team) -> User:
    leader = db.session.get(User, team.leader_id)
    assert leader is not None
    return leader


def _has_main(volunteer_id: int) -> bool:
    main = select(Membership.id).where(
        Membership.volunteer_id == volunteer_id, Membership.main, Membership.state == "member"
    )
    return db.session.scalar(main) is not None


def _decided(team: Team) -> None:
    team.decided_at, team.decided_by = clock.now(), events.actor()


def _tell(team: Team, what: str, words: Sentence) -> None:
    assert team.decided_at is not None
    key = f"team:{team.id}:{what}:{team.decided_at:%Y%m%d%H%M}"
    notices.send(team.leader_id, words, key=key, link=f"/teams/{team.id}")
