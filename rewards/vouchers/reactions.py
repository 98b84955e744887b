"""A partner that cannot honour its vouchers any more: the volunteers have their points back at once."""

from __future__ import annotations

from rewards import partners
from rewards.vouchers import returns
from volunteer import events


@events.on(partners.Paused)
def give_back_while_paused(happened: partners.Paused) -> None:
    returns.refund_partner(happened.partner_id, "partner.paused")


@events.on(partners.Terminated)
def give_back_for_good(happened: partners.Terminated) -> None:
    returns.refund_partner(happened.partner_id, "partner.terminated")


@events.on(partners.AgreementEnded)
def give_back_at_the_end(happened: partners.AgreementEnded) -> None:
    returns.refund_partner(happened.partner_id, "partner.ended")
