"""A volunteer claims an offer: one off the stock, the points held, a voucher in their name."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from rewards import offers, partners
from rewards.offers import Offer
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


def claim(volunteer: accounts.User, offer_id: int, *, once: str | None = None) -> Voucher:
    """Promise the offer to the volunteer; `once` names the tap, and the same tap finds the same voucher.

    :raises NotFound: there is no such offer on any shelf
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

    offers.take(offer.id)
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
        state="claimed",
        claimed_at=clock.now(),
        expires_on=expiry(offer, clock.today()),
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

    notices.send(
        volunteer.id,
        _("“{title}”领到了，{until|date} 前到店里用。", title=offer.title, until=voucher.expires_on),
        key=f"voucher-claimed:{voucher.id}",
        link=f"/vouchers/{voucher.id}",
    )
    events.record(
        Claimed(voucher_id=voucher.id, offer_id=offer.id, points=voucher.points),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=volunteer.id,
    )
    return voucher


def expiry(offer: Offer, on: date) -> date:
    """Return the last day of a voucher claimed on a day: the scheme's days, never past the agreement."""
    latest = on + timedelta(days=ledger.tariff(on).voucher_days)
    agreement = partners.covered_until(offer.partner_id, on)
    return min(latest, agreement) if agreement else latest


def _asked_with(volunteer_id: int, once: str) -> Voucher | None:
    return db.session.scalar(select(Voucher).filter_by(volunteer_id=volunteer_id, asked_with=once[:64]))


# ── what stands in the way; the offer's page asks the same ──


@offers.hindrance
def no_guardian(volunteer: accounts.User, _offer: Offer) -> Refusal | None:
    return GuardianFirst() if accounts.needs_guardian(volunteer) else None


@offers.hindrance
def too_little_served(volunteer: accounts.User, _offer: Offer) -> Refusal | None:
    tariff = ledger.tariff(clock.today())
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


offers.hindrance(offers.sold_out)


@offers.hindrance
def too_few_points(volunteer: accounts.User, offer: Offer) -> Refusal | None:
    balance = ledger.balance(volunteer.id) if offer.points else 0
    return (
        ledger.Insufficient(balance=balance, missing=offer.points - balance)
        if balance < offer.points
        else None
    )
