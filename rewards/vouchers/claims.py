"""A volunteer claims an offer: one off the stock, the points held, a voucher in their name."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from rewards import offers, partners
from rewards.offers import Offer, OfferSlot
from rewards.vouchers import codes
from rewards.vouchers.models import Voucher
from volunteer import accounts, clock, events, hours, ledger, notices, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

#: Vouchers in these states count against the limit of a person; those that gave their points back do not.
COUNTED = ("claimed", "redeemed")


@events.kind
class Claimed(events.Event):
    voucher_id: int
    offer_id: int
    points: int


class Limit(Refusal):
    code = "offer.limit"
    says = _("这份礼遇每人最多 {limit} 份，你已经领过 {have} 份了。")
    who = _("留一些给别的志愿者吧。")
    action = (_("看看我的券"), "vouchers.index")


class DailyLimit(Refusal):
    code = "offer.daily_limit"
    says = _("这份礼遇每天 {limit} 份，今天的已经领完了。")
    who = _("明天一早再来，名额会重新开放。")
    action = (_("看别的礼遇"), "offers.index")


class BookedAlready(Refusal):
    code = "offer.booking_overlaps"
    says = _("这个时间你已经约了“{title}”（{starts_at|moment}–{ends_at|time}）。")
    who = _("请换一个时段，或者先取消那一张。")
    action = (_("看看那一张"), "vouchers.show", {"voucher_id": "voucher_id"})


class PastAgreement(Refusal):
    code = "offer.slot_late"
    says = _("商家的协议到 {until|date} 为止，这个时段在那以后，现在还不能约。")
    who = _("续签以后就能约，也可以选早一点的时段。")


class Threshold(Refusal):
    code = "offer.threshold"
    says = _("累计服务满 {needed_hours} 小时就能兑换，你现在有 {have_hours} 小时。")
    action = (_("看看服务日"), "service_days.calendar")


class TooNew(Threshold):
    says = _("注册满 {needed_days} 天就能兑换，{opens|date} 起可以领。")


class GuardianFirst(Refusal):
    code = "offer.guardian"
    status = 403
    says = _("未满 18 岁要先由监护人确认，才能兑换。")
    who = _("请监护人用手机确认，或到社区办理。")


def claim(
    volunteer: accounts.User,
    offer_id: int,
    *,
    once: str | None = None,
    slot_id: int | None = None,
    tell: bool = True,
) -> Voucher:
    """Promise the offer to the volunteer; `once` names the tap, and the same tap finds the same voucher.

    An offer that is booked by time takes the slot; others do not look at it. Whoever claims several at once tells of
    them together: `tell=False`.

    :raises NotFound: there is no such offer on any shelf
    :raises offers.slots.SlotNeeded, offers.slots.SlotFull, BookedAlready: about the time to be booked
    :raises Limit, Threshold, offers.SoldOut, ledger.Insufficient: with what is missing
    """
    if once and (known := _asked_with(volunteer.id, once)) is not None:
        return known
    # The offer's row is the queue: two phones of one person wait here, and the second sees what the first took.
    offer = db.session.get(Offer, offer_id, with_for_update=True, populate_existing=True)
    if offer is None or offer.state in ("draft", "withdrawn"):
        raise NotFound
    if once and (known := _asked_with(volunteer.id, once)) is not None:
        return known
    for hindrance in offers.hindrances(volunteer, offer):
        raise hindrance
    slot = _slot(volunteer, offer, slot_id)

    offers.take(offer.id)
    if slot is not None:
        offers.slots.book(offer, slot.id)
    voucher = Voucher(
        public=signing.token_bytes(codes.VOUCHER_BYTES).hex(),
        offer_id=offer.id,
        partner_id=offer.partner_id,
        volunteer_id=volunteer.id,
        area_path=offer.area_path,
        title=offer.title,
        points=offer.points,
        value_cents=offer.value_cents,
        asked_with=once,
        slot_id=slot.id if slot else None,
        state="claimed",
        claimed_at=clock.now(),
        expires_on=_day(slot) if slot else expiry(offer, clock.today()),
    )
    db.session.add(voucher)
    db.session.flush()
    if voucher.points:
        ledger.spend(
            volunteer.id,
            voucher.points,
            to=ledger.chart.held(voucher.id),
            key=f"claim:{voucher.id}",
            why={"title": offer.title, "link": f"/vouchers/{voucher.id}"},
            area_path=voucher.area_path,
            fresh=True,
        )

    if tell:
        _tell(voucher, slot)
    events.record(
        Claimed(voucher_id=voucher.id, offer_id=offer.id, points=voucher.points),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=volunteer.id,
    )
    return voucher


def _tell(voucher: Voucher, slot: OfferSlot | None) -> None:
    notices.send(
        voucher.volunteer_id,
        _(
            "“{title}”约好了：{at|moment}，到时候见。来不了请早点取消，位子给别人。",
            title=voucher.title,
            at=slot.starts_at,
        )
        if slot
        else _("“{title}”领到了，{until|date} 前到店里用。", title=voucher.title, until=voucher.expires_on),
        key=f"voucher-claimed:{voucher.id}",
        link=f"/vouchers/{voucher.id}",
    )


def expiry(offer: Offer, on: date) -> date:
    """Return the last day of a voucher claimed on a day: the scheme's days, never past the agreement."""
    latest = on + timedelta(days=ledger.tariff(on, offer.area_path).voucher_days)
    agreement = partners.covered_until(offer.partner_id, on)
    return min(latest, agreement) if agreement else latest


def _slot(volunteer: accounts.User, offer: Offer, slot_id: int | None) -> OfferSlot | None:
    """The slot that is to be booked, None where the offer is not booked by time."""
    if not offer.by_slot:
        return None
    if slot_id is None:
        raise offers.slots.SlotNeeded(offer_id=offer.id)
    slot = offers.slots.bookable(offer, slot_id)
    until = partners.covered_until(offer.partner_id, clock.today())
    if until is None or _day(slot) > until:
        raise PastAgreement(until=until or clock.today())
    # The person's row is the queue for what they book at other partners at the same moment.
    db.session.execute(
        select(accounts.User.id).where(accounts.User.id == volunteer.id).with_for_update(key_share=True)
    )
    other = db.session.execute(
        select(Voucher.id, Voucher.title, OfferSlot.starts_at, OfferSlot.ends_at)
        .join(OfferSlot, OfferSlot.id == Voucher.slot_id)
        .where(
            Voucher.volunteer_id == volunteer.id,
            Voucher.state == "claimed",
            OfferSlot.starts_at < slot.ends_at,
            OfferSlot.ends_at > slot.starts_at,
        )
        .limit(1)
    ).one_or_none()
    if other is not None:
        voucher_id, title, starts_at, ends_at = other
        raise BookedAlready(voucher_id=voucher_id, title=title, starts_at=starts_at, ends_at=ends_at)
    return slot


def _day(slot: OfferSlot) -> date:
    return slot.ends_at.astimezone(clock.ZONE).date()


def _asked_with(volunteer_id: int, once: str) -> Voucher | None:
    return db.session.scalar(select(Voucher).filter_by(volunteer_id=volunteer_id, asked_with=once[:64]))


# ── what stands in the way; the offer's page asks the same ──


@offers.hindrance
def no_guardian(volunteer: accounts.User, _offer: Offer) -> Refusal | None:
    return GuardianFirst() if accounts.needs_guardian(volunteer) else None


@offers.hindrance
def too_little_served(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    tariff = ledger.tariff(clock.today(), offer.area_path)
    opens = volunteer.registered_at.date() + timedelta(days=tariff.min_account_days)
    if opens > clock.today():
        return TooNew(needed_days=tariff.min_account_days, opens=opens)
    if not tariff.redeem_min_hours:
        return None
    minutes = hours.totals(volunteer.id).minutes
    if minutes >= tariff.redeem_min_hours * 60:
        return None
    return Threshold(
        needed_hours=tariff.redeem_min_hours,
        have_hours=f"{minutes / 60:.1f}".removesuffix(".0"),
        missing_minutes=tariff.redeem_min_hours * 60 - minutes,
    )


@offers.hindrance
def had_enough(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    have = (
        db.session.scalar(
            select(func.count()).where(
                Voucher.offer_id == offer.id,
                Voucher.volunteer_id == volunteer.id,
                Voucher.state.in_(COUNTED),
            )
        )
        or 0
    )
    return Limit(limit=offer.per_person, have=have) if have >= offer.per_person else None


@offers.hindrance
def enough_for_today(_volunteer: accounts.User, offer: Offer) -> Refusal | None:
    """Asked under the lock of the offer's row when it is claimed, so that the day's last one goes to one person."""
    if offer.daily_limit is None:
        return None
    today = datetime.combine(clock.today(), time(), clock.ZONE)
    given = db.session.scalar(
        select(func.count()).where(
            Voucher.offer_id == offer.id, Voucher.claimed_at >= today, Voucher.state.in_(COUNTED)
        )
    )
    return DailyLimit(limit=offer.daily_limit) if (given or 0) >= offer.daily_limit else None


offers.hindrance(offers.sold_out)


@offers.hindrance
def too_few_points(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    balance = ledger.balance(volunteer.id) if offer.points else 0
    return (
        ledger.Insufficient(balance=balance, missing=offer.points - balance)
        if balance < offer.points
        else None
    )
