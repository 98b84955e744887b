"""A code that makes a device a till: a manager shows it, the counter's device opens it, once, within ten minutes.

What is kept is its fingerprint. Whoever holds the device works at the counter; the code is the manager's word.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from rewards.partners import tills
from rewards.partners.application import NotWaiting
from rewards.partners.models import Partner, TillCode
from volunteer import accounts, clock, codes, devices, events, signing
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

LASTS = timedelta(minutes=10)
CHARS = 8


@events.kind
class TillCodeMade(events.Event):
    partner_id: int


class Forged(Refusal):
    code = "partner.till_code_unknown"
    status = 422
    says = _("没有这个登记码，请对着屏幕再看一遍。")
    who = _("登记码由店里的负责人在商家页上打开。")


class Foreign(Refusal):
    code = "partner.till_code_foreign"
    status = 403
    says = _("这个登记码是别家店的，你不在那里的柜台。")
    who = _("请店里的负责人先把你加成店员，再登记这台设备。")


class Used(Refusal):
    code = "partner.till_code_used"
    says = _("这个登记码已经用过了，一个码只登记一台设备。")
    who = _("再登记一台，请负责人再打开一个码。")


class Stale(Refusal):
    code = "partner.till_code_stale"
    status = 410
    says = _("这个登记码过期了，十分钟内有效。")
    who = _("请负责人再打开一个码。")


def make(partner: Partner, *, by: accounts.User) -> str:
    """Return a new code for one device, as it is read out; only its fingerprint is kept.

    :raises NotWaiting: the partner has no counter to speak of
    """
    if partner.state not in ("signed", "paused", "lapsed"):
        raise NotWaiting
    code, now = signing.random_code(CHARS), clock.now()
    db.session.add(
        TillCode(
            partner_id=partner.id,
            code_hash=signing.fingerprint(code),
            made_by=by.id,
            made_at=now,
            expires_at=now + LASTS,
        )
    )
    db.session.flush()
    events.record(TillCodeMade(partner_id=partner.id), about=f"partner:{partner.id}")
    return code


def enrol(
    typed: str, *, by: accounts.User, name: str, public_key: bytes, session_id: int | None = None
) -> devices.Device:
    """Make a device a till of the partner whose manager showed the code; it may redeem at once.

    :raises Forged, Foreign, Used, Stale: the code does not do
    :raises devices.BadSignature, devices.registry.Enrolled: the key does not do
    """
    now = clock.now()
    found = db.session.scalar(
        select(TillCode).filter_by(code_hash=signing.fingerprint(codes.tidy(typed)[:40]))
    )
    if found is None:
        raise Forged
    place = next((one for one in devices.places(by) if one.hold.partner_id == found.partner_id), None)
    if place is None:
        raise Foreign
    if found.used_at is not None:
        raise Used
    managers = accounts.holders("partner_manager", partner_id=found.partner_id)
    giver = next((one for one in managers if one.id == found.made_by), None)
    if found.expires_at <= now or giver is None:
        raise Stale

    # Of two devices with one code the database picks one.
    once = update(TillCode).where(TillCode.id == found.id, TillCode.used_at.is_(None))
    if db.session.scalar(once.values(used_at=now).returning(TillCode.id)) is None:
        raise Used
    device = devices.enrol(by, place, name=name, public_key=public_key, session_id=session_id)
    db.session.execute(update(TillCode).where(TillCode.id == found.id).values(device_id=device.id))
    tills.let_in(db.session.get_one(Partner, found.partner_id), device.id, by=giver)
    return device


def spelt(code: str) -> str:
    """Return a code in two groups, as people read it out."""
    return f"{code[: CHARS // 2]}-{code[CHARS // 2 :]}"
