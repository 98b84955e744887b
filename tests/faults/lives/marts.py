"""The mart's baskets: filled, shown, fetched with one press, given up."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from rewards.mart import baskets as platform
from rewards.mart.models import Basket as Row
from tests.faults.lives.baskets import Basket
from tests.faults.lives.walk import Walk, act, some
from volunteer.db import db

there_are_baskets = precondition(lambda self: self.ref.baskets)


class Marts(Walk):
    """Everything that happens to a basket; only the second side has a mart."""

    @act(number=some, counts=st.lists(st.integers(0, 2), min_size=3, max_size=3))
    def fill_a_basket(self, number: int, counts: list[int]) -> None:
        side = self.place.sides[1]
        if self.ref.away.get(side.shop) == "terminated":
            return
        who = side.people[number % len(side.people)]
        wanted = {offer: n for (offer, *_terms), n in zip(side.offers, counts, strict=True)}
        said = self._try(lambda: self.ref.fill(who, side.shop, wanted))
        sent = {f"n-{offer}": str(n) for offer, n in wanted.items()}
        self._form(who, f"/marts/{side.shop}/baskets", said, **sent, once=f"tap-{self._name()}")
        if isinstance(said, list):
            id_ = self._rows("SELECT max(id) FROM basket")[0][0]
            rows = self._rows(
                f"SELECT voucher_id FROM basket_voucher WHERE basket_id = {id_} ORDER BY voucher_id"
            )
            held = [voucher for (voucher,) in rows]
            self.ref.vouchers |= dict(zip(held, said, strict=True))
            self.ref.baskets[id_] = Basket(who, side.shop, held)

    @there_are_baskets
    @act(which=some)
    def show_a_basket(self, which: int) -> None:
        id_, basket = self._basket(which)
        said = self._try(lambda: self.ref.show_basket(basket))
        self._form(basket.who, f"/baskets/{id_}/presentation", said)
        if isinstance(said, list):
            for voucher in said:  # codes of its vouchers that were shown before are old now
                self._codes.pop(voucher, None)
            with self.place.app.app_context():
                shown = platform.shown_now(db.session.get_one(Row, id_))
                assert shown is not None
                self._basket_codes[id_] = shown.code
                db.session.remove()

    @precondition(lambda self: self._basket_codes)
    @act(which=some, again=st.booleans())
    def fetch_a_basket(self, which: int, again: bool) -> None:
        """One press at the counter; the same scan again is the same answer."""
        id_ = sorted(self._basket_codes, reverse=True)[which % len(self._basket_codes)]
        basket, scan = self.ref.baskets[id_], self._name()
        counter = self._shop(basket.shop).counter
        for _nth in range(1 + again):
            said = self._try(lambda: self.ref.fetch(basket, scan))
            sent = {"code": self._basket_codes[id_], "scan": scan}
            self._form(counter, "/baskets/redemptions", said, **sent)

    @act(number=some, counts=st.lists(st.integers(0, 1), min_size=3, max_size=3))
    def fill_show_and_fetch_a_basket(self, number: int, counts: list[int]) -> None:
        before = set(self.ref.baskets)
        self.fill_a_basket(number=number, counts=counts)
        if set(self.ref.baskets) - before:
            self.show_a_basket(which=0)
            self.fetch_a_basket(which=0, again=True)

    @there_are_baskets
    @act(which=some)
    def give_a_basket_up(self, which: int) -> None:
        id_, basket = self._basket(which)
        self.ref.give_up(basket)
        self._form(basket.who, f"/baskets/{id_}/cancellation", None)

    def _basket(self, which: int) -> tuple[int, Basket]:
        newest = sorted(self.ref.baskets.items(), reverse=True)
        return newest[which % min(len(newest), 3)]
