"""At the counter: which voucher a code shows, and why it may not be redeemed. Looking ahead and redeeming ask the same.

Reasons come in the contract's order: forged, another partner's or none (the two look alike), ended, not shown now,
and only then what the partner or the person may not do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, Integer, Row, Text, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from rewards.partners import Partner, Till
from rewards.vouchers import codes
from rewards.vouchers.models import Voucher
from volunteer import accounts, clock, ledger, privacy, signing
from volunteer.accounts import User
from volunteer.batches import as_rows, asked
from volunteer.db import Moment, db
from volunteer.devices import Device
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


class EnoughToday(Refusal):
    code = "voucher.partner_day"
    says = _("这位顾客今天在{partner}用过 {used} 张券了，一天最多 {limit} 张。")
    who = _("请顾客明天再来，券和积分都还在；急用的话请联系社区工作人员。")


class PartnerAway(Refusal):
    code = "voucher.partner"
    says = _("{partner}现在暂停合作，不能核销。")
    who = _("请联系社区工作人员。")


class NotATill(Refusal):
    code = "voucher.not_a_till"
    status = 403
    says = _("{partner}只用登记过的收银设备核销，这台还不是。")
    who = _("请换到店里登记过的设备上核销；要用这台，先在“扫码设备”里登记，再请负责人在商家页同意。")
    action = (_("扫码设备"), "devices.index")


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
    by_id: int
    repeated: bool = False
    frozen: bool = False
    device_id: int | None = None
    strange: bool = False
    #: How many vouchers the holder has used at this partner today; counted only where the rules set a limit.
    used_today: int = 0


@dataclass(frozen=True)
class Shown:
    """A code at a counter, and who stands there: known by id, or by the fingerprint of a bearer token.

    `session` is the one a device of the counter may be known by, `device` the one that signed the request.
    """

    code: str
    scan: str | None
    by_id: int | None = None
    token: str | None = None
    request_id: str | None = None
    session: int | None = None
    device: int | None = None


@dataclass(frozen=True)
class Preview:
    """What the counter sees before pressing: the item and a masked name."""

    voucher_id: int
    offer: str
    holder: str
    partner: str
    points: int
    expires_on: date


def preview(code: str, by: User, *, session: int | None = None) -> Preview:
    """Return what would be redeemed; refuses what redeeming would refuse.

    :raises signing.Forged, codes.Mistyped, NoSuchVoucher, AlreadyRedeemed, Lapsed, NotPresented: as redeeming does
    """
    found = find(code, None, by, session=session)
    refuse_unfit(found, clock.now())
    voucher = found.voucher
    return Preview(voucher.id, voucher.title, found.holder, found.partner, voucher.points, voucher.expires_on)


def find(
    code: str,
    scan: str | None,
    by: User,
    *,
    lock: bool = False,
    session: int | None = None,
    device: int | None = None,
) -> Found:
    """Return the voucher a code shows, if it is for a counter of `by`; with a scan, `repeated` if that settled it.

    :raises signing.Forged, codes.WrongType, codes.Mistyped: not a code of a voucher
    :raises NoSuchVoucher: nobody's, or another partner's
    :raises ScanReused: the scan has settled another voucher
    """
    (found,) = find_many([Shown(code, scan, by_id=by.id, session=session, device=device)], lock=lock)
    if isinstance(found, Refusal):
        raise found
    return found


def find_many(shown: Sequence[Shown], *, lock: bool = False) -> list[Found | Refusal]:
    """Return for each code what `find` says of it, all with one look."""
    keyring: signing.Keyring = current_app.extensions["keyring"]
    read: dict[int, codes.Scanned | codes.Typed] = {}
    answers: dict[int, Found | Refusal] = {}
    asks: list[dict[str, Any]] = []
    for n, one in enumerate(shown):
        try:
            read[n] = codes.read(keyring, one.code, base_url=current_app.config["BASE_URL"])
        except Refusal as refusal:
            answers[n] = refusal
        else:
            ask = {
                "n": n, "who": one.by_id, "token": one.token, "scan": one.scan,
                "session": one.session, "device": one.device,
            }  # fmt: skip
            # What was typed is kept under whichever of our secrets was the first then: a row for each of them.
            asks += [{**ask, **name} for name in _names(read[n], keyring)]
    if asks:
        look = _look(db.engine.dialect.name, limited=limited())
        rows = db.session.execute(
            look.with_for_update(of=Voucher) if lock else look,
            {
                "shown": as_rows(asks),
                "now": clock.now(),
                "today": clock.today(),
                "midnight": datetime.combine(clock.today(), time(), clock.ZONE),
            },
        )
        answers |= {row.n: _judged(row, read[row.n], shown[row.n].scan) for row in rows}
    return [answers.get(n, NoSuchVoucher()) for n in range(len(shown))]


def daily_limit(area_path: str) -> int:
    """How many vouchers a person may use today at a partner in that place; 0 is as many as they have."""
    return ledger.tariff(clock.today(), area_path).redemptions_per_partner_day


def limited() -> bool:
    """Whether any scheme limits what a person may use at one partner today."""
    return any(one.redemptions_per_partner_day for one in ledger.rules.in_force(clock.today()).values())


@cache
def _look(_dialect: str, *, limited: bool) -> Any:
    """The look itself, built once an engine; what somebody used today is counted only where that is `limited`."""
    ask = asked(
        "shown",
        n=Integer,
        who=BigInteger,
        token=Text,
        scan=Text,
        public=Text,
        typed=Text,
        session=BigInteger,
        device=BigInteger,
    )
    any_ = aliased(Voucher, name="any_voucher")
    named = select(any_.id).where(any_.public == ask.c.public).scalar_subquery()
    read_out = select(any_.id).where(any_.typed_hash == ask.c.typed).scalar_subquery()
    by = aliased(User, name="behind")
    till = (
        select(Device.id)
        .where(
            Device.partner_id == Voucher.partner_id,
            Device.kind == "counter",
            Device.revoked_at.is_(None),
            or_(Device.sign_in_id == ask.c.session, Device.id == ask.c.device),
        )
        .order_by(Device.id.desc())
        .limit(1)
        .correlate(Voucher, ask)
        .scalar_subquery()
    )
    used = (
        select(func.count())
        .where(
            any_.volunteer_id == Voucher.volunteer_id,
            any_.partner_id == Voucher.partner_id,
            any_.redeemed_at >= bindparam("midnight", type_=Moment),
        )
        .correlate(Voucher)
        .scalar_subquery()
    )
    return (
        select(
            ask.c.n,
            Voucher,
            Partner.name.label("partner"),
            Partner.state.label("partner_state"),
            User.name.label("holder"),
            User.vouchers_frozen_at,
            by.id.label("by_id"),
            accounts.serves_partner(by.id, Voucher.partner_id, RIGHT).label("serves"),
            select(any_.id).where(any_.scan == ask.c.scan).scalar_subquery().label("settled"),
            till.label("device"),
            (Partner.tills_only & ~exists().where(Till.device_id == till)).label("strange"),
            (used if limited else literal(0)).label("used_today"),
        )
        .select_from(ask)
        .join(by, by.id == func.coalesce(ask.c.who, accounts.tokens.holder_of(ask.c.token)))
        .join(Voucher, Voucher.id == func.coalesce(named, read_out))
        .join(Partner, Partner.id == Voucher.partner_id)
        .join(User, User.id == Voucher.volunteer_id)
        .execution_options(populate_existing=True)
    )


def _judged(row: Row[Any], read: codes.Scanned | codes.Typed, scan: str | None) -> Found | Refusal:
    voucher = row.Voucher
    if not row.serves:
        return NoSuchVoucher()
    if row.settled is not None and row.settled != voucher.id:
        return ScanReused()
    repeated = scan is not None and voucher.scan == scan
    if not repeated and voucher.state == "claimed" and not _is_this_showing(read, voucher):
        try:
            refuse_ended(voucher, row.partner)
        except Refusal as refusal:
            return refusal
        return NotPresented()
    return Found(
        voucher,
        row.partner,
        row.partner_state,
        privacy.mask_name(row.holder),
        row.by_id,
        repeated,
        row.vouchers_frozen_at is not None,
        row.device,
        row.strange,
        row.used_today,
    )


def refuse_unfit(found: Found, now: datetime) -> None:
    """Refuse a voucher that cannot be redeemed now, saying the first reason that holds."""
    voucher = found.voucher
    refuse_ended(voucher, found.partner)
    if found.frozen:
        raise Frozen
    if voucher.armed_until is None or voucher.armed_until <= now:
        raise NotPresented
    if voucher.volunteer_id == found.by_id:
        raise OwnVoucher
    if found.partner_state != "signed":
        raise PartnerAway(partner=found.partner)
    if found.strange:
        raise NotATill(partner=found.partner)
    limit = daily_limit(voucher.area_path)
    if limit and found.used_today >= limit:
        raise EnoughToday(partner=found.partner, used=found.used_today, limit=limit)


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


def queue(found: Sequence[Found | Refusal]) -> None:
    """Have the holders of these vouchers wait for one another, each for their own: whoever looks after that sees all
    they have used. Only where the rules set a limit for the day."""
    holders = sorted({one.voucher.volunteer_id for one in found if isinstance(one, Found)})
    if holders:
        waiting = select(User.id).where(User.id.in_(holders)).order_by(User.id)
        db.session.execute(waiting.with_for_update(key_share=True))


def names(partner_id: int, volunteer_id: int) -> tuple[str, str]:
    """Return a partner's name, and somebody's as a counter may know it."""
    partner = db.session.get_one(Partner, partner_id).name
    return partner, privacy.mask_name(db.session.get_one(User, volunteer_id).name)


def serves(person: User, partner_id: int) -> bool:
    """Whether somebody works at a counter of this partner."""
    return any(hold.partner_id == partner_id and RIGHT in hold.rights for hold in person.holds)


def _names(read: codes.Scanned | codes.Typed, keyring: signing.Keyring) -> list[dict[str, str]]:
    if isinstance(read, codes.Scanned):
        return [{"public": read.voucher.hex()}]
    return [{"typed": kept.hex()} for kept in codes.kept_any(keyring, read.code)]


def _is_this_showing(read: codes.Scanned | codes.Typed, voucher: Voucher) -> bool:
    if isinstance(read, codes.Typed):
        return True  # the row was found by it
    return voucher.nonce is not None and signing.same(voucher.nonce, read.nonce)
