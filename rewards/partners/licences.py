"""The day a partner's licence ends: told in time, like the agreement's, and written anew when a new one was seen."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from rewards.partners.agreement import RENEWAL_DAYS, days_ahead
from rewards.partners.application import LicencePast, NotWaiting
from rewards.partners.hands import refuse_own
from rewards.partners.models import Partner
from volunteer import accounts, clock, events, notices
from volunteer.db import db
from volunteer.i18n import _

#: What a partner is in while its licence matters.
KEPT = ("signed", "paused", "lapsed")


@events.kind
class LicenceRenewed(events.Event):
    partner_id: int


def days_left(partner: Partner) -> int | None:
    """Return in how many days the licence of a partner that works with us ends, below zero once it has.

    None while that is further off than the first reminder, or never.
    """
    if partner.state not in KEPT or partner.licence_until is None:
        return None
    left = (partner.licence_until - clock.today()).days
    return left if left <= max(RENEWAL_DAYS) else None


def renew(partner: Partner, until: date | None) -> Partner:
    """Write down until when the licence that was seen is good; None is for good. Again changes nothing.

    :raises NotWaiting: nothing is signed
    :raises LicencePast: it has ended
    :raises HandInIt: by whoever the partner belongs to
    """
    if partner.state not in KEPT:
        raise NotWaiting
    if partner.licence_until == until:
        return partner
    refuse_own(partner)
    if until is not None and until < clock.today():
        raise LicencePast(until=until)
    partner.licence_until = until
    db.session.flush()
    events.record(LicenceRenewed(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def remind(on: date) -> int:
    """Tell the managers and the office of licences that end in 60, 30 or 7 days, and return of how many partners."""
    days = days_ahead(on)
    ending = db.session.scalars(
        select(Partner)
        .where(Partner.state.in_(("signed", "paused")), Partner.licence_until.in_(days))
        .order_by(Partner.id)
    ).all()
    for partner in ending:
        assert partner.licence_until is not None
        left = days[partner.licence_until]
        told = {
            person.id
            for person in (
                *accounts.holders("partner_manager", partner_id=partner.id),
                *accounts.holders("community_admin", area_path=partner.area_path),
            )
        }
        notices.send_many(
            sorted(told),
            _(
                "{partner} 的证照还有 {days} 天到期（{until|date}）。换好新的，请拿给社区看一下，社区会记下新的日期。",
                partner=partner.name, days=left, until=partner.licence_until,
            ),
            key=f"licence:{partner.id}:{partner.licence_until}:{left}",
            link=f"/partners/{partner.id}",
        )  # fmt: skip
    return len(ending)
