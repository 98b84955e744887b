"""A manager asks to go on; the office signs, and the request is answered by that."""

from __future__ import annotations

from datetime import timedelta

from rewards.partners import pledges
from rewards.partners.agreement import RENEWAL_DAYS, covered_until
from rewards.partners.application import NotWaiting
from rewards.partners.models import Partner
from volunteer import accounts, clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class RenewalAsked(events.Event):
    partner_id: int


class TooEarly(Refusal):
    code = "partner.renewal_early"
    says = _("协议到 {until|date} 为止，{from_on|date} 起可以申请续签。")


def open_now(partner: Partner) -> bool:
    """Whether a manager may ask: the agreement is over, or ends within sixty days."""
    if partner.state not in ("signed", "lapsed") or partner.renewal_asked_at is not None:
        return False
    until = covered_until(partner.id, clock.today())
    return until is None or until <= clock.today() + timedelta(days=RENEWAL_DAYS[0])


def ask(partner: Partner, *, by: accounts.User, pledged: bool) -> Partner:
    """Ask to sign again, with the pledge as it reads today. Asking again changes nothing.

    :raises PledgeMissing: it was not accepted
    :raises TooEarly: the agreement runs for longer than sixty days
    """
    if partner.renewal_asked_at is not None:
        return partner
    if partner.state not in ("signed", "lapsed"):
        raise NotWaiting
    if not pledged:
        raise pledges.PledgeMissing
    if not open_now(partner):
        until = covered_until(partner.id, clock.today()) or clock.today()
        raise TooEarly(until=until, from_on=until - timedelta(days=RENEWAL_DAYS[0]))

    pledges.accept(partner, by.id)
    partner.renewal_asked_at, partner.renewal_asked_by = clock.now(), by.id
    db.session.flush()

    events.record(RenewalAsked(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner
