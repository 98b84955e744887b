"""What the platform must do about a shop's month, in plain Python: drawn, agreed, paid or shared out, taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.faults.lives.baskets import Baskets
from tests.faults.lives.purses import No, month_after
from tests.faults.lives.shelf import LOOKED_AT, Voucher

FIXED = ("agreed", "paid", "circulated")
SHARED_PERCENT = 50
Key = tuple[int, str]  # shop, month


@dataclass
class Bill:
    shop: int
    lines: int = 0  # points
    back: int = 0  # points of what was paid before and taken back
    count: int = 0
    state: str = "draft"
    carried: Key | None = None  # the one that a bill below zero was taken off
    shares: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)  # who of them has said that they work there

    @property
    def points(self) -> int:
        return self.lines - self.back


@dataclass
class Claw:
    """A voucher that was paid and taken back."""

    shop: int
    points: int
    month: str
    bill: Key | None = None


@dataclass
class Bills(Baskets):
    """Vouchers, and what becomes of those that were redeemed."""

    bills: dict[Key, Bill] = field(default_factory=dict)
    claws: list[Claw] = field(default_factory=list)

    def decide(self, voucher: Voucher, upheld: bool, by: int) -> None:
        """One of the office decides; what is paid already takes another of them."""
        if voucher.dispute not in LOOKED_AT:
            raise No("dispute.decided")
        self.take_off(voucher)
        paid = voucher.bill is not None
        if paid and upheld and voucher.dispute == "open":
            voucher.dispute, voucher.asked_by = "asked", by
            return
        if voucher.asked_by == by:
            raise No("dispute.takes_another")
        if upheld and voucher.redeemed is None:
            raise No("dispute.decided")
        voucher.dispute = "upheld" if upheld else "dismissed"
        if upheld:
            shop = self.offers[voucher.offer].shop
            if paid:
                self.claws.append(Claw(shop, voucher.points, self.month))
                self.owed[shop] += voucher.points  # what is settled comes back, and goes on
            self.reopen(voucher)
            self.end(voucher, "cancelled")

    def take_off(self, voucher: Voucher) -> None:
        """Nobody is paid for what is looked at."""
        if voucher.bill and self.bills[voucher.bill].state not in FIXED:
            bill, voucher.bill = self.bills[voucher.bill], None
            bill.count, bill.lines, bill.state = bill.count - 1, bill.lines - voucher.points, "draft"

    def draw(self) -> None:
        """Bills of the months that are over, each with all of its end or before that is on none."""
        waiting = [
            v for v in self.vouchers.values() if v.redeemed and not v.bill and v.dispute not in LOOKED_AT
        ]
        clawed = [one for one in self.claws if one.bill is None]
        firsts = [f"{v.redeemed:%Y-%m}" for v in waiting] + [one.month for one in clawed]
        month = min(firsts, default="9999-12")
        while month < self.month:
            for shop in sorted({self.offers[v.offer].shop for v in waiting} | {one.shop for one in clawed}):
                mine = [
                    v
                    for v in waiting
                    if not v.bill and self.offers[v.offer].shop == shop and f"{v.redeemed:%Y-%m}" <= month
                ]
                back = [c for c in clawed if not c.bill and c.shop == shop and c.month <= month]
                key = (shop, month)
                if (mine or back) and (key not in self.bills or self.bills[key].state == "draft"):
                    bill = self.bills.setdefault(key, Bill(shop))
                    bill.count += len(mine)
                    bill.lines += sum(v.points for v in mine)
                    bill.back += sum(c.points for c in back)
                    for one in (*mine, *back):
                        one.bill = key
            month = month_after(date(int(month[:4]), int(month[5:]), 1), 1)

    def confirm_bill(self, bill: Bill) -> None:
        if bill.state == "draft":
            bill.state = "confirmed"

    def agree(self, bill: Bill) -> str:
        if bill.state in FIXED:
            return "again"
        if bill.state == "draft":
            raise No("statement.not_confirmed")
        bill.state = "agreed"
        self.owed[bill.shop] = self.owed.get(bill.shop, 0) - bill.lines
        return "ok"

    def pay(self, key: Key) -> str:
        bill = self.bills[key]
        if bill.state == "paid":
            return "again"
        self._not_ended(bill)
        if bill.shares:
            raise No("statement.circulation_waits")
        self._end_bill(key, "paid")
        return "ok"

    def share(self, key: Key, shares: dict[int, int]) -> str:
        """The manager proposes who of those who help there gets how much."""
        bill = self.bills[key]
        self._not_ended(bill)
        if bill.shares:
            raise No("circulation.proposed")
        if sum(shares.values()) > max(0, self._due(bill)) * SHARED_PERCENT // 100:
            raise No("circulation.too_much")
        bill.shares, bill.taken = shares, set()
        return "ok"

    def answer_share(self, key: Key, agreed: bool) -> str:
        bill = self.bills[key]
        if not bill.shares or bill.state in ("paid", "circulated"):
            raise No("decided")
        if not agreed:
            bill.shares = {}
            return "refused"
        if set(bill.shares) != bill.taken:
            raise No("circulation.not_all_agreed")
        if self._due(bill) <= 0:
            raise No("statement.nothing_due")
        rules = self.ruled(self.now.date())
        if any(self.balance(who) + points > rules.balance for who, points in bill.shares.items()):
            raise No("circulation.over_cap")
        self._end_bill(key, "circulated")
        for who, points in bill.shares.items():
            self.put(self.purses, (who, month_after(self.now.date(), rules.life)), points)
        return "ok"

    def _due(self, bill: Bill) -> int:
        """What it comes to, less those below zero that nothing was taken off for."""
        if bill.points <= 0:
            return bill.points
        return bill.points + sum(one.points for one in self._carried(bill.shop))

    def _carried(self, shop: int) -> list[Bill]:
        every = self.bills.values()
        return [b for b in every if (b.shop, b.state, b.carried) == (shop, "agreed", None) and b.points < 0]

    def _not_ended(self, bill: Bill) -> None:
        if bill.state in ("paid", "circulated"):
            raise No("statement.ended")
        if bill.state != "agreed":
            raise No("statement.not_agreed")

    def _end_bill(self, key: Key, state: str) -> None:
        bill = self.bills[key]
        if self._due(bill) <= 0:
            raise No("statement.nothing_due")
        for one in self._carried(bill.shop):
            one.carried = key
        bill.state = state
