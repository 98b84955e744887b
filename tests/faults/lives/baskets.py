"""What the platform must do about baskets, in plain Python: several things claimed, shown and fetched as one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from tests.faults.lives.purses import No
from tests.faults.lives.shelf import MINUTE, Shelf, Voucher


@dataclass
class Basket:
    """Several vouchers with one code."""

    who: int
    shop: int
    held: list[int]
    until: datetime | None = None  # until when it is being shown
    scan: str | None = None


@dataclass
class Baskets(Shelf):
    """A mart's baskets: all of it or nothing, each time."""

    baskets: dict[int, Basket] = field(default_factory=dict)

    def fill(self, who: int, shop: int, wanted: dict[int, int]) -> list[Voucher]:
        """Claim so many of each; the vouchers in the order of their numbers."""
        wanted = {offer: n for offer, n in sorted(wanted.items()) if n}
        if not wanted:
            raise No("basket.empty")
        most = self.ruled(self.now.date()).a_day
        if most and sum(wanted.values()) > most:
            raise No("basket.partner_day")
        if self.balance(who) < sum(self.offers[offer].points * n for offer, n in wanted.items()):
            raise No("ledger.insufficient")
        for offer, n in wanted.items():
            self._fits_in(who, offer, n)
        return [self.claim(who, offer) for offer, n in wanted.items() for _nth in range(n)]

    def _fits_in(self, who: int, offer_id: int, n: int) -> None:
        offer = self.offers[offer_id]
        counted = [
            v for v in self.vouchers.values() if v.offer == offer_id and v.state in ("claimed", "redeemed")
        ]
        today = sum(v.claimed == self.now.date() for v in counted)
        if (
            offer.shop in self.away
            or sum(v.who == who for v in counted) + n > offer.each
            or (offer.a_day and today + n > offer.a_day)
            or offer.stock < n
        ):
            raise No("basket.item")

    def show_basket(self, basket: Basket) -> list[int]:
        """Show what is still open in it; returns those vouchers."""
        if basket.scan:
            raise No("voucher.already_redeemed")
        held = self._open(basket)
        if not held:
            raise No("basket.over")
        for id_ in held:
            self.over(self.vouchers[id_])
        for id_ in held:
            self.present(self.vouchers[id_])
        basket.until = self.now + 5 * MINUTE
        return held

    def fetch(self, basket: Basket, scan: str) -> str:
        if basket.scan == scan:
            return "again"
        if basket.scan or basket.until is None or basket.until <= self.now:
            raise No("voucher.not_presented")
        held = self._open(basket)
        if not held:
            raise No("basket.over")
        most = self.ruled(self.now.date()).a_day
        for id_ in held:
            voucher = self.vouchers[id_]
            self.over(voucher)
            if voucher.until is None or voucher.until <= self.now:
                raise No("voucher.not_presented")
        if basket.shop in self.away:
            raise No("voucher.partner")
        if most and self._used_today(basket.who, basket.shop) + len(held) > most:
            raise No("voucher.partner_day")
        for id_ in held:
            # Each keeps the name of its part of the scan.
            part = f"{hashlib.sha256(scan.encode()).hexdigest()[:40]}.{id_}"
            self.at_counter(self.vouchers[id_], basket.shop, part, "redeemed")
        basket.scan = scan
        return "ok"

    def give_up(self, basket: Basket) -> None:
        for id_ in self._open(basket):
            self.cancel(self.vouchers[id_])

    def _open(self, basket: Basket) -> list[int]:
        return [id_ for id_ in basket.held if self.vouchers[id_].state == "claimed"]
