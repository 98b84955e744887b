"""What became of a voucher, for a complaint about its partner that is tied to it."""

from __future__ import annotations

from rewards import partners
from rewards.vouchers.models import Voucher
from rewards.vouchers.wording import STATES
from volunteer import devices, privacy
from volunteer.accounts import User
from volunteer.db import db
from volunteer.i18n import Sentence, _

#: What a counter did with it: that can have gone wrong.
AT_THE_COUNTER = ("redeemed", "refused")


@partners.occasions.told_by
def told(voucher_id: int) -> partners.occasions.Occasion | None:
    """Return what became of a voucher: what it was, when, at which till and by whom."""
    voucher = db.session.get(Voucher, voucher_id)
    if voucher is None:
        return None
    at = voucher.redeemed_at or voucher.ended_at
    facts: list[tuple[Sentence, Sentence | str]] = [(_("券的状态"), STATES[voucher.state])]
    if at is not None:
        facts.append((_("时间"), _("{at|moment}", at=at)))
    if voucher.state == "redeemed":
        facts += [(_("收银设备"), _till(voucher.device_id)), (_("店员"), _by(voucher.redeemed_by))]
    elif voucher.state == "refused" and voucher.reason:
        facts.append((_("柜台说的原因"), voucher.reason))
    facts.append((_("积分"), _("{points} 分", points=voucher.points)))
    return partners.occasions.Occasion(
        holder_id=voucher.volunteer_id,
        partner_id=voucher.partner_id,
        title=voucher.title,
        over=voucher.state in AT_THE_COUNTER,
        facts=tuple(facts),
    )


def _till(device_id: int | None) -> Sentence | str:
    device = db.session.get(devices.Device, device_id) if device_id is not None else None
    return device.name if device is not None else _("店员自己的手机")


def _by(person_id: int | None) -> str:
    person = db.session.get(User, person_id) if person_id is not None else None
    return privacy.mask_name(person.name) if person is not None else ""
