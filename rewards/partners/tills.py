"""Which devices may redeem at a partner's counters, where the manager wants it to be only those.

A device is enrolled with a key of its own (volunteer.devices), a manager lets it in, and it redeems while somebody is
signed in on it. Lost, it is stopped there: its session ends with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, func, select

from rewards.partners.models import Partner, Till
from volunteer import accounts, clock, devices, events
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _


@events.kind
class TillLetIn(events.Event):
    partner_id: int
    device_id: int


@events.kind
class TillsOnly(events.Event):
    partner_id: int
    switched_on: bool


class NoTill(Refusal):
    code = "partner.no_till"
    says = _("请先同意至少一台设备，不然谁也核销不了。")


def let_in(partner: Partner, device_id: int, *, by: accounts.User) -> Till:
    """Let an enrolled counter device of the partner redeem. Again changes nothing.

    :raises NotFound: no device of this partner's counters, or one that was stopped
    """
    device = db.session.get(devices.Device, device_id)
    if device is None or device.partner_id != partner.id or device.kind != "counter" or device.revoked_at:
        raise NotFound
    known = db.session.get(Till, device_id)
    if known is not None:
        return known
    till = Till(device_id=device_id, partner_id=partner.id, let_in_by=by.id, let_in_at=clock.now())
    db.session.add(till)
    db.session.flush()
    events.record(
        TillLetIn(partner_id=partner.id, device_id=device_id), about=f"partner:{partner.id}", whom=by.id
    )
    return till


def only(partner: Partner, switched_on: bool) -> Partner:
    """Have only devices that were let in redeem here, or anybody's phone again.

    :raises NoTill: there is none that could
    """
    if partner.tills_only == switched_on:
        return partner
    if switched_on and not _working(partner):
        raise NoTill
    partner.tills_only = switched_on
    db.session.flush()
    events.record(TillsOnly(partner_id=partner.id, switched_on=switched_on), about=f"partner:{partner.id}")
    return partner


def of(partner: Partner) -> Sequence[Row[devices.Device, int | None]]:
    """Return (device, who let it in or None) of a partner's counters that are in use, newest first."""
    return db.session.execute(
        select(devices.Device, Till.let_in_by)
        .outerjoin(Till, Till.device_id == devices.Device.id)
        .where(
            devices.Device.partner_id == partner.id,
            devices.Device.kind == "counter",
            devices.Device.revoked_at.is_(None),
        )
        .order_by(devices.Device.id.desc())
        .limit(30)
    ).all()


def _working(partner: Partner) -> int:
    working = (
        select(func.count())
        .select_from(Till)
        .join(devices.Device, devices.Device.id == Till.device_id)
        .where(Till.partner_id == partner.id, devices.Device.revoked_at.is_(None))
    )
    return db.session.scalar(working) or 0
