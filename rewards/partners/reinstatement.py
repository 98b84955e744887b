"""A partner that complaints ended comes back where one of them was a mistake; another person than ended it says so.

What was taken off the shelf and given back to volunteers stays so: the manager puts offers up again.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select, update

from rewards.partners import strikes
from rewards.partners.application import NotWaiting
from rewards.partners.conduct import PAUSE_DAYS, tell_managers
from rewards.partners.hands import HandInIt, theirs
from rewards.partners.models import Agreement, Partner, Strike
from volunteer import accounts, clock, events, identity, ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Reinstated(events.Event):
    partner_id: int


class SameHand(Refusal):
    code = "partner.reinstate_same"
    status = 403
    says = _("自己终止的，要请另一位同事来恢复。")


class NotByStrikes(Refusal):
    code = "partner.reinstate_other"
    says = _("只有因为投诉次数终止的才能恢复，这一家是另外决定终止的。")
    who = _("想再合作，请用新的申请。")


class StillStands(Refusal):
    code = "partner.reinstate_stands"
    says = _("算数的投诉还有 {n} 次，终止的理由还在。先撤销认定错了的那一次，才能恢复。")


def possible(partner: Partner) -> bool:
    """Whether an ended partner could come back: complaints ended it, and fewer count than it takes."""
    return partner.state == "terminated" and partner.terminated_by_strikes and not _stands(partner)


def coming_back(partner: Partner, on: date) -> date | None:
    """Return until when the agreement would be in force again, None where a new one is needed."""
    return db.session.scalar(
        select(func.max(Agreement.ends_on)).where(
            Agreement.partner_id == partner.id,
            Agreement.ended_at == partner.terminated_at,
            Agreement.ends_on >= on,
        )
    )


def reinstate(partner: Partner, reason: str, *, by: accounts.User) -> Partner:
    """Take back that complaints ended a partner; again changes nothing.

    It is as before: in force, or paused where two that count are not thirty days old. Where its agreement would be
    over by now it has lapsed, and a new one is needed.

    :raises NotWaiting: it is not ended
    :raises NotByStrikes, StillStands: not because of complaints, or as many count as it takes
    :raises SameHand, HandInIt: by whoever ended it, or whose partner it is
    """
    if partner.state != "terminated":
        if partner.reinstated_by == by.id:
            return partner
        raise NotWaiting
    if not partner.terminated_by_strikes:
        raise NotByStrikes
    if stands := _stands(partner):
        raise StillStands(n=stands)
    if by.id == partner.terminated_by:
        raise SameHand
    if theirs(partner, by.id):
        raise HandInIt
    reason = identity.free_text(reason, 200)

    today, ended_at = clock.today(), partner.terminated_at
    until, pause = coming_back(partner, today), _paused_until(partner, today)
    state = "lapsed" if until is None else "paused" if pause else "signed"
    # Decided here: whoever comes second finds nothing to change.
    once = update(Partner).where(
        Partner.id == partner.id, Partner.state == "terminated", Partner.terminated_at == ended_at
    )
    done = db.session.scalar(
        once.values(
            state=state,
            reason=reason if state == "paused" else None,
            paused_until=pause if state == "paused" else None,
            paused_by_strikes=state == "paused",
            reinstated_at=clock.now(),
            reinstated_by=by.id,
        ).returning(Partner.id)
    )
    if done is None:
        raise NotWaiting
    db.session.execute(
        update(Agreement)
        .where(Agreement.partner_id == partner.id, Agreement.ended_at == ended_at, Agreement.ends_on >= today)
        .values(ended_at=None)
    )
    db.session.refresh(partner)

    events.record(Reinstated(partner_id=partner.id), about=f"partner:{partner.id}")
    tell_managers(
        partner,
        _(
            "{partner} 的合作恢复了：{reason} 礼遇还是下架的，请重新发布。",
            partner=partner.name,
            reason=reason,
        )
        if until is not None
        else _(
            "{partner} 的合作恢复了：{reason} 原来的协议已经过期，要先签新的协议。",
            partner=partner.name,
            reason=reason,
        ),
        "reinstated",
    )
    return partner


def _stands(partner: Partner) -> int:
    """How many complaints count for its end, if they are enough: on the day it was ended, so that time heals nothing."""
    on = partner.terminated_at.astimezone(clock.ZONE).date() if partner.terminated_at else clock.today()
    counted = strikes.standing(partner, on)
    return counted if counted >= ledger.tariff(on, partner.area_path).merchant_strikes else 0


def _paused_until(partner: Partner, today: date) -> date | None:
    """Until when two complaints that count pause it still, None where they do not."""
    if strikes.standing(partner, today) < 2:
        return None
    newest = select(func.max(Strike.on)).where(
        Strike.partner_id == partner.id, Strike.taken_back_at.is_(None)
    )
    on = db.session.scalar(newest)
    until = on + timedelta(days=PAUSE_DAYS) if on else None
    return until if until and until >= today else None
