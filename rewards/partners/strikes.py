"""A complaint that was upheld is a strike: the first is told, the second pauses for thirty days, the third ends it.

A strike that was a mistake is taken back by another person, and a pause that stood on it alone ends with it.
"""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from rewards.partners.application import NotWaiting
from rewards.partners.conduct import PAUSE_DAYS, pause, resume, tell_managers, terminate
from rewards.partners.hands import HandInIt, refuse_own, theirs
from rewards.partners.models import Partner, Strike
from volunteer import accounts, clock, events, identity, ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Upheld(events.Event):
    partner_id: int
    strikes: int


@events.kind
class StrikeTakenBack(events.Event):
    partner_id: int
    strikes: int


class SameHand(Refusal):
    code = "partner.strike_same"
    status = 403
    says = _("自己记的，要请另一位同事来撤。")


def uphold(partner: Partner, reason: str) -> int:
    """Record an upheld complaint and return how many there are now: one is told, the next pauses, the last ends it.

    The same words on the same day are the same complaint, pressed twice.

    :raises HandInIt: by whoever the partner belongs to
    """
    strike_for(partner, reason)
    return standing(partner, clock.today())


def strike_for(partner: Partner, reason: str, *, own: bool = False) -> Strike:
    """Record an upheld complaint, with what follows from it, and return it.

    `own` says that the caller knows it for another one, whatever the words.
    """
    today = clock.today()
    tariff = ledger.tariff(today, partner.area_path)
    if partner.state in ("applied", "reviewed", "rejected"):
        raise NotWaiting
    refuse_own(partner)
    reason = identity.free_text(reason, 200)
    before = select(Strike).filter_by(partner_id=partner.id, on=today, reason=reason, taken_back_at=None)
    if not own and (known := db.session.scalars(before).first()) is not None:
        return known

    strike = Strike(partner_id=partner.id, area_path=partner.area_path, on=today, reason=reason)
    strike.upheld_by = events.actor()
    db.session.add(strike)
    db.session.flush()
    strikes = standing(partner, today)

    events.record(Upheld(partner_id=partner.id, strikes=strikes), about=f"partner:{partner.id}")
    if partner.state == "terminated":
        return strike
    if strikes >= tariff.merchant_strikes:
        terminate(partner, reason, by_strikes=True)
    elif strikes > 1 and partner.state == "signed":
        pause(partner, reason, until=today + timedelta(days=PAUSE_DAYS))
        partner.paused_by_strikes = True
        db.session.flush()
    else:
        tell_managers(
            partner,
            _("有一条关于 {partner} 的投诉经核实成立：{reason}", partner=partner.name, reason=reason),
            f"upheld-{strike.id}",
        )
    return strike


def standing(partner: Partner, on: date) -> int:
    """Return how many strikes count on a day."""
    since = on - relativedelta(months=ledger.tariff(on, partner.area_path).merchant_strike_months)
    counted = select(func.count()).where(
        Strike.partner_id == partner.id, Strike.on > since, Strike.taken_back_at.is_(None)
    )
    return db.session.scalar(counted) or 0


def take_back(strike: Strike, reason: str, *, by: accounts.User) -> Strike:
    """Say that a strike was a mistake; a pause that stood on it ends. Again changes nothing.

    A partner that it ended stays ended until it is reinstated.

    :raises SameHand: by whoever upheld it
    :raises HandInIt: by whoever the partner belongs to
    """
    if strike.taken_back_at is not None:
        return strike
    partner = db.session.get_one(Partner, strike.partner_id, with_for_update=True, populate_existing=True)
    if by.id == strike.upheld_by:
        raise SameHand
    if theirs(partner, by.id):
        raise HandInIt
    strike.taken_back_why = identity.free_text(reason, 200)
    strike.taken_back_by, strike.taken_back_at = by.id, clock.now()
    db.session.flush()

    left = standing(partner, clock.today())
    events.record(StrikeTakenBack(partner_id=partner.id, strikes=left), about=f"partner:{partner.id}")
    tell_managers(
        partner,
        _(
            "关于 {partner} 的一次投诉记录撤销了：{reason}",
            partner=partner.name,
            reason=strike.taken_back_why,
        ),
        f"taken-back-{strike.id}",
    )
    if partner.state == "paused" and partner.paused_by_strikes and left < 2:
        resume(partner)
    return strike
