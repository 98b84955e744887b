"""A shop's month: confirmed, agreed, paid or shared out to those who help there."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.faults.lives.bills import Bill, Key
from tests.faults.lives.walk import Walk, act, some

there_are_bills = precondition(lambda self: self.ref.bills)


class Months(Walk):
    """Everything that happens to a bill."""

    @there_are_bills
    @act(which=some)
    def the_shop_confirms(self, which: int) -> None:
        key, bill = self._bill(which)
        self.ref.confirm_bill(bill)
        self._form(self._shop(bill.shop).manager, f"/statements/{self._statement(key)}/confirmation", None)

    @there_are_bills
    @act(which=some)
    def the_office_agrees(self, which: int) -> None:
        key, bill = self._bill(which)
        said = self._try(lambda: self.ref.agree(bill))
        self._form(self._shop(bill.shop).office, f"/statements/{self._statement(key)}/agreement", said)

    @there_are_bills
    @act(which=some)
    def the_office_notes_it_paid(self, which: int) -> None:
        key, bill = self._bill(which)
        said = self._try(lambda: self.ref.pay(key))
        path = f"/statements/{self._statement(key)}/payment"
        self._form(self._shop(bill.shop).deputy, path, said, reference="转账 8812")

    @there_are_bills
    @act(which=some, number=some, parts=st.lists(st.integers(1, 6), min_size=1, max_size=2))
    def the_shop_shares_it_out(self, which: int, number: int, parts: list[int]) -> None:
        key, bill = self._bill(which)
        side = self._shop(bill.shop)
        shares = {side.people[(number + nth) % 4]: part for nth, part in enumerate(parts)}
        said = self._try(lambda: self.ref.share(key, shares))
        sent = {f"number-{nth}": self.place.numbers[who] for nth, who in enumerate(shares)}
        sent |= {f"points-{nth}": str(part) for nth, part in enumerate(shares.values())}
        self._form(side.manager, f"/statements/{self._statement(key)}/circulation", said, **sent)

    @precondition(lambda self: any(bill.shares for bill in self.ref.bills.values()))
    @act(which=some)
    def somebody_says_they_help_there(self, which: int) -> None:
        waiting = [(key, who) for key, bill in sorted(self.ref.bills.items()) for who in bill.shares]
        key, who = waiting[which % len(waiting)]
        self.ref.bills[key].taken.add(who)
        share = f"SELECT id FROM circulation_share WHERE circulation_id = {self._circulation(key)}"
        id_ = self._rows(f"{share} AND volunteer_id = {who}")[0][0]
        self._form(who, f"/shares/{id_}/agreement", None)

    @precondition(lambda self: any(bill.shares for bill in self.ref.bills.values()))
    @act(which=some, agreed=st.booleans())
    def the_office_answers_the_shop(self, which: int, agreed: bool) -> None:
        shared = [key for key, bill in sorted(self.ref.bills.items()) if bill.shares]
        key = shared[which % len(shared)]
        # Asked for before it is answered: what is refused is nobody's any more.
        id_, end = self._circulation(key), "approval" if agreed else "refusal"
        said = self._try(lambda: self.ref.answer_share(key, agreed))
        self._form(self._shop(key[0]).office, f"/circulations/{id_}/{end}", said, reason="看过了")

    @there_are_bills
    @act(which=some, number=some, paid=st.booleans())
    def a_month_goes_all_the_way(self, which: int, number: int, paid: bool) -> None:
        self.the_shop_confirms(which=which)
        self.the_office_agrees(which=which)
        if paid:
            return self.the_office_notes_it_paid(which=which)
        self.the_shop_shares_it_out(which=which, number=number, parts=[2, 1])
        key, bill = self._bill(which)
        if bill.shares:
            for nth in range(len([who for one in self.ref.bills.values() for who in one.shares])):
                self.somebody_says_they_help_there(which=nth)
            shared = [one for one, other in sorted(self.ref.bills.items()) if other.shares]
            self.the_office_answers_the_shop(which=shared.index(key), agreed=True)
        return None

    def _bill(self, which: int) -> tuple[Key, Bill]:
        # The newest first: that is where things happen.
        newest = sorted(self.ref.bills.items(), key=lambda one: (one[0][1], one[0][0]), reverse=True)
        return newest[which % min(3, len(newest))]

    def _statement(self, key: Key) -> int:
        return self._rows(f"SELECT id FROM statement WHERE partner_id = {key[0]} AND month = '{key[1]}'")[0][
            0
        ]

    def _circulation(self, key: Key) -> int:
        mine = f"FROM circulation WHERE statement_id = {self._statement(key)}"
        return self._rows(f"SELECT max(id) {mine} AND state <> 'refused'")[0][0]
