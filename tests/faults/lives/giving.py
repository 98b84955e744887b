"""What people do with points they give: to projects, to their family, on a month's last evening."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.faults.lives.kindness import Gift, Handed
from tests.faults.lives.walk import Walk, act, some

few = st.sampled_from([5, 10, 25, 60])


class Giving(Walk):
    """Everything that happens where points are given."""

    @act(number=some, which=some, points=few)
    def give_to_a_project(self, number: int, which: int, points: int) -> None:
        who, to = self._anybody(number), self._project(which)
        said = self._try(lambda: self.ref.give(who, to, points))
        key = {"Idempotency-Key": f"gift-{self._name()}"}
        path = f"/api/v1/giving/projects/{to}/gifts"
        answer = self._api(who).post(path, json={"points": points}, headers=key)
        self._agree(answer, said, 201)
        if isinstance(said, Gift):
            beyond = sum(part for _month, part in said.beyond)
            told = answer.json
            assert (told["from_surplus"], told["balance"]) == (beyond, self.ref.balance(who)), told
            self.ref.gifts[told["id"]] = said
            again = self._api(who).post(path, json={"points": points}, headers=key)
            assert (again.status_code, again.json) == (201, told)

    @precondition(lambda self: self.ref.gifts)
    @act(which=some)
    def take_a_gift_back(self, which: int) -> None:
        id_, gift = sorted(self.ref.gifts.items(), reverse=True)[which % min(3, len(self.ref.gifts))]
        said = self._try(lambda: self.ref.undo_gift(gift))
        self._form(gift.who, f"/me/giving/{id_}/undo", said)

    @act(number=some, which=some, points=few)
    def give_and_take_back(self, number: int, which: int, points: int) -> None:
        self.give_to_a_project(number=number, which=which, points=points)
        if self.ref.gifts:
            self.take_a_gift_back(which=0)

    @act(number=some, which=some, points=few)
    def give_all_above_the_limits(self, number: int, which: int, points: int) -> None:
        """Whoever has some gives more than it: the rest comes out of what can be spent."""
        rich = sorted({who for (who, month), left in self.ref.surplus.items() if left})
        if rich:
            people = self._everybody_at_all()
            who = people.index(rich[number % len(rich)])
            self.give_to_a_project(number=who, which=which, points=points)

    @act(which=some)
    def the_office_closes_a_project(self, which: int) -> None:
        if which % 4 == 0:
            id_ = self._project(which // 4)
            said = self._try(lambda: self.ref.close_project(self.ref.projects[id_]))
            side = self.place.sides[sorted(self.ref.projects).index(id_)]
            self._form(side.office, f"/office/giving/{id_}/closing", said)

    # ── family ──

    @act(number=some, other=some, points=st.sampled_from([5, 10, 30, 90, 150]))
    def hand_to_family(self, number: int, other: int, points: int) -> None:
        side = self.place.sides[number % 2]
        who, to = side.people[number // 2 % 4], side.people[other % 4]
        if who == to:
            return
        said = self._try(lambda: self.ref.hand(who, to, points))
        self._form(who, "/me/giving/family", said, receiver_id=to, points=points, once=f"hand-{self._name()}")
        if isinstance(said, Handed):
            self.ref.handed[self._rows("SELECT max(id) FROM family_gift")[0][0]] = said

    @precondition(lambda self: self.ref.handed)
    @act(which=some)
    def take_it_back_from_family(self, which: int) -> None:
        id_, gift = sorted(self.ref.handed.items(), reverse=True)[which % min(2, len(self.ref.handed))]
        said = self._try(lambda: self.ref.undo_handed(gift))
        self._form(gift.who, f"/me/giving/family/{id_}/undo", said)

    @act(other=some, points=st.sampled_from([30, 90]))
    def hand_and_take_back(self, other: int, points: int) -> None:
        self.hand_to_family(number=other % 2, other=1, points=points)
        if self.ref.handed:
            self.take_it_back_from_family(which=0)

    # ── the last evening ──

    @act(
        number=some,
        way=st.sampled_from(["spend", "project", "pool"]),
        nearest=st.booleans(),
        which=some,
    )
    def choose_for_the_last_evening(self, number: int, way: str, nearest: bool, which: int) -> None:
        who, to = self._anybody(number), self._project(which) if way == "project" else 0
        month = self.ref.month if nearest else ""
        said = self._try(lambda: self.ref.choose(who, way, month, to))
        self._form(who, "/me/points/ending", said, month=month, way=way, project_id=to)

    @act(midnight=st.booleans())
    def the_last_evening_of_the_month(self, midnight: bool) -> None:
        now = self.ref.now
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        evening = (first - timedelta(days=1)).replace(hour=23, minute=31, second=0, microsecond=0)
        if not self._soon(first.date()):
            return
        self._move(max(now, evening))
        self._evening()
        if midnight:
            self._move(first.replace(hour=0, minute=20, second=0, microsecond=0))
            self._night("ledger.expire")
            self.ref.expire()

    @act(number=some, way=st.sampled_from(["project", "pool"]), which=some)
    def choose_and_come_to_the_last_evening(self, number: int, way: str, which: int) -> None:
        self.choose_for_the_last_evening(number=number, way=way, nearest=False, which=which)
        self.the_last_evening_of_the_month(midnight=True)

    def _evening(self) -> None:
        before = self._rows("SELECT coalesce(max(id), 0) FROM gift")[0][0]
        self._night("giving.endings")
        pools = {who: f"pool {n}" for n, side in enumerate(self.place.sides) for who in side.people}
        mine = self.ref.give_what_ends(pools)
        made = self._rows(
            f"SELECT id, volunteer_id, points, from_surplus FROM gift WHERE id > {before} ORDER BY id"
        )
        due = [(one.who, one.points, sum(part for _m, part in one.beyond)) for one in mine]
        assert [tuple(row[1:]) for row in made] == due, (made, due)
        self.ref.gifts.update(zip((row[0] for row in made), mine, strict=True))

    def _given(self) -> dict[Any, int]:
        """What the platform's books say each project and pool was given."""
        paths = {side.path: f"pool {n}" for n, side in enumerate(self.place.sides)}
        pools = {
            id_: paths[path]
            for id_, path in self._rows("SELECT id, area_path FROM giving_project WHERE pool")
        }
        sums: dict[Any, int] = {}
        moves = self._rows(
            "SELECT source, target, amount FROM ledger_posting WHERE move IN "
            "('give', 'ungive', 'give_surplus', 'ungive_surplus')"
        )
        for source, target, amount in moves:
            inward = target.startswith("programme:given:")
            id_ = int((target if inward else source).rpartition(":")[2])
            to = pools.get(id_, id_)
            sums[to] = sums.get(to, 0) + (amount if inward else -amount)
        return {to: points for to, points in sums.items() if points}

    def _project(self, which: int) -> int:
        return sorted(self.ref.projects)[which % len(self.ref.projects)]
