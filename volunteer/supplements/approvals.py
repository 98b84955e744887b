"""Two agree to late hours: neither has a hand in them, and one of the two is not of the team."""

from __future__ import annotations

from sqlalchemy import select

from volunteer import accounts, clock, events, identity, ledger, service_days
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.supplements.models import Supplement
from volunteer.supplements.requests import (
    UNDER_WAY,
    Over,
    accounted_for,
    activity_of,
    close,
    day_of,
    tell,
    told,
)
from volunteer.teams import Membership, Team


@events.kind
class Agreed(events.Event):
    """`by_two` says that it was the second of the two."""

    supplement_id: int
    by_two: bool


@events.kind
class Rejected(events.Event):
    supplement_id: int
    reason: str


@events.kind
class ObjectionDismissed(events.Event):
    supplement_id: int
    reason: str


class HandInIt(Refusal):
    code = "supplement.own"
    says = _("自己的、自己提交的、自己带队的那一场，要由别人来同意。")
    who = _("请社区或街道的另一位工作人员帮你看一下。")


class AgreedAlready(Refusal):
    code = "supplement.takes_another"
    says = _("你已经同意过了，还要另一位同意。")


class SameTeam(Refusal):
    code = "supplement.same_team"
    says = _("两位里要有一位不是这支队伍的人。")
    who = _("请社区或街道的工作人员来同意。")


class NotObjected(Refusal):
    code = "supplement.no_objection"
    says = _("这条补录没有等着处理的异议。")


def agree(supplement: Supplement, *, by: accounts.User) -> Supplement:
    """Agree to a request; the second to do so puts it into the public notice.

    :raises Over: nothing waits for an agreement
    :raises HandInIt: theirs to be given, to have filed or to have led
    :raises AgreedAlready: the first of the two is not the second as well
    :raises SameTeam: both are of the team
    :raises requests.HasStay, requests.ScanWaits, requests.Elsewhere: a scan has come in meanwhile
    """
    if supplement.state not in ("filed", "first"):
        raise Over
    _refuse_hand(supplement, by)
    if by.id == supplement.first_by:
        raise AgreedAlready
    day = day_of(supplement)
    if supplement.state == "first":
        first = db.session.get_one(accounts.User, supplement.first_by)
        if of_team(first, supplement.team_id) and of_team(by, supplement.team_id):
            raise SameTeam
    if taken := accounted_for(supplement.volunteer_id, day, but=supplement.id):
        raise taken

    if supplement.state == "filed":
        supplement.state, supplement.first_by, supplement.first_at = "first", by.id, clock.now()
    else:
        days = ledger.tariff(day.on, day.area_path).publicity_days
        supplement.second_by, supplement.second_at = by.id, clock.now()
        supplement.notice_until = service_days.working_day(clock.today(), days)
        supplement.state = "notice"
    db.session.flush()

    two = supplement.state == "notice"
    tell(Agreed(supplement_id=supplement.id, by_two=two), supplement)
    if two:
        said = _(
            "{on|date} 的补录，两位都同意了，公示到 {until|date}，没有异议就记上时长。",
            on=day.on, until=supplement.notice_until,
        )  # fmt: skip
    else:
        said = _("{on|date} 的补录，第一位同意了，还要一位。", on=day.on)
    told(supplement, supplement.state, said)
    return supplement


def reject(supplement: Supplement, reason: str, *, by: accounts.User) -> Supplement:
    """Turn a request down, or uphold an objection to it, and say why. Doing so again changes nothing.

    :raises HandInIt: theirs to be given, to have filed or to have led
    :raises Over: it has been recorded or taken back
    """
    if supplement.state == "rejected":
        return supplement
    if supplement.state not in UNDER_WAY:
        raise Over
    _refuse_hand(supplement, by)
    why = identity.free_text(reason, 200)

    close(supplement, "rejected", by=by.id, note=why)

    tell(Rejected(supplement_id=supplement.id, reason=why), supplement)
    said = _("{on|date} 的补录没有通过：{reason}。有疑问可以申诉。", on=day_of(supplement).on, reason=why)
    told(supplement, "rejected", said)
    return supplement


def dismiss(supplement: Supplement, reason: str, *, by: accounts.User) -> Supplement:
    """Find that an objection does not hold: the notice goes on, a working day longer at least.

    :raises NotObjected: none waits
    :raises HandInIt: theirs to be given, to have filed, to have led, or to have objected
    """
    if supplement.state != "objected":
        raise NotObjected
    _refuse_hand(supplement, by)
    if by.id == supplement.objected_by:
        raise HandInIt
    why = identity.free_text(reason, 200)

    supplement.state, supplement.note = "notice", why
    assert supplement.notice_until is not None
    supplement.notice_until = max(supplement.notice_until, service_days.working_day(clock.today(), 1))
    db.session.flush()

    tell(ObjectionDismissed(supplement_id=supplement.id, reason=why), supplement)
    said = _("对 {on|date} 这条补录的异议看过了：{reason}", on=day_of(supplement).on, reason=why)
    told(supplement, f"dismissed:{clock.now():%Y%m%d%H%M%S}", said)
    return supplement


def of_team(person: accounts.User, team_id: int) -> bool:
    """Whether somebody leads a team, holds a role in it, or is a member."""
    if any(hold.team_id == team_id for hold in person.holds):
        return True
    team = db.session.get_one(Team, team_id)
    member = select(Membership.id).where(
        Membership.team_id == team_id,
        Membership.volunteer_id == person.id,
        Membership.state == "member",
    )
    return team.leader_id == person.id or db.session.scalar(member) is not None


def _refuse_hand(supplement: Supplement, by: accounts.User) -> None:
    led = activity_of(day_of(supplement)).leader_id
    if by.id in (supplement.volunteer_id, supplement.filed_by, led):
        raise HandInIt
