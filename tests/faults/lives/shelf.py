"""What the platform must do about points, vouchers and bills, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

MINUTE = timedelta(minutes=1)
LOOKED_AT = ("open", "asked")


class No(Exception):
    """Refused, with the code."""


@dataclass
class Offer:
    shop: int
    points: int
    stock: int
    each: int
    ends: date


@dataclass
class Voucher:
    who: int
    offer: int
    points: int
    expires: date
    out_of: list[tuple[str, int]]
    state: str = "claimed"
    until: datetime | None = None  # until when it is being shown
    redeemed: datetime | None = None
    scan: str | None = None
    undone: bool = False
    dispute: str | None = None
    disputed: datetime | None = None  # the redemption it is about
    bill: tuple[int, str] | None = None


@dataclass
class Bill:
    points: int = 0
    count: int = 0
    state: str = "draft"


def month_after(on: date, months: int) -> str:
    """A month as purses and bills name it."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return f"{year}-{month + 1:02}"


@dataclass
class Shelf:
    """Purses, offers, vouchers, bills."""

    now: datetime
    purses: dict[tuple[int, str], int] = field(default_factory=dict)
    vouchers: dict[int, Voucher] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    owed: dict[int, int] = field(default_factory=dict)
    bills: dict[tuple[int, str], Bill] = field(default_factory=dict)

    def books(self) -> dict[str, int]:
        """Where points are."""
        purses = {f"volunteer:{who}:{month}": left for (who, month), left in self.purses.items()}
        held = {f"held:{id_}": v.points for id_, v in self.vouchers.items() if v.state == "claimed"}
        owed = {f"partner:{shop}:owed": left for shop, left in self.owed.items()}
        return {where: left for where, left in (purses | held | owed).items() if left}

    def balance(self, who: int) -> int:
        return sum(
            left for (one, month), left in self.purses.items() if one == who and month >= f"{self.now:%Y-%m}"
        )

    def claim(self, who: int, offer_id: int) -> Voucher:
        offer = self.offers[offer_id]
        mine = [v for v in self.vouchers.values() if (v.who, v.offer) == (who, offer_id)]
        if sum(v.state in ("claimed", "redeemed") for v in mine) >= offer.each:
            raise No("offer.limit")
        if offer.stock < 1:
            raise No("offer.sold_out")
        if self.balance(who) < offer.points:
            raise No("ledger.insufficient")
        offer.stock, missing, out_of = offer.stock - 1, offer.points, []
        for purse in sorted(self.purses):
            if purse[0] == who and purse[1] >= f"{self.now:%Y-%m}" and missing and self.purses[purse]:
                part = min(missing, self.purses[purse])
                self.purses[purse] -= part
                missing -= part
                out_of.append((purse[1], part))
        last = min(self.now.date() + timedelta(days=90), offer.ends)
        return Voucher(who, offer_id, offer.points, last, out_of)

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
        voucher.scan = scan
        if ends_as == "refused":
            self._end(voucher, "refused")
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
        self._reopen(voucher)
        voucher.undone = True
        if voucher.dispute == "open":
            voucher.dispute = "upheld"

    def dispute(self, voucher: Voucher) -> None:
        """The holder says it was not them: nobody is paid for it until the office has looked."""
        if voucher.dispute is None or voucher.redeemed not in (None, voucher.disputed):
            if voucher.redeemed is None or self.now - voucher.redeemed > timedelta(hours=72):
                raise No("voucher.not_disputable")
            voucher.dispute, voucher.disputed = "open", voucher.redeemed
            self._take_off(voucher)

    def decide(self, voucher: Voucher, upheld: bool) -> None:
        """One of the office decides; what is paid already takes another of them, and there is none here."""
        if voucher.dispute not in LOOKED_AT:
            raise No("dispute.decided")
        self._take_off(voucher)
        paid = voucher.bill is not None
        if voucher.dispute == "asked":
            raise No("dispute.takes_another")
        if upheld and paid:
            voucher.dispute = "asked"
        elif upheld and voucher.redeemed is None:
            raise No("dispute.decided")
        else:
            voucher.dispute = "upheld" if upheld else "dismissed"
            if upheld:
                self._reopen(voucher)
                self._end(voucher, "cancelled")

    def _reopen(self, voucher: Voucher) -> None:
        self.owed[self.offers[voucher.offer].shop] -= voucher.points
        voucher.state, voucher.redeemed, voucher.until, voucher.scan = "claimed", None, None, None

    def _take_off(self, voucher: Voucher) -> None:
        if voucher.bill and self.bills[voucher.bill].state != "agreed":
            bill, voucher.bill = self.bills[voucher.bill], None
            bill.count, bill.points, bill.state = bill.count - 1, bill.points - voucher.points, "draft"

    def cancel(self, voucher: Voucher) -> None:
        if voucher.state == "claimed":
            self._end(voucher, "cancelled")
        elif voucher.state != "cancelled":
            self.over(voucher)

    def lapse(self) -> None:
        for voucher in self.vouchers.values():
            if voucher.state == "claimed" and voucher.expires < self.now.date():
                self._end(voucher, "lapsed")

    def _end(self, voucher: Voucher, state: str) -> None:
        voucher.state = state
        self.offers[voucher.offer].stock += 1
        for month, part in voucher.out_of:
            if month < f"{self.now:%Y-%m}":
                month = f"{self.now.date() + timedelta(days=30):%Y-%m}"
            self.purses[voucher.who, month] = self.purses.get((voucher.who, month), 0) + part

    def expire(self) -> None:
        for purse in self.purses:
            if purse[1] < f"{self.now:%Y-%m}":
                self.purses[purse] = 0

    # ── the month ──

    def draw(self) -> None:
        """Bills of the months that are over, each with every voucher redeemed by its end that is on none."""
        waiting = [
            v for v in self.vouchers.values() if v.redeemed and not v.bill and v.dispute not in LOOKED_AT
        ]
        month = min((f"{v.redeemed:%Y-%m}" for v in waiting if v.redeemed), default="9999-12")
        while month < f"{self.now:%Y-%m}":
            for shop in sorted({self.offers[v.offer].shop for v in waiting}):
                mine = [
                    v
                    for v in waiting
                    if not v.bill and self.offers[v.offer].shop == shop and f"{v.redeemed:%Y-%m}" <= month
                ]
                if mine and self.bills.get((shop, month), Bill()).state == "draft":
                    bill = self.bills.setdefault((shop, month), Bill())
                    bill.count += len(mine)
                    bill.points += sum(v.points for v in mine)
                    for voucher in mine:
                        voucher.bill = (shop, month)
            month = month_after(date(int(month[:4]), int(month[5:]), 1), 1)

    def confirm_bill(self, bill: Bill) -> None:
        if bill.state == "draft":
            bill.state = "confirmed"

    def agree(self, shop: int, bill: Bill) -> str:
        if bill.state == "agreed":
            return "again"
        if bill.state == "draft":
            raise No("statement.not_confirmed")
        bill.state = "agreed"
        self.owed[shop] -= bill.points
        return "ok"
