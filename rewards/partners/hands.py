"""Nobody of the office decides about a partner that is theirs."""

from __future__ import annotations

from rewards.partners.models import Partner
from volunteer import accounts, events
from volunteer.errors import Refusal
from volunteer.i18n import _


class HandInIt(Refusal):
    code = "partner.hand_in_it"
    status = 403
    says = _("自己申请或负责的商家，要请另一位同事来办。")


def theirs(partner: Partner, person_id: int) -> bool:
    """Whether somebody applied for a partner, or answers for it."""
    managers = accounts.holders("partner_manager", partner_id=partner.id)
    return person_id == partner.applicant_id or person_id in {manager.id for manager in managers}


def refuse_own(partner: Partner) -> None:
    """Refuse whoever acts on a partner of their own.

    :raises HandInIt: they applied for it, or answer for it
    """
    acting = events.actor()
    if acting is not None and theirs(partner, acting):
        raise HandInIt
