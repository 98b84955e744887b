"""What is booked by the hour: times put up, booked, given up, called off, and come to."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.faults.lives.shelf import Voucher
from tests.faults.lives.shopping import Shopping
from tests.faults.lives.walk import act, some

HOUR = timedelta(hours=1)
there_are_times = precondition(lambda self: self.ref.slots)


class Bookings(Shopping):
    """Everything that happens to a time that can be booked."""

    @act(side=st.integers(0, 1), hours=st.integers(2, 30), long=st.integers(1, 2), places=st.integers(1, 3))
    def a_time_is_put_up(self, side: int, hours: int, long: int, places: int) -> None:
        there = self.place.sides[side]
        begins = self.ref.now.replace(minute=0, second=0, microsecond=0) + hours * HOUR
        ends = begins + long * HOUR
        if begins.date() != ends.date() or not self._soon(begins.date()) or self._gone(there.shop):
            return
        said = self._try(lambda: self.ref.put_up(there.court, begins, ends, places))
        sent = {"on": f"{begins:%Y-%m-%d}", "starts": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
        path = f"/office/offers/{there.court}/slots"
        self._form(there.manager, path, said, **sent, capacity=places, weeks=1)
        if said and not isinstance(said, Exception):
            self.ref.slots[self._rows("SELECT max(id) FROM offer_slot")[0][0]] = said

    @there_are_times
    @act(number=some, which=some)
    def book_a_time(self, number: int, which: int) -> None:
        id_ = self._time(which)
        offer = self.ref.slots[id_].offer
        side = self._shop(self.ref.offers[offer].shop)
        who = side.people[number % len(side.people)]
        said = self._try(lambda: self.ref.claim(who, offer, id_))
        body = {"offer_id": offer, "slot_id": id_}
        key = {"Idempotency-Key": f"tap-{self._name()}"}
        answer = self._api(who).post("/api/v1/vouchers", json=body, headers=key)
        self._agree(answer, said, 201)
        if isinstance(said, Voucher):
            self.ref.vouchers[answer.json["id"]] = said

    @there_are_times
    @act(number=some, many=st.integers(2, 4))
    def several_book_one_time(self, number: int, many: int) -> None:
        for nth in range(many):
            self.book_a_time(number=number + nth, which=0)

    @precondition(lambda self: any(one.slot for one in self.ref.vouchers.values()))
    @act(which=some)
    def give_a_time_up(self, which: int) -> None:
        id_, voucher = self._booked(which)
        said = self._try(lambda: self.ref.cancel(voucher))
        self._agree(self._api(voucher.who).post(f"/api/v1/vouchers/{id_}/cancellation"), said, 201)

    @precondition(lambda self: any(one.slot for one in self.ref.vouchers.values()))
    @act(which=some)
    def come_at_the_hour(self, which: int) -> None:
        """The time has come: it is shown, and the counter honours it."""
        id_, voucher = self._booked(which)
        begins = self.ref.slots[voucher.slot or 0].begins
        if begins > self.ref.now:
            self._move(begins)
        said = self._try(lambda: self.ref.present(voucher))
        answer = self._api(voucher.who).post(f"/api/v1/vouchers/{id_}/presentation")
        self._agree(answer, said, 201)
        if answer.status_code == 201:
            self._codes.setdefault(id_, []).append(answer.json["code"])
            self._at_counter(sorted(self._codes).index(id_), False, self._name(), "redeemed")

    @there_are_times
    @act(which=some)
    def a_time_is_called_off(self, which: int) -> None:
        id_ = self._time(which)
        shop = self.ref.offers[self.ref.slots[id_].offer].shop
        if self._gone(shop):
            return
        self.ref.call_slot_off(id_)
        path = f"/office/offer-slots/{id_}/cancellation"
        self._form(self._shop(shop).manager, path, None, reason="场地检修")

    def _time(self, which: int) -> int:
        newest = sorted(self.ref.slots, reverse=True)
        return newest[which % min(len(newest), 3)]

    def _booked(self, which: int) -> tuple[int, Voucher]:
        newest = sorted(((id_, one) for id_, one in self.ref.vouchers.items() if one.slot), reverse=True)
        return newest[which % min(len(newest), 3)]

    def _gone(self, shop: int) -> bool:
        return self.ref.away.get(shop) == "terminated"
