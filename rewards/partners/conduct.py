"""Whether a partner may give and redeem today: pausing, ending, and complaints that were upheld."""

from __future__ import annotations

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, and_, exists, func, select

from rewards.partners.agreement import in_force
from rewards.partners.application import NotWaiting
from rewards.partners.models import Agreement, Partner, Strike
from volunteer import accounts, clock, events, identity, ledger, notices
from volunteer.db import db
from volunteer.i18n import Sentence, _

PAUSE_DAYS = 30


@events.kind
class Paused(events.Event):
    partner_id: int


@events.kind
class Resumed(events.Event):
    partner_id: int


@events.kind
class Terminated(events.Event):
    partner_id: int


@events.kind
class Upheld(events.Event):
    partner_id: int
    strikes: int


def in_standing(on: date) -> ColumnElement[bool]:
    """The condition on Partner: signed, not paused, and an agreement covers the day."""
    return and_(
        Partner.state == "signed",
        exists().where(
            Agreement.partner_id == Partner.id,
            Agreement.starts_on <= on,
            Agreement.ends_on >= on,
            Agreement.ended_at.is_(None),
        ),
    )


def standing(partner: Partner) -> str:
    """Return how things stand today: "good", "not_yet", or the partner's state where it is another."""
    if partner.state != "signed":
        return partner.state
    return "good" if in_force(partner.id, clock.today()) else "not_yet"


def pause(partner: Partner, reason: str, *, until: date | None = None) -> Partner:
    """Take the partner's offers off the shelf for a while; vouchers not used yet give their points back."""
    if partner.state == "paused":
        return partner
    if partner.state != "signed":
        raise NotWaiting
    reason = identity.free_text(reason, 200)

    partner.state, partner.reason, partner.paused_until = "paused", reason, until
    db.session.flush()

    _tell(partner, _("{partner} 的礼遇暂停了：{reason}", partner=partner.name, reason=reason), "paused")
    events.record(Paused(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def resume(partner: Partner) -> Partner:
    """Put the offers back on the shelf."""
    if partner.state == "signed":
        return partner
    if partner.state != "paused":
        raise NotWaiting

    partner.state, partner.reason, partner.paused_until = "signed", None, None
    db.session.flush()

    _tell(partner, _("{partner} 的礼遇恢复了。", partner=partner.name), "resumed")
    events.record(Resumed(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def terminate(partner: Partner, reason: str) -> Partner:
    """End the partnership for good; its plaque page says so from now on."""
    if partner.state == "terminated":
        return partner
    if partner.state not in ("signed", "paused", "lapsed"):
        raise NotWaiting
    reason = identity.free_text(reason, 200)

    partner.state, partner.reason, partner.paused_until = "terminated", reason, None
    for agreement in db.session.scalars(
        select(Agreement).where(Agreement.partner_id == partner.id, Agreement.ended_at.is_(None))
    ):
        agreement.ended_at = clock.now()
    db.session.flush()

    _tell(partner, _("{partner} 的合作终止了：{reason}", partner=partner.name, reason=reason), "terminated")
    events.record(Terminated(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def uphold(partner: Partner, reason: str) -> int:
    """Record an upheld complaint and return how many there are now: one is told, the next pauses, the last ends it."""
    today, tariff = clock.today(), ledger.tariff(clock.today())
    since = today - relativedelta(months=tariff.merchant_strike_months)
    reason = identity.free_text(reason, 200)

    strike = Strike(partner_id=partner.id, area_path=partner.area_path, on=today, reason=reason)
    strike.upheld_by = events.actor()
    db.session.add(strike)
    db.session.flush()
    strikes = (
        db.session.scalar(select(func.count()).where(Strike.partner_id == partner.id, Strike.on > since)) or 0
    )

    events.record(Upheld(partner_id=partner.id, strikes=strikes), about=f"partner:{partner.id}")
    if strikes >= tariff.merchant_strikes:
        terminate(partner, reason)
    elif strikes > 1 and partner.state == "signed":
        pause(partner, reason, until=today + timedelta(days=PAUSE_DAYS))
    else:
        _tell(
            partner,
            _("有一条关于 {partner} 的投诉经核实成立：{reason}", partner=partner.name, reason=reason),
            f"upheld-{strike.id}",
        )
    return strikes


def back_from_pause(on: date) -> int:
    """Resume the partners whose pause was until before `on`, and return how many."""
    over = db.session.scalars(
        select(Partner).where(Partner.state == "paused", Partner.paused_until < on).order_by(Partner.id)
    ).all()
    for partner in over:
        resume(partner)
    return len(over)


def _tell(partner: Partner, text: Sentence, what: str) -> None:
    managers = accounts.holders("partner_manager", partner_id=partner.id)
    notices.send_many(
        [manager.id for manager in managers],
        text,
        key=f"partner-{what}:{partner.id}:{clock.now():%Y%m%d%H%M%S}",
        link=f"/partners/{partner.id}",
    )
