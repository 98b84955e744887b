"""What stands between a person and an offer. The page asks before, the claim asks again: the same list.

Features above put their own reasons in; they are asked in the order they came.
"""

from __future__ import annotations

from collections.abc import Callable

from rewards import partners
from rewards.offers.models import Offer
from rewards.offers.stock import SoldOut
from rewards.partners import Partner
from volunteer import accounts, clock
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

Check = Callable[[accounts.User, Offer], Refusal | None]
_checks: list[Check] = []


class Closed(Refusal):
    code = "offer.closed"
    says = _("这份礼遇现在没有开放。")
    who = _("可以看看别的礼遇，或者过几天再来。")
    action = (_("看别的礼遇"), "offers.index")


class NotYet(Closed):
    says = _("这份礼遇从 {opens|date} 开始领。")


class Over(Closed):
    says = _("这份礼遇 {until|date} 已经结束了。")


class AdultsOnly(Refusal):
    code = "offer.adults_only"
    status = 403
    says = _("这份礼遇只给年满 18 岁的志愿者。")
    who = _("成年的话，请在“我的”里填上出生日期。")
    action = (_("看别的礼遇"), "offers.index")


def hindrance(check: Check) -> Check:
    """Have a function asked, too, what stands in the way."""
    if check not in _checks:
        _checks.append(check)
    return check


def hindrances(volunteer: accounts.User, offer: Offer) -> list[Refusal]:
    """Return everything that stands in the way of a claim now; the first is the one to say."""
    return [found for check in _checks if (found := check(volunteer, offer)) is not None]


@hindrance
def closed(_volunteer: accounts.User, offer: Offer) -> Refusal | None:
    today = clock.today()
    if offer.state != "published":
        return Closed()
    if offer.from_on > today:
        return NotYet(opens=offer.from_on)
    if offer.until_on < today:
        return Over(until=offer.until_on)
    partner = db.session.get_one(Partner, offer.partner_id)
    return None if partners.standing(partner) == "good" else Closed()


@hindrance
def too_young(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    return AdultsOnly() if offer.adults_only and not accounts.is_grown(volunteer.birth_on) else None


def sold_out(_volunteer: accounts.User, offer: Offer) -> Refusal | None:
    """Asked last but one: only when the person may have it does the stock matter."""
    return SoldOut() if offer.stock < 1 else None
