"""A partner that cannot honour its vouchers any more: the volunteers have their points back at once. Somebody guesses
codes: those who watch over the street hear of it."""

from __future__ import annotations

from rewards import offers, partners
from rewards.vouchers import guard, returns
from volunteer import accounts, clock, events, notices
from volunteer.i18n import _


@events.on(partners.Paused)
def give_back_while_paused(happened: partners.Paused) -> None:
    returns.refund_partner(happened.partner_id)


@events.on(partners.Terminated)
def give_back_for_good(happened: partners.Terminated) -> None:
    returns.refund_partner(happened.partner_id)


@events.on(partners.AgreementEnded)
def give_back_at_the_end(happened: partners.AgreementEnded) -> None:
    returns.refund_partner(happened.partner_id)


@events.on(offers.slots.SlotCancelled)
def give_back_a_slot(happened: offers.slots.SlotCancelled) -> None:
    returns.refund_slot(happened.slot_id, happened.reason)


@events.on(guard.Guessed)
def tell_of_guessing(happened: guard.Guessed) -> None:
    watching = {person.id for role in ("street_admin", "auditor") for person in accounts.holders(role)}
    notices.send_many(
        sorted(watching),
        _("一小时里有 {n} 次输入的券码都不对，可能有人在猜码。请在来龙去脉里看看是谁。", n=happened.misses),
        key=f"voucher-guessed:{clock.now():%Y-%m-%dT%H}",
        link="/office/audit",
    )
