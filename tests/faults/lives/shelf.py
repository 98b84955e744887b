"""What the platform must do about offers and vouchers, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.faults.lives.purses import No, Parts, Purses

MINUTE = timedelta(minutes=1)
LOOKED_AT = ("open", "asked")


@dataclass
class Offer:
    shop: int
    points: int
    stock: int
    each: int
    ends: date
    a_day: int = 0  # to everybody together; 0 is off
    by_slot: bool = False


@dataclass
class Slot:
    """A time that can be booked."""

    offer: int
    begins: datetime
    ends: datetime
    places: int
    booked: int = 0
    off: bool = False


@dataclass
class Voucher:
    who: int
    offer: int
    points: int
    expires: date
    out_of: Parts
    claimed: date
    state: str = "claimed"
    until: datetime | None = None  # until when it is being shown
    redeemed: datetime | None = None
    scan: str | None = None
    undone: bool = False
    dispute: str | None = None
    disputed: datetime | None = None  # the redemption it is about
    asked_by: int | None = None
    bill: tuple[int, str] | None = None
    slot: int | None = None


@dataclass
class Shelf(Purses):
    """Offers and vouchers."""

    vouchers: dict[int, Voucher] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    slots: dict[int, Slot] = field(default_factory=dict)
    owed: dict[int, int] = field(default_factory=dict)
    away: dict[int, str] = field(default_factory=dict)  # shop → paused or terminated

    def books(self) -> dict[str, int]:
        """Where points are."""
        purses = {f"volunteer:{who}:{month}": left for (who, month), left in self.purses.items()}
        purses |= {f"surplus:{who}:{month}": left for (who, month), left in self.surplus.items()}
        held = {f"held:{id_}": v.points for id_, v in self.vouchers.items() if v.state == "claimed"}
        owed = {f"partner:{shop}:owed": left for shop, left in self.owed.items()}
        return {where: left for where, left in (purses | held | owed).items() if left}

    def claim(self, who: int, offer_id: int, slot_id: int | None = None) -> Voucher:
        offer = self.offers[offer_id]
        if offer.shop in self.away:
            raise No("not_found" if self.away[offer.shop] == "terminated" else "offer.closed")
        counted = [
            v for v in self.vouchers.values() if v.offer == offer_id and v.state in ("claimed", "redeemed")
        ]
        if sum(v.who == who for v in counted) >= offer.each:
            raise No("offer.limit")
        if offer.a_day and sum(v.claimed == self.now.date() for v in counted) >= offer.a_day:
            raise No("offer.daily_limit")
        if offer.stock < 1:
            raise No("offer.sold_out")
        if self.balance(who) < offer.points:
            raise No("ledger.insufficient")
        last = min(self.now.date() + timedelta(days=90), offer.ends)
        if offer.by_slot:
            if slot_id is None:
                raise No("offer.slot_needed")
            last = self._book(who, self.slots[slot_id])
        offer.stock -= 1
        out_of = self.take(self.purses, who, offer.points)
        slot = slot_id if offer.by_slot else None
        return Voucher(who, offer_id, offer.points, last, out_of, self.now.date(), slot=slot)

    def _book(self, who: int, slot: Slot) -> date:
        """Take a place in it; returns the day."""
        if slot.off:
            raise No("not_found")
        if slot.begins <= self.now:
            raise No("offer.slot_begun")
        for other in self.vouchers.values():
            there = self.slots.get(other.slot or 0)
            mine = (other.who, other.state) == (who, "claimed")
            if there and mine and there.begins < slot.ends and slot.begins < there.ends:
                raise No("offer.booking_overlaps")
        if slot.booked >= slot.places:
            raise No("offer.slot_full")
        slot.booked += 1
        return slot.ends.date()

    def put_up(self, offer_id: int, begins: datetime, ends: datetime, places: int) -> Slot | None:
        """Write down a time; None where it is written down already."""
        there = [one for one in self.slots.values() if one.offer == offer_id and not one.off]
        if any((one.begins, one.ends) == (begins, ends) for one in there):
            return None
        if any(one.begins < ends and begins < one.ends for one in there):
            raise No("offer.slot_overlaps")
        return Slot(offer_id, begins, ends, places)

    def call_slot_off(self, slot_id: int) -> None:
        self.slots[slot_id].off = True
        for voucher in self.vouchers.values():
            if voucher.slot == slot_id and voucher.state == "claimed":
                self.end(voucher, "cancelled")

    def over(self, voucher: Voucher) -> None:
        if voucher.state in ("cancelled", "refused"):
            raise No(f"voucher.{voucher.state}")
        if voucher.state == "lapsed" or (voucher.state == "claimed" and voucher.expires < self.now.date()):
            raise No("voucher.lapsed")
        if voucher.state == "redeemed":
            raise No("voucher.already_redeemed")

    def present(self, voucher: Voucher) -> None:
        self.over(voucher)
        voucher.until = self.now + 5 * MINUTE

    def at_counter(self, voucher: Voucher, shop: int, scan: str, ends_as: str, newest: bool = True) -> str:
        """Redeem ("redeemed") or refuse ("refused") what is shown; `newest` is the code of the last showing."""
        if self.offers[voucher.offer].shop != shop:
            raise No("not_found")
        if any(other.scan == scan and other is not voucher for other in self.vouchers.values()):
            raise No("voucher.scan_reused")
        if voucher.scan == scan and voucher.state == ends_as:
            return "again"
        self.over(voucher)
        if not newest or voucher.until is None or voucher.until <= self.now:
            raise No("voucher.not_presented")
        if shop in self.away:
            raise No("voucher.partner")
        if (most := self.ruled(self.now.date()).a_day) and self._used_today(voucher.who, shop) >= most:
            raise No("voucher.partner_day")
        voucher.scan = scan
        if ends_as == "refused":
            self.end(voucher, "refused")
            return "ok"
        voucher.state, voucher.redeemed = "redeemed", self.now
        self.owed[shop] = self.owed.get(shop, 0) + voucher.points
        return "ok"

    def undo(self, voucher: Voucher) -> None:
        """The counter pressed by mistake."""
        if voucher.undone:
            raise No("voucher.undone_before")
        at = voucher.redeemed
        if at is None or self.now - at > 10 * MINUTE or f"{at:%Y-%m}" != f"{self.now:%Y-%m}":
            raise No("voucher.undo_late")
        self.reopen(voucher)
        voucher.undone = True
        if voucher.dispute == "open":
            voucher.dispute = "upheld"

    def dispute(self, voucher: Voucher) -> None:
        """The holder says it was not them: nobody is paid for it until the office has looked."""
        if voucher.dispute is None or voucher.redeemed not in (None, voucher.disputed):
            if voucher.redeemed is None or self.now - voucher.redeemed > timedelta(hours=72):
                raise No("voucher.not_disputable")
            voucher.dispute, voucher.disputed = "open", voucher.redeemed
            self.take_off(voucher)

    def reopen(self, voucher: Voucher) -> None:
        self.owed[self.offers[voucher.offer].shop] -= voucher.points
        voucher.state, voucher.redeemed, voucher.until, voucher.scan = "claimed", None, None, None

    def take_off(self, voucher: Voucher) -> None:
        """Nobody is paid for what is looked at."""
        raise NotImplementedError

    def cancel(self, voucher: Voucher) -> None:
        if voucher.state == "claimed":
            self.end(voucher, "cancelled")
        elif voucher.state != "cancelled":
            self.over(voucher)

    def lapse(self) -> None:
        for voucher in self.vouchers.values():
            if voucher.state == "claimed" and voucher.expires < self.now.date():
                self.end(voucher, "lapsed")

    def send_away(self, shop: int, state: str) -> str:
        """The office pauses a shop, or ends it: nobody keeps a voucher that cannot be used."""
        if self.away.get(shop) == state:
            return "again"
        if self.away.get(shop) == "terminated":
            raise No("partner.not_waiting")
        self.away[shop] = state
        self.refund()
        return "ok"

    def come_back(self, shop: int) -> str:
        if self.away.get(shop) == "terminated":
            raise No("partner.not_waiting")
        return "again" if self.away.pop(shop, None) is None else "ok"

    def refund(self) -> None:
        """What is open at shops that are away goes back."""
        for voucher in self.vouchers.values():
            if voucher.state == "claimed" and self.offers[voucher.offer].shop in self.away:
                self.end(voucher, "cancelled")

    def end(self, voucher: Voucher, state: str) -> None:
        voucher.state = state
        self.offers[voucher.offer].stock += 1
        if voucher.slot is not None:
            self.slots[voucher.slot].booked -= 1
        self.home(voucher.who, voucher.out_of)

    def _used_today(self, who: int, shop: int) -> int:
        used = [v for v in self.vouchers.values() if v.who == who and self.offers[v.offer].shop == shop]
        return sum(v.redeemed is not None and v.redeemed.date() == self.now.date() for v in used)
