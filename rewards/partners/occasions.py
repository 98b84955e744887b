"""What a complaint is about: a voucher. What became of it is told by the feature above that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rewards.partners.models import Partner
from volunteer import accounts
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _


class NotYours(Refusal):
    """Also of a voucher that does not exist: nobody learns here which ones do."""

    code = "partner.complaint_voucher"
    status = 403
    says = _("这张券不是你在这家店领的，不能拿它来投诉。")
    who = _("请从“我的券”里打开那张券，再点“告诉社区”。")


class NotOver(Refusal):
    code = "partner.complaint_voucher_open"
    says = _("这张券还没有在店里办过，没有这一次的事可以说。")
    who = _("店里有别的事没有做到，请在商家的公开页上告诉社区。")


@dataclass(frozen=True)
class Occasion:
    """One voucher as its complaint needs it; `facts` are for the office alone, they would tell who it was."""

    holder_id: int
    partner_id: int
    title: str
    over: bool
    facts: tuple[tuple[Sentence, Sentence | str], ...]


Teller = Callable[[int], Occasion | None]
_tellers: list[Teller] = []


def told_by(teller: Teller) -> Teller:
    """Have a function asked what became of a voucher."""
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


def of(voucher_id: int | None) -> Occasion | None:
    """Return what became of a voucher, where there is one."""
    if voucher_id is None:
        return None
    return next((found for tell in _tellers if (found := tell(voucher_id)) is not None), None)


def require(voucher_id: int, partner: Partner, by: accounts.User | None) -> Occasion:
    """Return the occasion that somebody may complain of.

    :raises NotYours: not a voucher of theirs at this partner
    :raises NotOver: neither redeemed nor given back at the counter
    """
    found = of(voucher_id)
    if by is None or found is None or (found.holder_id, found.partner_id) != (by.id, partner.id):
        raise NotYours
    if not found.over:
        raise NotOver
    return found
