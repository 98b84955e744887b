"""What takes two of the office: one asks, another decides. An administrator's role; taking a lost factor away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, select

from volunteer import clock, events, identity
from volunteer.accounts import appointments, factors, sessions, tokens
from volunteer.accounts.credential_models import Proposal
from volunteer.accounts.models import Grant, User
from volunteer.accounts.people import NotYourself
from volunteer.accounts.roles import ADMIN_ROLES
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Proposed(events.Event):
    user_id: int
    act: str
    role: str | None
    reason: str


@events.kind
class Decided(events.Event):
    user_id: int
    act: str
    role: str | None
    outcome: str


@events.kind
class FactorReset(events.Event):
    user_id: int


class AskedAlready(Refusal):
    code = "proposal.asked_already"
    status = 409
    says = _("已经有人提出了，等另一位负责人决定。")


class TakesAnother(Refusal):
    code = "proposal.takes_another"
    status = 409
    says = _("自己提出的，要由另一位负责人决定。")
    who = _("请同级或上一级的负责人来办；整条街道只有一位管理员时，请平台维护人员办。")


class DecidedAlready(Refusal):
    code = "proposal.decided"
    status = 409
    says = _("这件事已经决定过了。")


def ask_role(asker: User, user: User, role: str, area: Area, until: date | None, reason: str) -> Proposal:
    """Ask that somebody become an administrator; nothing changes until another one agrees.

    :raises appointments.BeyondReach: it is not the asker's to give
    :raises NotYourself: nobody asks for themselves
    :raises AskedAlready: one waits for this person
    """
    if not appointments.may_give(asker, role, area):
        raise appointments.BeyondReach
    return _ask(asker, user, "role", reason, role=role, area_id=area.id, until=until)


def ask_factor_reset(asker: User, user: User, reason: str) -> Proposal:
    """Ask that somebody's second factor be taken away, because the phone and the codes are lost.

    :raises appointments.BeyondReach: the person's roles are not the asker's to give
    :raises factors.NotBegun: there is none to take away
    """
    if not may_reset(asker, user):
        raise appointments.BeyondReach
    if not factors.enrolled(user):
        raise factors.NotBegun
    return _ask(asker, user, "factor_reset", reason)


def decide(decider: User, proposal: Proposal, *, agreed: bool) -> Proposal:
    """Agree, and it is done at once; or refuse. Whoever asked cannot, nor whom it is about.

    :raises DecidedAlready: somebody was faster
    :raises TakesAnother: it is the asker
    :raises NotYourself: it is whom it is about
    :raises appointments.BeyondReach: it would not have been theirs to ask
    """
    user = db.session.get_one(User, proposal.user_id)
    if proposal.outcome != "open":
        raise DecidedAlready
    if decider.id == proposal.asked_by:
        raise TakesAnother
    if decider.id == user.id:
        raise NotYourself
    if not may_decide(decider, proposal, user):
        raise appointments.BeyondReach

    proposal.decided_by, proposal.decided_at = decider.id, clock.now()
    proposal.outcome = "done" if agreed else "refused"
    db.session.flush()
    events.record(
        Decided(user_id=user.id, act=proposal.act, role=proposal.role, outcome=proposal.outcome),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    if agreed and proposal.act == "role":
        area = db.session.get_one(Area, proposal.area_id)
        appointments.appoint(user, proposal.role or "", area=area, until=proposal.until)
    elif agreed:
        reset_factor(user)
    return proposal


def reset_factor(user: User) -> None:
    """Take a second factor away; every session and token ends, and the next sign-in is by password alone."""
    factors.forget(user)
    sessions.close_all(user)
    tokens.end_all(user)
    events.record(
        FactorReset(user_id=user.id), about=f"account:{user.id}", within=user.area_path, whom=user.id
    )


def may_decide(decider: User, proposal: Proposal, user: User) -> bool:
    """Whether a proposal is somebody's to decide, who asked it aside."""
    if proposal.act == "factor_reset":
        return may_reset(decider, user)
    area = db.session.get(Area, proposal.area_id)
    return area is not None and appointments.may_give(decider, proposal.role or "", area)


def may_reset(helper: User, user: User) -> bool:
    """Whether every office role of a person is this helper's to give: nobody disarms who stands above them."""
    if helper.id == user.id:
        return False
    held = db.session.execute(
        select(Grant.role, Area).join(Area, Area.id == Grant.area_id).where(Grant.user_id == user.id)
    ).all()
    reach = any(
        "role.give" in hold.rights
        and hold.area_path is not None
        and user.area_path.startswith(hold.area_path)
        for hold in helper.holds
    )
    return (reach or bool(held)) and all(appointments.may_give(helper, role, area) for role, area in held)


def find(proposal_id: int) -> Proposal | None:
    """Return a proposal, held until the decision is written."""
    return db.session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)


def waiting(user: User) -> Sequence[Proposal]:
    """Return what waits for a decision about somebody."""
    open_ = select(Proposal).filter_by(user_id=user.id, outcome="open").order_by(Proposal.id)
    return db.session.scalars(open_).all()


def to_decide(decider: User) -> list[Row[Proposal, User]]:
    """Return what waits for this person: asked by others, about others, and theirs to decide."""
    rows = db.session.execute(
        select(Proposal, User)
        .join(User, User.id == Proposal.user_id)
        .where(Proposal.outcome == "open", Proposal.asked_by != decider.id, Proposal.user_id != decider.id)
        .order_by(Proposal.id)
    ).all()
    return [row for row in rows if may_decide(decider, row[0], row[1])]


def _ask(asker: User, user: User, act: str, reason: str, **about: object) -> Proposal:
    if asker.id == user.id:
        raise NotYourself
    if any(one.act == act for one in waiting(user)):
        raise AskedAlready
    proposal = Proposal(
        user_id=user.id,
        act=act,
        reason=identity.free_text(reason, 200),
        asked_by=asker.id,
        asked_at=clock.now(),
        outcome="open",
        **about,
    )
    db.session.add(proposal)
    db.session.flush()
    events.record(
        Proposed(user_id=user.id, act=act, role=proposal.role, reason=proposal.reason),
        about=f"account:{user.id}",
        within=user.area_path,
        whom=user.id,
    )
    return proposal


def is_for_two(role: str) -> bool:
    """Whether giving a role takes two."""
    return role in ADMIN_ROLES
