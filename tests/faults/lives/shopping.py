"""What people do about vouchers: claiming, showing, redeeming, taking back, disputing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.faults.lives.shelf import Voucher
from tests.faults.lives.walk import Walk, act, some


class Shopping(Walk):
    """Everything that happens at a shop."""

    @act(number=some, which=some)
    def claim(self, number: int, which: int) -> None:
        offer = sorted(self.ref.offers)[which % len(self.ref.offers)]
        side = self._shop(self.ref.offers[offer].shop)
        self._claim(side.people[number % len(side.people)], offer, f"tap-{self._name()}")

    @precondition(lambda self: self._asked)
    @act(which=some, other=st.booleans())
    def claim_again_under_the_same_key(self, which: int, other: bool) -> None:
        who, offer, key, status, told = self._asked[which % len(self._asked)]
        answer = self._tap(who, offer + other, key)
        if other:
            assert (answer.status_code, answer.json["code"]) == (422, "idempotency.mismatch")
        else:
            assert (answer.status_code, answer.json) == (status, told)

    @precondition(lambda self: self.ref.vouchers)
    @act(which=some)
    def show(self, which: int) -> None:
        id_, voucher = self._voucher(which)
        said = self._try(lambda: self.ref.present(voucher))
        answer = self._api(voucher.who).post(f"/api/v1/vouchers/{id_}/presentation")
        self._agree(answer, said, 201)
        if answer.status_code == 201:
            self._codes.setdefault(id_, []).append(answer.json["code"])

    @precondition(lambda self: self._codes)
    @act(which=some, old=st.booleans())
    def redeem(self, which: int, old: bool) -> None:
        self._at_counter(which, old and which % 3 == 0, self._name(), "redeemed")

    @act(number=some, which=some)
    def claim_and_use(self, number: int, which: int) -> None:
        self.claim(number=number, which=which)
        if self.ref.vouchers:
            self.show_and_redeem(which=0)

    @act(number=st.integers(0, 2), which=some, confirmed=st.booleans())
    def a_month_with_a_sale_ends(self, number: int, which: int, confirmed: bool) -> None:
        self.claim_and_use(number=number, which=which)
        self.the_month_is_drawn_up(over=True)
        if confirmed and self.ref.bills:
            self.the_shop_confirms(which=len(self.ref.bills) - 1)

    @precondition(lambda self: self.ref.vouchers)
    @act(which=some)
    def show_and_redeem(self, which: int) -> None:
        self.show(which=which)
        id_, _voucher = self._voucher(which)
        if id_ in self._codes:
            self._at_counter(sorted(self._codes).index(id_), False, self._name(), "redeemed")

    @precondition(lambda self: self._codes)
    @act(which=some, whose=some)
    def redeem_under_a_name_used_before(self, which: int, whose: int) -> None:
        used = [one.scan for one in self.ref.vouchers.values() if one.scan]
        if used:
            self._at_counter(which, False, used[whose % len(used)], "redeemed")

    @precondition(lambda self: self._codes)
    @act(which=some)
    def refuse(self, which: int) -> None:
        self._at_counter(which, False, self._name(), "refused")

    @precondition(lambda self: self._codes)
    @act(which=some)
    def the_neighbours_counter_redeems(self, which: int) -> None:
        id_ = sorted(self._codes)[which % len(self._codes)]
        mine = self.ref.offers[self.ref.vouchers[id_].offer].shop
        other = next(side for side in self.place.sides if side.shop != mine)
        body = {"code": self._codes[id_][-1], "scan": self._name()}
        answer = self._api(other.counter).post("/api/v1/redemptions", json=body)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")

    @precondition(lambda self: self.ref.vouchers)
    @act(which=some, just_now=st.booleans())
    def take_a_redemption_back(self, which: int, just_now: bool) -> None:
        if just_now:
            self.show_and_redeem(which=which)
        id_, voucher = self._voucher(which)
        said = self._try(lambda: self.ref.undo(voucher))
        counter = self._shop(self.ref.offers[voucher.offer].shop).counter
        self._form(counter, f"/counter/vouchers/{id_}/undo", said, reason="按错了")

    @precondition(lambda self: self.ref.vouchers)
    @act(which=some, just_now=st.booleans())
    def say_it_was_not_me(self, which: int, just_now: bool) -> None:
        if just_now:
            self.show_and_redeem(which=which)
        id_, voucher = self._voucher(which)
        said = self._try(lambda: self.ref.dispute(voucher))
        self._form(voucher.who, f"/vouchers/{id_}/dispute", said, said="手机不在身边")

    @precondition(lambda self: any(one.dispute for one in self.ref.vouchers.values()))
    @act(which=some, upheld=st.booleans(), other=st.booleans())
    def the_office_decides_who_it_was(self, which: int, upheld: bool, other: bool) -> None:
        asked = sorted((id_, one) for id_, one in self.ref.vouchers.items() if one.dispute)
        id_, voucher = asked[which % len(asked)]
        side = self._shop(self.ref.offers[voucher.offer].shop)
        office = side.deputy if other else side.office
        said = self._try(lambda: self.ref.decide(voucher, upheld, office))
        number = self._rows(f"SELECT id FROM voucher_dispute WHERE voucher_id = {id_}")[0][0]
        end = "upheld" if upheld else "dismissed"
        self._form(office, f"/disputes/{number}/{end}", said, reason="看了柜台的记录")

    @act(number=st.integers(0, 2), which=some)
    def paid_and_taken_back_after_all(self, number: int, which: int) -> None:
        """Agreed on the first of the month, disputed the same night: two people give it back, and the next bill says so."""
        first = (self.ref.now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
        if not self._soon(first.date()):
            return
        self._move(max(self.ref.now, first - timedelta(hours=1)))
        self.claim_and_use(number=number, which=which)
        self.the_month_is_drawn_up(over=True)
        if self.ref.vouchers and (newest := self._voucher(0)[1]).bill and newest.redeemed:
            for nth in range(min(3, len(self.ref.bills))):
                self.the_shop_confirms(which=nth)
                self.the_office_agrees(which=nth)
            self.say_it_was_not_me(which=0, just_now=False)
            if newest.dispute == "open":
                asked = [id_ for id_, one in sorted(self.ref.vouchers.items()) if one.dispute]
                for other in (False, True):
                    which = asked.index(self._voucher(0)[0])
                    self.the_office_decides_who_it_was(which=which, upheld=True, other=other)

    @precondition(lambda self: self.ref.vouchers)
    @act(which=some)
    def cancel(self, which: int) -> None:
        id_, voucher = self._voucher(which)
        said = self._try(lambda: self.ref.cancel(voucher))
        self._agree(self._api(voucher.who).post(f"/api/v1/vouchers/{id_}/cancellation"), said, 201)

    @act(which=some, many=st.integers(1, 3))
    def restock(self, which: int, many: int) -> None:
        id_ = sorted(self.ref.offers)[which % len(self.ref.offers)]
        if self.ref.away.get(self.ref.offers[id_].shop) == "terminated":
            return
        self.ref.offers[id_].stock += many
        self._form(self._shop(self.ref.offers[id_].shop).manager, f"/office/offers/{id_}/stock", None, n=many)

    def _claim(self, who: int, offer: int, key: str) -> None:
        said = self._try(lambda: self.ref.claim(who, offer))
        answer = self._tap(who, offer, key)
        self._agree(answer, said, 201)
        if answer.status_code in (201, 409, 410):  # an answer about the matter itself, remembered
            self._asked.append((who, offer, key, answer.status_code, answer.json))
        if isinstance(said, Voucher):
            self.ref.vouchers[answer.json["id"]] = said

    def _tap(self, who: int, offer: int, key: str) -> Any:
        body = {"offer_id": offer}
        return self._api(who).post("/api/v1/vouchers", json=body, headers={"Idempotency-Key": key})

    def _at_counter(self, which: int, old: bool, scan: str, ends_as: str) -> None:
        id_ = sorted(self._codes)[which % len(self._codes)]
        voucher, shown = self.ref.vouchers[id_], self._codes[id_]
        code, newest = (shown[0], len(shown) == 1) if old else (shown[-1], True)
        shop = self.ref.offers[voucher.offer].shop
        said = self._try(lambda: self.ref.at_counter(voucher, shop, scan, ends_as, newest))
        path = "/api/v1/redemptions" + ("/refusals" if ends_as == "refused" else "")
        body = {"code": code, "scan": scan} | ({"reason": "今天卖完了"} if ends_as == "refused" else {})
        answer = self._api(self._shop(shop).counter).post(path, json=body)
        self._agree(answer, said, 200 if said == "again" else 201)

    def _voucher(self, which: int) -> tuple[int, Voucher]:
        # The newest first: that is where things happen.
        newest = sorted(self.ref.vouchers.items(), reverse=True)
        return newest[which % min(len(newest), 4)]
