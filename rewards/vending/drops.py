"""A machine scans a voucher and drops something; what it could not drop is given back.

A machine is an enrolled counter device of its partner, and signs every request with the key that never leaves it.
A failure ends the voucher as refused at the counter does: points and stock are back. It is not an undoing, which
would leave the volunteer in front of the same machine with the same voucher.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from rewards import vouchers
from rewards.offers import Offer
from rewards.vending.models import Drop
from rewards.vouchers import Voucher
from volunteer import accounts, clock, devices, events, identity, notices
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

KIND = "vending"
FAILS_WITHIN = timedelta(minutes=2)


@events.kind
class Dropped(events.Event):
    voucher_id: int
    device_id: int


@events.kind
class DropFailed(events.Event):
    voucher_id: int
    device_id: int
    reason: str


class NoSuchMachine(NotFound):
    says = _("没有登记过这台自助柜，或者它已经停用。")
    who = _("请商家在“扫码设备”里看一看，名字要和柜机报的一样。")


class NoSuchDrop(NotFound):
    says = _("这台自助柜没有出过这一单。")


class FailedTooLate(Refusal):
    code = "vending.failure_late"
    says = _("出货 {minutes} 分钟以后，柜机就不能自己退了。")
    who = _("请顾客在自己的券上点“不是我用的”，社区会处理。")


def drop(
    code: str, scan: str, machine: str, slot: str, *, device: devices.Device | None, by: accounts.User
) -> tuple[Drop, Voucher, bool]:
    """Redeem the voucher that is shown to a machine; return what it drops, and whether this scan had it dropped before.

    :raises NoSuchMachine: the request is not signed by a machine of that name
    :raises vouchers.NoSuchVoucher: another partner's, or nothing that a machine drops
    :raises vouchers.Refused: this scan was dropped, and the machine said that it could not
    :raises Refusal: as redeeming at a counter does
    """
    where = _machine(device, machine)
    known = db.session.scalar(select(Drop).where(Drop.scan == scan, Drop.device_id == where.id))
    if known is not None and known.failed_at is not None:
        raise vouchers.Refused(at=known.failed_at)
    done = vouchers.redeem(code, scan, by, device=where.id)
    voucher = done.voucher
    if voucher.partner_id != where.partner_id or _kind(voucher) != KIND:
        raise vouchers.NoSuchVoucher
    if done.repeated:
        if known is None:
            raise vouchers.NoSuchVoucher  # redeemed with this scan, and not by this machine
        return known, voucher, True
    made = Drop(
        scan=scan, voucher_id=voucher.id, device_id=where.id, slot=identity.free_text(slot, 20), at=done.at
    )
    db.session.add(made)
    db.session.flush()
    events.record(
        Dropped(voucher_id=voucher.id, device_id=where.id),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return made, voucher, False


def fail(scan: str, reason: str, *, device: devices.Device | None) -> tuple[Drop, Voucher, bool]:
    """Give back what a machine could not drop; return it, and whether this had been said before.

    :raises NoSuchMachine: the request is not signed by a machine
    :raises NoSuchDrop: this machine never dropped that scan
    :raises FailedTooLate: two minutes are over, or the voucher was taken back otherwise
    """
    where = _machine(device)
    made = db.session.scalar(
        select(Drop)
        .where(Drop.scan == scan, Drop.device_id == where.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if made is None:
        raise NoSuchDrop
    voucher = db.session.get_one(Voucher, made.voucher_id, with_for_update=True, populate_existing=True)
    if made.failed_at is not None:
        return made, voucher, True
    reason, now = identity.free_text(reason, 200), clock.now()
    why = {"title": voucher.title, "reason": reason}
    # Redeemed anew with another scan since then: that is another story.
    theirs = voucher.scan == scan
    if now - made.at > FAILS_WITHIN or not theirs or not vouchers.undoing.reopen(voucher, why):
        raise FailedTooLate(minutes=int(FAILS_WITHIN.total_seconds() // 60))
    db.session.refresh(voucher)
    vouchers.returns.end(voucher, "refused", reason=reason)
    db.session.execute(update(Drop).where(Drop.id == made.id).values(failed_at=now, reason=reason))
    db.session.refresh(made)

    notices.send(
        voucher.volunteer_id,
        _("“{title}”柜机没有出货：{reason} {points} 分已经退回来了。",
          title=voucher.title, reason=reason, points=voucher.points)
        if voucher.points
        else _("“{title}”柜机没有出货：{reason}", title=voucher.title, reason=reason),
        key=f"vending-failed:{made.id}",
        link=f"/vouchers/{voucher.id}",
    )  # fmt: skip
    events.record(
        DropFailed(voucher_id=voucher.id, device_id=where.id, reason=reason),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return made, voucher, False


def _machine(device: devices.Device | None, name: str | None = None) -> devices.Device:
    """The counter device that signed, if it is in use and has the name the machine says of itself."""
    if device is None or device.kind != "counter" or device.revoked_at is not None:
        raise NoSuchMachine
    if name is not None and device.name != name.strip():
        raise NoSuchMachine
    return device


def _kind(voucher: Voucher) -> str:
    return db.session.get_one(Offer, voucher.offer_id).kind
