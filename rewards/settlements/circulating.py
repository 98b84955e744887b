"""Circulated: part of an agreed statement goes to the partner's own volunteers as points, the rest is settled (M7).

The partner's manager proposes who gets how much, up to the share the rules set; each of them works for the partner,
as its staff or because they have said so; one of the office agrees, and the points move at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from rewards import partners
from rewards.partners import Partner
from rewards.settlements import ending
from rewards.settlements.models import Circulation, Share, Statement
from volunteer import accounts, clock, events, identity, ledger, notices, privacy
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

SHARES_MAX = 50


@events.kind
class Proposed(events.Event):
    statement_id: int
    partner_id: int
    points: int
    count: int


@events.kind
class Circulated(events.Event):
    """`outcome` is done or refused."""

    statement_id: int
    partner_id: int
    points: int
    outcome: str


@events.kind
class ShareTaken(events.Event):
    share_id: int
    points: int


class ProposedAlready(Refusal):
    code = "circulation.proposed"
    says = _("这份账单已经提过转赠，等社区答复。")


class TooMuchShared(Refusal):
    code = "circulation.too_much"
    status = 422
    says = _("这份账单最多转赠 {most|number} 分（{percent}%），现在加起来是 {points|number} 分。")


class NobodyNamed(Refusal):
    code = "circulation.nobody"
    status = 422
    says = _("请写上转给谁、多少分，一次最多 {most} 个人。")


class NotAllAgreed(Refusal):
    code = "circulation.not_all_agreed"
    says = _("还有 {count} 个人没有确认自己在这家帮忙，确认以后才能同意。")


class OwnShare(Refusal):
    code = "circulation.own"
    status = 403
    says = _("名单里有你自己，请另一位同事来办。")


class OverCap(Refusal):
    code = "circulation.over_cap"
    says = _("{name} 的积分加上这一笔超过了上限 {cap|number} 分，请商家改一改名单。")


def most(statement: Statement) -> tuple[int, int]:
    """Return how many points of a statement may be circulated, and the percentage that is."""
    percent = ledger.tariff(clock.today(), statement.area_path).circulation_percent
    return max(0, ending.due(statement)) * percent // 100, percent


def propose(statement: Statement, shares: Mapping[int, int], by: accounts.User) -> Circulation:
    """Propose that these people get these points of a statement; who is not of the staff is asked first.

    :raises ending.NotAgreed: two people have not signed it yet
    :raises ending.EndedAlready: it was paid or circulated
    :raises ProposedAlready: one waits
    :raises NobodyNamed: for no people, or too many, or somebody who has no account in use
    :raises TooMuchShared: more than the rules give
    """
    ending.refuse_ended(statement)
    if live(statement) is not None:
        raise ProposedAlready
    people = db.session.scalars(
        select(accounts.User).where(accounts.User.id.in_(shares), accounts.User.state == "active")
    ).all()
    if not 0 < len(shares) <= SHARES_MAX or len(people) != len(shares) or min(shares.values()) < 1:
        raise NobodyNamed(most=SHARES_MAX)
    limit, percent = most(statement)
    points = sum(shares.values())
    if points > limit:
        raise TooMuchShared(most=limit, percent=percent, points=points)

    circulation = Circulation(
        statement_id=statement.id,
        partner_id=statement.partner_id,
        area_path=statement.area_path,
        statement_points=ending.due(statement),
        percent=percent,
        points=points,
        state="open",
        proposed_by=by.id,
        proposed_at=clock.now(),
    )
    db.session.add(circulation)
    db.session.flush()
    staff = {person.id for person in staff_of(statement.partner_id)}
    made = [
        Share(
            circulation_id=circulation.id,
            volunteer_id=one,
            points=shares[one],
            agreed_at=clock.now() if one in staff else None,
        )
        for one in sorted(shares)
    ]
    db.session.add_all(made)
    db.session.flush()

    partner = db.session.get_one(Partner, statement.partner_id)
    for share in made:
        if share.agreed_at is None:
            notices.send(
                share.volunteer_id,
                _(
                    "{partner} 想转给你 {points} 分。你在那里帮忙的话，请点进去确认。",
                    partner=partner.name,
                    points=share.points,
                ),
                key=f"share:{share.id}",
                link=f"/shares/{share.id}",
            )
    events.record(
        Proposed(
            statement_id=statement.id,
            partner_id=statement.partner_id,
            points=points,
            count=len(made),
        ),
        about=f"statement:{statement.id}",
        within=f"partner:{statement.partner_id}",
    )
    return circulation


def take(share: Share) -> Share:
    """Its volunteer says that they work for the partner. Saying it again changes nothing."""
    if share.agreed_at is None:
        share.agreed_at = clock.now()
        db.session.flush()
        events.record(
            ShareTaken(share_id=share.id, points=share.points),
            about=f"circulation:{share.circulation_id}",
            whom=share.volunteer_id,
        )
    return share


def decide(circulation: Circulation, note: str, by: accounts.User, *, agreed: bool) -> Circulation:
    """Agree, and the points move at once; or refuse, and the partner may propose anew.

    :raises accounts.proposals.DecidedAlready: somebody was faster
    :raises accounts.proposals.TakesAnother: whoever proposed does not agree as well
    :raises OwnShare: nobody decides about points of their own
    :raises NotAllAgreed: somebody has not said yet that they work there
    :raises OverCap: somebody would hold more than one may
    """
    if circulation.state != "open":
        raise accounts.proposals.DecidedAlready
    if by.id == circulation.proposed_by:
        raise accounts.proposals.TakesAnother
    shares = shares_of(circulation)
    if any(row.Share.volunteer_id == by.id for row in shares):
        raise OwnShare
    missing = sum(row.Share.agreed_at is None for row in shares)
    if agreed and missing:
        raise NotAllAgreed(count=missing)

    circulation.note = identity.free_text(note, 200, empty=agreed)
    circulation.decided_by, circulation.decided_at = by.id, clock.now()
    circulation.state = "done" if agreed else "refused"
    db.session.flush()
    if agreed:
        statement = db.session.get_one(
            Statement, circulation.statement_id, with_for_update=True, populate_existing=True
        )
        ending.refuse_ended(statement)
        ending.end(statement, "circulated", by)
        _move(statement, [row.Share for row in shares])

    said = (
        _("转赠的 {points} 分社区同意了，已经到各人账上。", points=circulation.points)
        if agreed
        else _("转赠没有同意：{note}", note=circulation.note)
    )
    notices.send(
        circulation.proposed_by,
        said,
        key=f"circulation:{circulation.id}:{circulation.state}",
        link="/me/notices",
    )
    events.record(
        Circulated(
            statement_id=circulation.statement_id,
            partner_id=circulation.partner_id,
            points=circulation.points,
            outcome=circulation.state,
        ),
        about=f"statement:{circulation.statement_id}",
        within=f"partner:{circulation.partner_id}",
    )
    return circulation


def _move(statement: Statement, shares: Sequence[Share]) -> None:
    """What was settled when it was agreed is owed again; the shares go to their purses, and the rest is settled."""
    partner, owed = (
        db.session.get_one(Partner, statement.partner_id),
        ledger.chart.owed(statement.partner_id),
    )
    settled = ledger.reverse(
        f"settle:{statement.id}", move="unsettle", new_key=f"unsettle:{statement.id}", why={}
    ).points
    for share in shares:
        person = db.session.get_one(accounts.User, share.volunteer_id)
        tariff = ledger.tariff(clock.today(), person.area_path)
        if ledger.locked_balance(person.id) + share.points > tariff.balance_cap_points:
            raise OverCap(name=privacy.mask_name(person.name), cap=tariff.balance_cap_points)
        purse = ledger.chart.purse(person.id, tariff.purse_month(clock.today()))
        ledger.transfer(
            (owed, purse, share.points),
            move="circulate",
            key=f"circulate:{statement.id}:{person.id}",
            volunteer_id=person.id,
            area_path=person.area_path,
            why={"title": partner.name, "link": "/me/points"},
        )
        notices.send(
            person.id,
            _("{partner} 转给你 {points} 分，谢谢你在那里帮忙。", partner=partner.name, points=share.points),
            key=f"circulate:{statement.id}",
            link="/me/points",
        )
    rest = settled - sum(share.points for share in shares)
    if rest:
        ledger.transfer(
            (owed, ledger.chart.SETTLED, rest),
            move="settle",
            key=f"settle:{statement.id}:rest",
            area_path=statement.area_path,
        )


# ── reads ──


def staff_of(partner_id: int) -> list[accounts.User]:
    """Return who works at a partner, its managers too."""
    found = {one.id: one for role in partners.ROLES for one in accounts.holders(role, partner_id=partner_id)}
    return [found[id_] for id_ in sorted(found)]


def live(statement: Statement) -> Circulation | None:
    """Return what was proposed for a statement and not refused."""
    return db.session.scalar(
        select(Circulation).where(Circulation.statement_id == statement.id, Circulation.state != "refused")
    )


def shares_of(circulation: Circulation) -> Sequence[Any]:
    """Return (share, name, number) of a circulation, in the order of people."""
    return db.session.execute(
        select(Share, accounts.User.name, accounts.User.volunteer_no)
        .join(accounts.User, accounts.User.id == Share.volunteer_id)
        .where(Share.circulation_id == circulation.id)
        .order_by(Share.volunteer_id)
    ).all()
