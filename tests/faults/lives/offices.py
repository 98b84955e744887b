"""What the offices decide: shops that pause, come back or are ended, and other rules from a day on."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from tests.faults.lives import town
from tests.faults.lives.walk import Walk, act, some


class Offices(Walk):
    """Everything that is decided about shops and rules."""

    @act(which=some)
    def a_shop_is_paused(self, which: int) -> None:
        side = self.place.sides[which % 2]
        said = self._try(lambda: self.ref.send_away(side.shop, "paused"))
        self._form(side.office, f"/partners/{side.shop}/pause", said, reason="装修")

    @act(which=some)
    def a_shop_comes_back(self, which: int) -> None:
        side = self.place.sides[which % 2]
        said = self._try(lambda: self.ref.come_back(side.shop))
        self._form(side.office, f"/partners/{side.shop}/resumption", said)

    @act(which=some)
    def shops_come_back(self, which: int) -> None:
        """Twice as likely as leaving, or nothing is sold for most of a life."""
        for nth in (0, 1):
            if self.ref.away.get(self.place.sides[nth].shop) == "paused":
                self.a_shop_comes_back(which=nth)

    @act(which=some)
    def a_shop_is_ended(self, which: int) -> None:
        if which == 7:
            side = self.place.sides[1]
            said = self._try(lambda: self.ref.send_away(side.shop, "terminated"))
            self._form(side.office, f"/partners/{side.shop}/termination", said, reason="三次投诉成立")

    @act()
    def what_is_left_at_shops_that_are_away(self) -> None:
        self._night("vouchers.partner_away")
        self.ref.refund()

    @act(
        days=st.sampled_from([1, 1, 20]),
        per_hour=st.sampled_from([10, 20]),
        life=st.sampled_from([1, 3, 24]),
        annual=st.sampled_from([0, 30, 60]),
        balance=st.sampled_from([60, 245, 15_000]),
        a_day=st.sampled_from([0, 0, 1]),
    )
    def other_rules_from_a_day_on(
        self, days: int, per_hour: int, life: int, annual: int, balance: int, a_day: int
    ) -> None:
        latest, now = max(one.since for one in self.ref.rules), self.ref.now
        if now.hour < 23:  # a day of tomorrow whose doors are open already keeps the rules it opened with
            since = max(now.date(), latest) + timedelta(days=days)
            rules = town.Rules(since, per_hour, life, annual, balance, a_day)
            self.ref.rules.append(rules)
            with self.place.app.app_context():
                town.rule(rules)
            self.went += 1
