"""At the counter: which voucher a code shows, and why it may not be redeemed. Looking ahead and redeeming ask the same.

Reasons come in the contract's order: forged, another partner's or none (the two look alike), ended, not shown now,
and only then what the partner or the person may not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy import ColumnElement, or_, select

from rewards.partners import Partner
from rewards.vouchers import codes
from rewards.vouchers.models import Voucher
from volunteer import clock, privacy, signing
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

RIGHT = "voucher.redeem"


class NoSuchVoucher(NotFound):
    says = _("没有找到这张券。可能是别家店的，也可能码抄错了。")
    who = _("请顾客重新点“出示”，再扫一次。")
    action = (_("再扫一次"), "vouchers.counter")


class OwnVoucher(Refusal):
    code = "voucher.own"
    status = 403
    says = _("自己的券要请同事来核销。")


class AlreadyRedeemed(Refusal):
    code = "voucher.already_redeemed"
    says = _("这张券 {at|moment} 已经在{partner}用过了。")
    who = _("每张券只能用一次。顾客还有别的券的话，请换一张出示。")


class Cancelled(Refusal):
    code = "voucher.cancelled"
    status = 410
    says = _("这张券 {at|moment} 已经取消，积分退回去了。")


class Refused(Refusal):
    code = "voucher.refused"
    status = 410
    says = _("这张券 {at|moment} 店里没有办成，积分已经退回去了。")


class Lapsed(Refusal):
    code = "voucher.lapsed"
    status = 410
    says = _("这张券用到 {until|date}，已经过期，积分会退回去。")


class NotPresented(Refusal):
    code = "voucher.not_presented"
    says = _("这张券现在没有出示。")
    who = _("请顾客打开券，点“出示”，五分钟内有效。")


class Frozen(Refusal):
    code = "voucher.frozen"
    says = _("持券人报了手机丢失，这张券先冻结着。")
    who = _("请本人带证件到社区解冻；积分和券都还在。")


class PartnerAway(Refusal):
    code = "voucher.partner"
    says = _("{partner}现在暂停合作，不能核销。")
    who = _("请联系社区工作人员。")


class ScanReused(Refusal):
    code = "voucher.scan_reused"
    status = 422
    says = _("这次扫码的编号已经用在另一张券上了，请重新扫一次。")


@dataclass(frozen=True)
class Found:
    """A voucher at the counter, with what people there may know of it."""

    voucher: Voucher
    partner: str
    partner_state: str
    holder: str
    repeated: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class Preview:
    """What the counter sees before pressing: the item and a masked name."""

    voucher_id: int
    offer: str
    holder: str
    partner: str
    points: int
    expires_on: date


def preview(code: str, by: User) -> Preview:
    """Return what would be redeemed; refuses what redeeming would refuse.

    :raises signing.Forged, codes.Mistyped, NoSuchVoucher, AlreadyRedeemed, Lapsed, NotPresented: as redeeming does
    """
    found = find(code, None, by)
    refuse_unfit(found, by, clock.now())
    voucher = found.voucher
    return Preview(voucher.id, voucher.title, found.holder, found.partner, voucher.points, voucher.expires_on)


def find(code: str, scan: str | None, by: User) -> Found:
    """Return the voucher a code shows, if it is for a counter of `by`; with a scan, locked, and `repeated` if it was.

    :raises signing.Forged, codes.WrongType, codes.Mistyped: not a code of a voucher
    :raises NoSuchVoucher: nobody's, or another partner's
    :raises ScanReused: the scan has settled another voucher
    """
    keyring: signing.Keyring = current_app.extensions["keyring"]
    read = codes.read(keyring, code, base_url=current_app.config["BASE_URL"])
    same = _opened_by(read, keyring)
    look = (
        select(Voucher, Partner.name, Partner.state, User.name, User.vouchers_frozen_at)
        .join(Partner, Partner.id == Voucher.partner_id)
        .join(User, User.id == Voucher.volunteer_id)
        .execution_options(populate_existing=True)
    )
    if scan is None:
        rows = db.session.execute(look.where(same)).all()
    else:
        rows = db.session.execute(
            look.where(or_(same, Voucher.scan == scan)).with_for_update(of=Voucher)
        ).all()

    opened = next((row for row in rows if _opens(read, keyring, row.Voucher)), None)
    if opened is None or not serves(by, opened.Voucher.partner_id):
        raise NoSuchVoucher
    if any(row.Voucher.scan == scan and row.Voucher.id != opened.Voucher.id for row in rows):
        raise ScanReused
    voucher, partner, state, name, frozen_at = opened
    repeated = scan is not None and voucher.scan == scan
    found = Found(voucher, partner, state, privacy.mask_name(name), repeated, frozen_at is not None)
    if not repeated and voucher.state == "claimed" and not _is_this_showing(read, voucher):
        refuse_ended(voucher, partner)
        raise NotPresented
    return found


def refuse_unfit(found: Found, by: User, now: datetime) -> None:
    """Refuse a voucher that cannot be redeemed now, saying the first reason that holds."""
    voucher = found.voucher
    refuse_ended(voucher, found.partner)
    if found.frozen:
        raise Frozen
    if voucher.armed_until is None or voucher.armed_until <= now:
        raise NotPresented
    if voucher.volunteer_id == by.id:
        raise OwnVoucher
    if found.partner_state != "signed":
        raise PartnerAway(partner=found.partner)


def refuse_ended(voucher: Voucher, partner: str | None = None) -> None:
    """Refuse a voucher whose story is over, with when and where."""
    ended = voucher.ended_at or voucher.redeemed_at
    if voucher.state == "cancelled":
        raise Cancelled(at=ended)
    if voucher.state == "refused":
        raise Refused(at=ended)
    if voucher.state == "lapsed" or (voucher.state == "claimed" and voucher.expires_on < clock.today()):
        raise Lapsed(until=voucher.expires_on)
    if voucher.state == "redeemed":
        if partner is None:
            partner = db.session.get_one(Partner, voucher.partner_id).name
        raise AlreadyRedeemed(at=ended, partner=partner)


def serves(person: User, partner_id: int) -> bool:
    """Whether somebody works at a counter of this partner."""
    return any(hold.partner_id == partner_id and RIGHT in hold.rights for hold in person.holds)


def _opened_by(read: codes.Scanned | codes.Typed, keyring: signing.Keyring) -> ColumnElement[bool]:
    if isinstance(read, codes.Scanned):
        return Voucher.public == read.voucher.hex()
    return Voucher.typed_hash.in_([kept.hex() for kept in codes.kept_any(keyring, read.code)])


def _opens(read: codes.Scanned | codes.Typed, keyring: signing.Keyring, voucher: Voucher) -> bool:
    if isinstance(read, codes.Scanned):
        return voucher.public == read.voucher.hex()
    return voucher.typed_hash in {kept.hex() for kept in codes.kept_any(keyring, read.code)}


def _is_this_showing(read: codes.Scanned | codes.Typed, voucher: Voucher) -> bool:
    if isinstance(read, codes.Typed):
        return True  # the row was found by it
    return voucher.nonce is not None and signing.same(voucher.nonce, read.nonce)
