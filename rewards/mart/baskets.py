"""A basket: several items of one mart claimed in one go, shown with one code, fetched with one press.

All or none, each time: claimed, redeemed, or given back. Its vouchers stay ordinary ones, each with its own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from rewards import offers, vouchers
from rewards.mart.models import Basket, BasketVoucher
from rewards.offers import Offer
from rewards.partners import Partner
from rewards.vouchers import Voucher, codes, counter, together
from volunteer import accounts, clock, events, identity, ledger, notices, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

ITEMS_MAX = 20


@events.kind
class BasketFilled(events.Event):
    basket_id: int
    count: int
    points: int


@events.kind
class BasketFetched(events.Event):
    basket_id: int
    count: int
    points: int


class EmptyBasket(Refusal):
    code = "basket.empty"
    status = 422
    says = _("篮子还是空的，先选几样。")


class BasketFull(Refusal):
    code = "basket.full"
    status = 422
    says = _("一篮最多 {most} 件，请分两次领。")


class TooManyForADay(Refusal):
    code = "basket.partner_day"
    says = _("一天在一家最多用 {limit} 张券，这一篮有 {n} 件，取不完。")
    who = _("请少选几件，过一天再来领别的。")


class NotForBasket(Refusal):
    code = "basket.item"
    says = _("“{title}”没有领成：{why}")
    who = _("这一篮别的也没有动，积分都在。少选这一样再试。")


class NothingLeft(Refusal):
    code = "basket.over"
    status = 410
    says = _("这一篮里没有还能用的券了。")
    who = _("取过的、退掉的都在“用过和过期的”里。")
    action = (_("看看我的券"), "vouchers.index")


@dataclass(frozen=True)
class AtCounter:
    """A basket at the counter, with what people there may know of it."""

    basket: Basket
    partner: str
    holder: str
    items: list[Voucher]
    at: datetime | None = None
    repeated: bool = False

    @property
    def points(self) -> int:
        return sum(one.points for one in self.items)


# ── the holder ──


def fill(
    volunteer: accounts.User, partner: Partner, wanted: Mapping[int, int], *, once: str | None = None
) -> Basket:
    """Claim all of it or nothing: offer → how many. `once` names the tap, and the same tap finds the same basket.

    :raises NotFound: something does not stand on this mart's shelf
    :raises EmptyBasket, BasketFull, TooManyForADay, ledger.Insufficient: about the whole
    :raises NotForBasket: about one item, with why
    """
    wanted = {offer_id: n for offer_id, n in wanted.items() if n > 0}
    total = sum(wanted.values())
    if not total:
        raise EmptyBasket
    if total > ITEMS_MAX:
        raise BasketFull(most=ITEMS_MAX)
    if once and (known := _asked_with(volunteer.id, once)) is not None:
        return known
    # Always in the same order: two baskets with the same items wait for each other, and never each for the other.
    shelf = db.session.scalars(
        select(Offer)
        .where(Offer.id.in_(wanted), Offer.partner_id == partner.id)
        .order_by(Offer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(shelf) != len(wanted):
        raise NotFound
    if once and (known := _asked_with(volunteer.id, once)) is not None:
        return known
    limit = counter.daily_limit(partner.area_path)
    if limit and total > limit:
        raise TooManyForADay(limit=limit, n=total)
    points = sum(one.points * wanted[one.id] for one in shelf)
    balance = ledger.balance(volunteer.id) if points else 0
    if balance < points:
        raise ledger.Insufficient(balance=balance, missing=points - balance)

    held = [voucher for offer in shelf for voucher in _claim(volunteer, offer, wanted[offer.id])]
    basket = Basket(
        public=signing.token_bytes(codes.VOUCHER_BYTES).hex(),
        partner_id=partner.id,
        volunteer_id=volunteer.id,
        area_path=partner.area_path,
        asked_with=once[:64] if once else None,
        made_at=clock.now(),
    )
    db.session.add(basket)
    db.session.flush()
    db.session.add_all(BasketVoucher(voucher_id=one.id, basket_id=basket.id) for one in held)
    db.session.flush()

    notices.send(
        volunteer.id,
        _("{partner}的一篮 {n} 件领到了，{until|date} 前到店里取。",
          partner=partner.name, n=total, until=min(one.expires_on for one in held)),
        key=f"basket-filled:{basket.id}",
        link=f"/baskets/{basket.id}",
    )  # fmt: skip
    events.record(
        BasketFilled(basket_id=basket.id, count=total, points=points),
        about=f"basket:{basket.id}",
        within=f"partner:{partner.id}",
        whom=volunteer.id,
    )
    return basket


def _claim(volunteer: accounts.User, offer: Offer, n: int) -> list[Voucher]:
    """Claim so many of one item, and say which one it was where that cannot be."""
    taken: list[Voucher] = []
    if offer.by_slot or offer.drawing:
        raise NotForBasket(title=offer.title, why=_("要约时间或者抽签的，请单独领。"))
    for _one in range(n):
        try:
            taken.append(vouchers.claim(volunteer, offer.id, tell=False))
        except vouchers.Limit as refusal:
            have = refusal.facts["have"] - len(taken)
            raise NotForBasket(
                title=offer.title, why=vouchers.Limit(limit=offer.per_person, have=have).detail
            ) from refusal
        except (vouchers.DailyLimit, offers.SoldOut, offers.Closed) as refusal:
            raise NotForBasket(title=offer.title, why=refusal.detail) from refusal
    return taken


def contents(basket: Basket, *, open_only: bool = False) -> Sequence[Voucher]:
    """Return the vouchers of a basket as they are now; only those that can still be used, where asked."""
    found = (
        select(Voucher)
        .join(BasketVoucher, BasketVoucher.voucher_id == Voucher.id)
        .where(BasketVoucher.basket_id == basket.id)
        .order_by(Voucher.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(found.where(Voucher.state == "claimed") if open_only else found).all()


def present(basket: Basket) -> vouchers.Shown:
    """Show it for five minutes, each voucher in it too. Showing it again ends the codes shown before.

    :raises vouchers.AlreadyRedeemed: it was fetched; what the counter took back of it is shown by itself
    :raises NothingLeft: everything in it was used or given back
    :raises vouchers.Lapsed, counter.Frozen: as showing one voucher does
    """
    held = _open(basket)
    until = min(vouchers.present(one).valid_until for one in held)
    nonce, public = codes.new_nonce(), bytes.fromhex(basket.public)
    typed = codes.typed_for(_keyring(), public, nonce)
    basket.nonce, basket.armed_until = nonce, until
    basket.typed_hash = codes.kept(_keyring(), typed).hex()
    db.session.flush()
    return vouchers.on_screen(public, nonce, until)


def shown_now(basket: Basket) -> vouchers.Shown | None:
    """Return what is being shown, None when nothing is."""
    if basket.redeemed_at is not None or basket.nonce is None or basket.armed_until is None:
        return None
    if basket.armed_until <= clock.now():
        return None
    return vouchers.on_screen(bytes.fromhex(basket.public), basket.nonce, basket.armed_until)


def cancel(basket: Basket) -> int:
    """Give up what is still open; the points come back at once. Return how many vouchers that were."""
    held = contents(basket, open_only=True)
    for one in held:
        vouchers.cancel(one)
    return len(held)


# ── the counter ──


def look(code: str, by: accounts.User, *, session: int | None = None, device: int | None = None) -> AtCounter:
    """Return what would be redeemed; refuses what redeeming would refuse."""
    basket = _find(code, by)
    held = _open(basket)
    found = together.look(held, by, session=session, device=device)
    return AtCounter(basket, found[0].partner, found[0].holder, list(held))


def redeem(
    code: str, scan: str, by: accounts.User, *, session: int | None = None, device: int | None = None
) -> AtCounter:
    """Redeem everything in the basket that is being shown, or nothing. The same scan gets the same answer.

    :raises vouchers.NoSuchVoucher: also for another partner's
    :raises NothingLeft: everything in it was used or given back
    :raises Refusal: what stands in the way of any voucher in it
    """
    basket = _find(code, by, scan=scan, lock=True)
    if basket.scan == scan:
        return _repeated(basket)
    held = _open(basket)
    done = together.redeem_together(held, scan, by, session=session, device=device)

    basket.redeemed_at, basket.scan = done[0].at, scan
    db.session.flush()

    events.record(
        BasketFetched(basket_id=basket.id, count=len(done), points=sum(one.voucher.points for one in done)),
        about=f"basket:{basket.id}",
        within=f"partner:{basket.partner_id}",
        whom=basket.volunteer_id,
    )
    return AtCounter(
        basket, done[0].partner, done[0].holder, [one.voucher for one in done], basket.redeemed_at
    )


def refuse(
    code: str,
    scan: str,
    reason: str,
    by: accounts.User,
    *,
    voucher_id: int | None = None,
    session: int | None = None,
    device: int | None = None,
) -> AtCounter:
    """Say of one item, or of the whole basket, that it cannot be honoured now: those points are back at once.

    The rest stays as it is. The same scan changes nothing more.
    """
    reason = identity.free_text(reason, 200)
    basket = _find(code, by, lock=True)
    chosen = [one for one in contents(basket) if voucher_id in (None, one.id)]
    if not chosen:
        raise vouchers.NoSuchVoucher
    still = [one for one in chosen if one.state == "claimed"]
    repeated = any(one.scan == together.scan_of(scan, one.id) for one in chosen)
    if not still and not repeated:
        raise NothingLeft
    for one in still:
        together.refuse_one(one, scan, reason, by, session=session, device=device)
    names = _names(basket)
    return AtCounter(basket, *names, chosen, clock.now(), repeated and not still)


def by_code(read: codes.Scanned | codes.Typed) -> Basket | None:
    """Return the basket a genuine code speaks of, whichever showing of it."""
    found = select(Basket)
    if isinstance(read, codes.Scanned):
        found = found.where(Basket.public == read.voucher.hex())
    else:
        found = found.where(
            Basket.typed_hash.in_([one.hex() for one in codes.kept_any(_keyring(), read.code)])
        )
    return db.session.scalar(found)


def _find(code: str, by: accounts.User, *, scan: str | None = None, lock: bool = False) -> Basket:
    """The basket this code shows, if it is for a counter of `by` and for this showing."""
    read = codes.read(_keyring(), code, base_url=current_app.config["BASE_URL"])
    basket = by_code(read)
    if basket is None or not counter.serves(by, basket.partner_id):
        raise vouchers.NoSuchVoucher
    if lock:
        db.session.refresh(basket, with_for_update=True)
    if scan is not None and basket.scan == scan:
        return basket
    current = isinstance(read, codes.Typed) or (
        basket.nonce is not None and signing.same(basket.nonce, read.nonce)
    )
    if basket.redeemed_at is None and not (current and shown_now(basket)):
        raise vouchers.NotPresented
    return basket


def _open(basket: Basket) -> Sequence[Voucher]:
    held = contents(basket, open_only=True)
    if basket.redeemed_at is not None:
        raise vouchers.AlreadyRedeemed(at=basket.redeemed_at, partner=_names(basket)[0])
    if not held:
        raise NothingLeft
    return held


def _repeated(basket: Basket) -> AtCounter:
    scanned = basket.scan or ""
    held = [one for one in contents(basket) if one.scan == together.scan_of(scanned, one.id)]
    return AtCounter(basket, *_names(basket), held, basket.redeemed_at, repeated=True)


def _names(basket: Basket) -> tuple[str, str]:
    """The partner's name, and the holder's as a counter may know it."""
    return counter.names(basket.partner_id, basket.volunteer_id)


def _asked_with(volunteer_id: int, once: str) -> Basket | None:
    return db.session.scalar(select(Basket).filter_by(volunteer_id=volunteer_id, asked_with=once[:64]))


def _keyring() -> codes.Keyring:
    keyring: codes.Keyring = current_app.extensions["keyring"]
    return keyring
