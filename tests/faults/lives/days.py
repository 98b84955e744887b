"""What people do about a service day: places, the gate, the roll, the office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from tests.faults import street
from tests.faults.lives import town
from tests.faults.lives.places import Day, Kept, Stay
from tests.faults.lives.purses import No
from tests.faults.lives.walk import Walk, act, some
from volunteer import codes
from volunteer.checkin import passes

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

ways = st.sampled_from(["wall", "pass", "card", "number"])


class Days(Walk):
    """Everything that happens at a place."""

    @initialize()
    def a_day_each_to_begin_with(self) -> None:
        for number in (0, 1):
            self._add_day(number, bool(number), 40 * MINUTE, 2 * HOUR, 2)

    # ── days and places ──

    @act(
        number=some,
        flat=st.booleans(),
        soon=st.sampled_from([40, 180, 26 * 60]),
        long=st.sampled_from([60, 150, 240]),
        places=st.integers(1, 3),
    )
    def open_day(self, number: int, flat: bool, soon: int, long: int, places: int) -> None:
        self._add_day(number, flat, soon * MINUTE, long * MINUTE, places)

    @act(number=some, many=some)
    def sign_up(self, number: int, many: int) -> None:
        if day := self._day(many, open_only=True):
            self._sign_up(self._person(day.town, number), day)

    @act(many=some)
    def everybody_signs_up(self, many: int) -> None:
        if day := self._day(many, open_only=True):
            for number in range(4):
                self._sign_up(self._person(day.town, number), day)

    @act(number=some, many=some, reason=st.booleans())
    def leave(self, number: int, many: int, reason: bool) -> None:
        if day := self._day(many, open_only=True):
            who = self._person(day.town, number)
            said = self._try(lambda: self.ref.leave(who, day, reason))
            path, body = (
                f"/api/v1/service-days/{day.id}/signups/me",
                {"reason": "家里有事" if reason else None},
            )
            answer = self._api(who).delete(path, json=body)
            self._agree(answer, said, 200)

    @act(many=some, places=st.integers(1, 4))
    def resize(self, many: int, places: int) -> None:
        if day := self._day(many):
            said = self._try(lambda: self.ref.resize(day, places))
            self._form(self._side(day).leader, f"/service-days/{day.id}/capacity", said, capacity=places)

    @act(many=some)
    def call_off(self, many: int) -> None:
        if many % 4 == 0 and (day := self._day(many // 4)):
            said = self._try(lambda: self.ref.call_off(day))
            self._form(self._side(day).leader, f"/service-days/{day.id}/cancellation", said, reason="下雨了")

    # ── the gate ──

    @act(number=some, many=some)
    def scan_the_wall(self, number: int, many: int) -> None:
        if day := self._day(many):
            self._scan_wall(self._person(day.town, number), day, self._name())

    @act(many=some)
    def everybody_scans_the_wall(self, many: int) -> None:
        if day := self._day(many):
            for number in range(4):
                self._scan_wall(self._person(day.town, number), day, self._name())

    @act(many=some, how=ways)
    def everybody_comes(self, many: int, how: str) -> None:
        day = self._day(many, open_only=True)
        if day and self.ref.now < day.starts and day.state == "open":
            self.everybody_signs_up(many=many)
            self._move(day.starts - 5 * MINUTE)
            self._everybody(day, how)

    @act(many=some, how=ways)
    def everybody_goes(self, many: int, how: str) -> None:
        day = self._day(many, open_only=True)
        if day and self.ref.now < day.ends and day.state == "open":
            self.everybody_comes(many=many, how=how)
            self._move(max(self.ref.now, day.ends - 5 * MINUTE))
            self._everybody(day, how)

    @act(number=some, many=some, which=some)
    def scan_under_a_name_used_before(self, number: int, many: int, which: int) -> None:
        # What is done by hand gets a name that nobody learns.
        names = sorted(one for one in self.ref.scans if not one.startswith("hand"))
        if (day := self._day(many)) and names:
            self._scan_wall(self._person(day.town, number), day, names[which % len(names)])

    @act(number=some, many=some)
    def hold_up_an_old_wall(self, number: int, many: int) -> None:
        if day := self._day(many):
            who, at = self._person(day.town, number), self.ref.now - 2 * MINUTE
            body = {"code": passes.wall_code(street.KEYRING, self._public(day), at), "scan": self._name()}
            assert self._api(who).post("/api/v1/checkins", json=body).json["code"] == "checkin.stale_code"

    @act(number=some, many=some)
    def scan_a_pass(self, number: int, many: int) -> None:
        if day := self._day(many):
            who = self._person(day.town, number)
            self._scan_at_gate(day, who, "pass", self._pass(who))

    @act(number=some, many=some)
    def scan_a_card(self, number: int, many: int) -> None:
        if day := self._day(many):
            who = self._person(day.town, number)
            self._scan_at_gate(day, who, "card", self._card(who))

    @act(number=some, many=some)
    def type_a_number(self, number: int, many: int) -> None:
        if day := self._day(many):
            who = self._person(day.town, number)
            self._scan_at_gate(day, who, "number", self.place.numbers[who])

    @act(number=some, many=some)
    def the_neighbours_leader_scans(self, number: int, many: int) -> None:
        if day := self._day(many):
            who, other = self._person(day.town, number), self.place.sides[1 - day.town].leader
            sent = {"code": self._pass(who), "scan": self._name()}
            assert self._page(other).post(f"/service-days/{day.id}/checkins", sent).status_code == 404

    @act(number=some, many=some, way=st.sampled_from([None, "in", "out"]))
    def sign_by_hand(self, number: int, many: int, way: str | None) -> None:
        if day := self._day(many):
            who = self._person(day.town, number)
            at = min(max(self.ref.now, day.starts - HOUR), day.ends + HOUR)
            said = self._try(lambda: self.ref.scan(who, day, "manual", f"hand-{self._name()}", at, way))
            sent = {"number": self.place.numbers[who], "direction": way or "", "reason": "手机没电了"}
            self._form(self._side(day).leader, f"/service-days/{day.id}/roll/manual", said, **sent)
            self._number(said)

    @act(
        many=some,
        scans=st.lists(
            st.tuples(some, st.sampled_from([0, 2, 10, 45, 200]), st.sampled_from([None, "in", "out"])),
            min_size=1,
            max_size=4,
        ),
    )
    def send_kept_scans(self, many: int, scans: list[tuple[int, int, str | None]]) -> None:
        if day := self._day(many):
            batch = {}
            for nth, (number, ago, way) in enumerate(scans):
                seen = self.ref.now - ago * MINUTE - timedelta(seconds=nth)
                batch[self._name()] = Kept(self._person(day.town, number), day.id, seen, way)
            self._send(day, batch)

    @act(many=some)
    def send_kept_scans_again(self, many: int) -> None:
        if (day := self._day(many)) and (
            known := {n: k for n, k in self.ref.kept.items() if k.day == day.id}
        ):
            self._send(day, dict(list(known.items())[-3:]))

    # ── the roll and the office ──

    @act(many=some)
    def confirm_the_roll(self, many: int) -> None:
        if day := self._day(many):
            people = self.place.sides[day.town].people
            said = self._try(lambda: self.ref.confirm(day, people))
            path = f"/api/v1/service-days/{day.id}/roll/confirmation"
            answer = self._api(self._side(day).leader).post(path, json={"user_ids": people})
            self._agree(answer, said, 201)
            if not isinstance(said, No):
                assert answer.json["confirmed"] == said

    @act(many=some)
    def clear_a_day(self, many: int) -> None:
        held = [day for day in self.ref.days.values() if day.review == "held"]
        if held:
            day = held[many % len(held)]
            said = self._try(lambda: self.ref.clear(day))
            self._form(self._side(day).office, f"/service-days/{day.id}/clearance", said)

    @precondition(lambda self: self.ref.stays)
    @act(which=some)
    def reverse_a_stay(self, which: int) -> None:
        stay = list(self.ref.stays.values())[which % len(self.ref.stays)]
        said = self._try(lambda: self.ref.reverse(stay))
        leader = self._side(self.ref.days[stay.day]).leader
        answer = self._api(leader).post(f"/api/v1/checkins/{stay.id}/reversal", json={"reason": "扫错了人"})
        self._agree(answer, said, 200 if said == "again" else 201)

    # ── how it is done ──

    def _sign_up(self, who: int, day: Day) -> None:
        self._move(
            self.ref.now + timedelta(seconds=1)
        )  # two of one instant are one after the other to nobody
        said = self._try(lambda: self.ref.sign_up(who, day))
        answer = self._api(who).post(f"/api/v1/service-days/{day.id}/signups", json={})
        self._agree(answer, said, 201)
        if not isinstance(said, No):
            assert answer.json["state"] == said or answer.json["state"] == "attended"

    def _add_day(self, number: int, flat: bool, soon: timedelta, long: timedelta, places: int) -> None:
        side = self.place.sides[number % 2]
        starts = self.ref.now + soon
        body = {
            "activity_id": side.flat if flat else side.timed,
            "starts_at": starts.isoformat(),
            "ends_at": (starts + long).isoformat(),
            "capacity": places,
        }
        answer = self._api(side.leader).post("/api/v1/service-days", json=body)
        if answer.status_code == 201:
            if answer.json["id"] not in self.ref.days:
                pays = town.FLAT if flat else 0
                self.ref.days[answer.json["id"]] = Day(
                    answer.json["id"], number % 2, pays, starts, starts + long, places
                )
                self.went += 1
        else:
            assert answer.status_code < 500, answer.text

    def _scan_wall(self, who: int, day: Day, name: str) -> None:
        said = self._try(lambda: self.ref.scan(who, day, "wall", name, self.ref.now))
        code = passes.wall_code(street.KEYRING, self._public(day), self.ref.now)
        answer = self._api(who).post("/api/v1/checkins", json={"code": code, "scan": name})
        self._agree(answer, said, 200 if said == "again" else 201)
        self._number(said)
        if not isinstance(said, No):
            assert answer.json["balance"] == self.ref.balance(who)

    def _everybody(self, day: Day, how: str) -> None:
        for number in range(4):
            who = self._person(day.town, number)
            if how == "wall":
                self._scan_wall(who, day, self._name())
            else:
                code = {"pass": self._pass(who), "card": self._card(who), "number": self.place.numbers[who]}[
                    how
                ]
                self._scan_at_gate(day, who, how, code)

    def _scan_at_gate(self, day: Day, who: int, how: str, code: str) -> None:
        name = self._name()
        said = self._try(lambda: self.ref.scan(who, day, how, name, self.ref.now))
        sent = {"code": code, "scan": name}
        self._form(self._side(day).leader, f"/service-days/{day.id}/checkins", said, **sent)
        self._number(said)

    def _send(self, day: Day, batch: dict[str, Kept]) -> None:
        scans = [
            {
                "scan": name,
                "code": passes.pass_code(street.KEYRING, self.place.publics[one.who], 1, one.seen),
                "seen_at": one.seen.isoformat(),
                "direction": one.way,
            }
            for name, one in batch.items()
        ]
        path = "/api/v1/checkins/kept"
        sent = {"service_day_id": day.id, "scans": scans}
        answer = self._api(self._side(day).leader).post(path, json=sent)
        assert answer.status_code == 200, answer.text
        told = {one["scan"]: one["outcome"] for one in answer.json["results"]}
        numbers = dict(
            self._rows(f"SELECT in_scan, id FROM attendance WHERE id > {self._before} AND in_how = 'kept'")
        )

        def number(stay: Stay) -> int:
            name = next(name for name, (id_, *_rest) in self.ref.scans.items() if id_ == -1)
            return numbers[name]

        assert told == self.ref.keep(batch, number)
        self.went += not {"recorded", "to_confirm", "repeated"}.isdisjoint(told.values())

    def _number(self, said: Any) -> None:
        if said == "in":
            self.ref.seen(self._rows("SELECT max(id) FROM attendance")[0][0])

    def _public(self, day: Day) -> bytes:
        return codes.decode(self._rows(f"SELECT public FROM service_day WHERE id = {day.id}")[0][0], 5)

    def _card(self, who: int) -> str:
        return passes.card_code(street.KEYRING, self.place.publics[who], 1, town.CARDS_UNTIL)

    def _pass(self, who: int) -> str:
        return passes.pass_code(street.KEYRING, self.place.publics[who], 1, self.ref.now)
