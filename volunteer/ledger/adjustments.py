"""Points by hand: one of the office asks, with the reason and what proves it; another agrees, and they move at once.

The last resort, for what no record, supplement or reversal can put right. A wrong one is put right by one the other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, clock, events, identity, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger import chart
from volunteer.ledger.models import Adjustment
from volunteer.ledger.purses import locked_balance
from volunteer.ledger.rules import tariff
from volunteer.ledger.spending import spend
from volunteer.ledger.transfers import Insufficient, transfer

RIGHT = "points.adjust"
POINTS_MAX = 1_000
SHOWN_MAX = 100


@events.kind
class AdjustmentAsked(events.Event):
    adjustment_id: int
    points: int
    reason: str


@events.kind
class AdjustmentDecided(events.Event):
    """`outcome` is done or refused."""

    adjustment_id: int
    points: int
    outcome: str


class OwnPoints(Refusal):
    code = "adjustment.own"
    status = 403
    says = _("自己的积分要由别人来调整。")


class OutOfRange(Refusal):
    code = "adjustment.range"
    status = 422
    says = _("一次调整 1 到 {most|number} 分。")


class TooMuch(Refusal):
    code = "adjustment.too_much"
    says = _("他现在有 {balance|number} 分，一个人最多 {cap|number} 分，加不了这么多。")


class TooLittle(Refusal):
    code = "adjustment.too_little"
    says = _("他现在能用的只有 {balance|number} 分，扣不了 {points|number} 分。")


def ask(
    asker: accounts.User, volunteer: accounts.User, points: int, reason: str, evidence: str
) -> Adjustment:
    """Ask that somebody be given points, or that some be taken; nothing moves until another one agrees.

    :raises OwnPoints: nobody asks for themselves
    :raises OutOfRange: none, or more than a thousand
    :raises accounts.proposals.AskedAlready: one waits for this person
    """
    if asker.id == volunteer.id:
        raise OwnPoints
    if not 0 < abs(points) <= POINTS_MAX:
        raise OutOfRange(most=POINTS_MAX)
    if db.session.scalar(select(Adjustment.id).filter_by(volunteer_id=volunteer.id, state="open")):
        raise accounts.proposals.AskedAlready
    adjustment = Adjustment(
        volunteer_id=volunteer.id,
        area_path=volunteer.area_path,
        points=points,
        reason=identity.free_text(reason, 200),
        evidence=identity.free_text(evidence, 500, lines=True),
        asked_by=asker.id,
        asked_at=clock.now(),
        state="open",
    )
    db.session.add(adjustment)
    db.session.flush()
    events.record(
        AdjustmentAsked(adjustment_id=adjustment.id, points=points, reason=adjustment.reason),
        about=f"adjustment:{adjustment.id}",
        within=volunteer.area_path,
        whom=volunteer.id,
    )
    return adjustment


def decide(adjustment: Adjustment, note: str, by: accounts.User, *, agreed: bool) -> Adjustment:
    """Agree, and the points move at once; or refuse.

    :raises accounts.proposals.DecidedAlready: somebody was faster
    :raises accounts.proposals.TakesAnother: whoever asked does not agree as well
    :raises OwnPoints: nobody decides about their own points
    :raises TooMuch: the person would hold more than one may
    :raises TooLittle: the person has fewer points than should be taken
    """
    if adjustment.state != "open":
        raise accounts.proposals.DecidedAlready
    if by.id == adjustment.asked_by:
        raise accounts.proposals.TakesAnother
    if by.id == adjustment.volunteer_id:
        raise OwnPoints

    adjustment.note = identity.free_text(note, 200, empty=agreed)
    adjustment.decided_by, adjustment.decided_at = by.id, clock.now()
    adjustment.state = "done" if agreed else "refused"
    db.session.flush()
    events.record(
        AdjustmentDecided(adjustment_id=adjustment.id, points=adjustment.points, outcome=adjustment.state),
        about=f"adjustment:{adjustment.id}",
        within=adjustment.area_path,
        whom=adjustment.volunteer_id,
    )
    if agreed:
        _move(adjustment)
    else:
        notices.send(
            adjustment.asked_by,
            _("你提出的积分调整没有同意：{note}", note=adjustment.note),
            key=f"adjustment:{adjustment.id}:refused",
            link="/office/adjustments",
        )
    return adjustment


def _move(adjustment: Adjustment) -> None:
    whose, points, key = adjustment.volunteer_id, adjustment.points, f"adjustment:{adjustment.id}"
    why: dict[str, Any] = {"reason": adjustment.reason, "link": "/me/points"}
    if points > 0:
        numbers = tariff(clock.today(), adjustment.area_path)
        held, cap = locked_balance(whose), numbers.balance_cap_points
        if held + points > cap:
            raise TooMuch(balance=held, cap=cap)
        purse = chart.purse(whose, numbers.purse_month(clock.today()))
        transfer(
            (chart.ISSUED, purse, points),
            move="adjustment",
            key=key,
            volunteer_id=whose,
            area_path=adjustment.area_path,
            why=why,
        )
        said = _("社区给你加了 {points} 分：{reason}", points=points, reason=adjustment.reason)
    else:
        try:
            spend(
                whose,
                -points,
                to=chart.ISSUED,
                key=key,
                why=why,
                area_path=adjustment.area_path,
                move="deduction",
            )
        except Insufficient as short:
            raise TooLittle(balance=short.facts["balance"], points=-points) from short
        said = _(
            "社区扣了你 {points} 分：{reason}。有疑问可以申诉。", points=-points, reason=adjustment.reason
        )
    notices.send(whose, said, key=key, link="/me/points")


def waiting() -> Sequence[Any]:
    """What waits within reach, oldest first: adjustment, volunteer and number, who asked, who decided."""
    return db.session.execute(_told().where(waits()).order_by(Adjustment.id).limit(SHOWN_MAX)).all()


def waits() -> ColumnElement[bool]:
    """The condition on an adjustment: it waits within reach."""
    return and_(Adjustment.state == "open", access.covered(Adjustment, RIGHT))


def decided() -> Sequence[Any]:
    """What was decided within reach, newest first, as `waiting` tells it."""
    found = (
        _told()
        .where(Adjustment.state != "open", access.covered(Adjustment, RIGHT))
        .order_by(Adjustment.decided_at.desc())
        .limit(SHOWN_MAX)
    )
    return db.session.execute(found).all()


@cache  # to put it together takes longer than to answer it
def _told() -> Any:
    asker, decider = aliased(accounts.User), aliased(accounts.User)
    return (
        select(
            Adjustment,
            accounts.User.name.label("volunteer"),
            accounts.User.volunteer_no,
            asker.name.label("asker"),
            decider.name.label("decider"),
        )
        .join(accounts.User, accounts.User.id == Adjustment.volunteer_id)
        .join(asker, asker.id == Adjustment.asked_by)
        .outerjoin(decider, decider.id == Adjustment.decided_by)
    )
