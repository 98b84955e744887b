"""Whether a partner may give and redeem today: pausing and ending."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, select

from rewards.partners.agreement import in_force
from rewards.partners.application import NotWaiting
from rewards.partners.hands import refuse_own
from rewards.partners.models import Agreement, Partner
from volunteer import accounts, clock, events, identity, notices
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
    refuse_own(partner)
    reason = identity.free_text(reason, 200)

    partner.state, partner.reason, partner.paused_until = "paused", reason, until
    db.session.flush()

    tell_managers(
        partner, _("{partner} 的礼遇暂停了：{reason}", partner=partner.name, reason=reason), "paused"
    )
    events.record(Paused(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def resume(partner: Partner) -> Partner:
    """Put the offers back on the shelf."""
    if partner.state == "signed":
        return partner
    if partner.state != "paused":
        raise NotWaiting
    refuse_own(partner)

    partner.state, partner.reason, partner.paused_until = "signed", None, None
    partner.paused_by_strikes = False
    db.session.flush()

    tell_managers(partner, _("{partner} 的礼遇恢复了。", partner=partner.name), "resumed")
    events.record(Resumed(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def terminate(partner: Partner, reason: str, *, by_strikes: bool = False) -> Partner:
    """End the partnership for good; its plaque page says so from now on.

    `by_strikes` says that complaints did it: where one of those was a mistake, it can be reinstated.
    """
    if partner.state == "terminated":
        return partner
    if partner.state not in ("signed", "paused", "lapsed"):
        raise NotWaiting
    refuse_own(partner)
    reason = identity.free_text(reason, 200)

    partner.state, partner.reason, partner.paused_until = "terminated", reason, None
    partner.terminated_at, partner.terminated_by = clock.now(), events.actor()
    partner.terminated_by_strikes = by_strikes
    partner.reinstated_at = partner.reinstated_by = None
    for agreement in db.session.scalars(
        select(Agreement).where(Agreement.partner_id == partner.id, Agreement.ended_at.is_(None))
    ):
        agreement.ended_at = partner.terminated_at
    db.session.flush()

    tell_managers(
        partner, _("{partner} 的合作终止了：{reason}", partner=partner.name, reason=reason), "terminated"
    )
    events.record(Terminated(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def back_from_pause(on: date) -> int:
    """Resume the partners whose pause was until before `on`, and return how many."""
    over = db.session.scalars(
        select(Partner).where(Partner.state == "paused", Partner.paused_until < on).order_by(Partner.id)
    ).all()
    for partner in over:
        resume(partner)
    return len(over)


def tell_managers(partner: Partner, text: Sentence, what: str, *, link: str | None = None) -> None:
    """Tell everybody who answers for a partner."""
    managers = accounts.holders("partner_manager", partner_id=partner.id)
    notices.send_many(
        [manager.id for manager in managers],
        text,
        key=f"partner-{what}:{partner.id}:{clock.now():%Y%m%d%H%M%S}",
        link=link or f"/partners/{partner.id}",
    )
