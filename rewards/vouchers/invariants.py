"""What must always be true of vouchers, the points behind them, and the shelf they came from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Executable, String, and_, case, cast, func, literal, or_, select, union_all

from rewards.offers import Offer, OfferSlot
from rewards.vouchers.models import Voucher
from volunteer import ledger
from volunteer.i18n import _
from volunteer.ledger import Posting


@ledger.invariant("vouchers.postings", _("券的积分进出和它的状态相符"))
def postings(_on: date) -> Executable:
    """A voucher's postings match its state: claimed holds its points, redeemed owes them, the rest gave them back."""
    moved = {
        move: select(Posting.key, func.sum(Posting.amount).label("points"))
        .where(Posting.move == move, Posting.key.startswith(f"{move}:"))
        .group_by(Posting.key)
        .subquery(move)
        for move in ("claim", "redeem", "release", "unredeem", "clawback")
    }
    claimed, redeemed, released, undone, clawed = (func.coalesce(moved[move].c.points, 0) for move in moved)
    kept = redeemed - undone - clawed
    looked = select(Voucher.id, Voucher.state, Voucher.points, claimed, kept, released)
    # What a counter took back has a second redemption, under a name of its own.
    again = case((Voucher.undone_at.is_not(None), ":2"), else_="")
    for move, one in moved.items():
        tail = again if move in ("redeem", "unredeem") else literal("")
        looked = looked.outerjoin(one, one.c.key == literal(f"{move}:") + cast(Voucher.id, String) + tail)
    used = case((Voucher.state == "redeemed", Voucher.points), else_=0)
    back = case((Voucher.state.in_(("refused", "cancelled", "lapsed")), Voucher.points), else_=0)
    return looked.where(or_(claimed != Voucher.points, kept != used, released != back))


@ledger.invariant("vouchers.held", _("留着的积分都属于没用的券，数目就是券的价"))
def held(_on: date) -> Executable:
    """What is held is held for an open voucher, and is its price."""
    address = literal("held:") + cast(Voucher.id, String)
    open_ = case((Voucher.state == "claimed", Voucher.points), else_=0)
    wrong = (
        select(address.label("address"), ledger.Balance.amount, open_.label("price"))
        .join(Voucher, address == ledger.Balance.address)
        .where(ledger.Balance.amount != open_)
    )
    nobodys = (
        select(ledger.Balance.address, ledger.Balance.amount, ledger.Balance.amount)
        .outerjoin(Voucher, address == ledger.Balance.address)
        .where(ledger.Balance.address.startswith("held:"), Voucher.id.is_(None))
    )
    return select(union_all(wrong, nobodys).subquery())


@ledger.invariant("vouchers.stock", _("礼遇的兑换和退回数目与券相符"))
def stock(_on: date) -> Executable:
    """What an offer says was claimed and came back is what its vouchers say."""
    back = Voucher.state.in_(("refused", "cancelled", "lapsed"))
    counted = (
        select(
            Voucher.offer_id,
            func.count().label("claimed"),
            func.sum(case((back, 1), else_=0)).label("returned"),
        )
        .group_by(Voucher.offer_id)
        .subquery()
    )
    claimed, returned = func.coalesce(counted.c.claimed, 0), func.coalesce(counted.c.returned, 0)
    return (
        select(Offer.id, Offer.claimed, claimed.label("vouchers"), Offer.returned, returned.label("ended"))
        .outerjoin(counted, counted.c.offer_id == Offer.id)
        .where(or_(Offer.claimed != claimed, Offer.returned != returned))
    )


@ledger.invariant("vouchers.slots", _("约去的位子正好是没退的券，不多于名额"))
def slots(_on: date) -> Executable:
    """The places taken in a slot are exactly the vouchers that hold one, and never more than there are."""
    held = (
        select(Voucher.slot_id, func.count().label("held"))
        .where(Voucher.slot_id.is_not(None), Voucher.state.in_(("claimed", "redeemed")))
        .group_by(Voucher.slot_id)
        .subquery()
    )
    taken = func.coalesce(held.c.held, 0)
    return (
        select(OfferSlot.id, OfferSlot.booked, taken, OfferSlot.capacity)
        .outerjoin(held, held.c.slot_id == OfferSlot.id)
        .where(or_(OfferSlot.booked != taken, OfferSlot.booked > OfferSlot.capacity))
    )


@ledger.invariant("vouchers.told", _("券只在自己的商户、出示的时候用掉"))
def told(_on: date) -> Executable:
    """A voucher is redeemed at the partner of its offer, and only while it is being shown."""
    return (
        select(Voucher.id, Voucher.partner_id, Offer.partner_id, Voucher.redeemed_at, Voucher.armed_until)
        .join(Offer, Offer.id == Voucher.offer_id)
        .where(
            or_(
                Voucher.partner_id != Offer.partner_id,
                and_(Voucher.redeemed_at.is_not(None), Voucher.redeemed_at > Voucher.armed_until),
            )
        )
    )
