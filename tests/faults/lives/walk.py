"""One life of the towns: how an act is done through the web, and how what it said is held against the reference."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import text

from tests.faults.lives import kindness, reference, shelf, town
from tests.faults.lives.places import Day
from tests.faults.lives.purses import No
from tests.strict import Visitor
from volunteer import accounts, clock, ledger, timetable
from volunteer.accounts import User
from volunteer.db import db, transaction

#: A browser's or a token's last word that it is them is no older than this.
FRESH = timedelta(minutes=4)
some = st.integers(0, 11)
RULES: list[str] = []
DONE: Counter[str] = Counter()
WENT: Counter[str] = Counter()
REFUSED: Counter[str] = Counter()


def act(**given: Any) -> Callable[[Any], Any]:
    """A rule that is counted."""

    def made(does: Any) -> Any:
        @functools.wraps(does)
        def counted(self: Walk, **drawn: Any) -> None:
            DONE[does.__name__] += 1
            before = self.went
            does(self, **drawn)
            WENT[does.__name__] += self.went > before

        RULES.append(does.__name__)
        return rule(**given)(counted)

    return made


class Walk(RuleBasedStateMachine):
    """Somewhere to act: the platform with its pages, and the reference beside it."""

    place: town.Place
    lived: ClassVar[int] = 0
    #: How often anything was done that was not refused.
    went = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).lived += 1
        self.place.fresh()
        self._open = contextlib.ExitStack()
        self.ref = reference.Town(town.BEGINS)
        self.ref.rules.append(town.RULES)
        for side in self.place.sides:
            for who in side.people[:3]:
                for month in ("2026-03", "2026-05"):
                    self.ref.purses[who, month] = town.EARNED
            self.ref.purses[side.people[0], "2026-05"] += town.EARNED * town.MORE_DAYS
            for id_, *offer in side.offers:
                self.ref.offers[id_] = shelf.Offer(side.shop, *offer[:3], town.UNTIL, offer[3])
            self.ref.offers[side.court] = shelf.Offer(side.shop, 4, 9, 5, town.UNTIL, by_slot=True)
            self.ref.projects[side.project] = kindness.Project(*side.goal)
            self.ref.family |= {frozenset(side.people[0:2]), frozenset(side.people[1:3])}
        self._signed_in: dict[tuple[int, bool], tuple[Any, Visitor]] = {}
        self._codes: dict[int, list[str]] = {}
        self._basket_codes: dict[int, str] = {}
        self._asked: list[tuple[int, int, str, int, Any]] = []
        self._names = 0
        self._move(town.BEGINS)
        self._before = self._rows("SELECT coalesce(max(id), 0) FROM attendance")[0][0]

    def teardown(self) -> None:
        self._night("statements.draw")  # a month left without a bill is no fault of the books
        with self.place.app.app_context():
            found = [f"{one.name} ×{one.count}" for one in ledger.inspect()]
            db.session.remove()
        self._open.close()
        assert not found, found

    def close(self) -> None:
        """Let the clock go on."""
        self._open.close()

    def _try(self, act: Any) -> Any:
        try:
            said = act()
            self.went += 1
            return said
        except No as no:
            REFUSED[str(no)] += 1
            return no

    @staticmethod
    def _agree(answer: Any, said: Any, status: int) -> None:
        if isinstance(said, No):
            assert answer.status_code >= 400, (str(said), answer.text)
            assert answer.json["code"] == str(said), (str(said), answer.json)
        else:
            assert answer.status_code == status, (said, answer.status_code, answer.text)

    def _form(self, who: int, path: str, said: Any, /, **sent: Any) -> None:
        answer = self._page(who).post(path, sent, headers={"HX-Request": "true"})
        good = answer.status_code < 400
        assert good != isinstance(said, No), (path, said, answer.status_code, answer.text[:2000])
        self.went += good

    def _night(self, job: str) -> None:
        with self.place.app.app_context():
            done = timetable.run_by_hand(timetable.JOBS[job])
            assert done is not None and done.outcome == "done", done and done.result
            db.session.remove()
        self.went += 1

    def _move(self, to: datetime) -> None:
        self.went += to > self.ref.now
        self.ref.now = to
        self._open.pop_all().close()
        self._open.enter_context(clock.stopped(to, everywhere=True))

    def _api(self, who: int) -> Visitor:
        return self._visitor(who, page=False)

    def _page(self, who: int) -> Visitor:
        return self._visitor(who, page=True)

    def _visitor(self, who: int, *, page: bool) -> Visitor:
        since, made = self._signed_in.get((who, page), (self.ref.now, None))
        if made is None or self.ref.now - since > FRESH:
            made = Visitor(self.place.app)
            with self.place.app.app_context(), transaction():
                person = db.session.get_one(User, who)
                if page:
                    made.browser.set_cookie(
                        self.place.app.config["SESSION_ROW_COOKIE"], accounts.sessions.open(person)
                    )
                else:
                    made.headers["Authorization"] = f"Bearer {accounts.tokens.issue(person)}"
            self._signed_in[who, page] = (self.ref.now, made)
        return made

    def _rows(self, statement: str) -> list[Any]:
        with self.place.app.app_context(), db.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def _day(self, many: int, *, open_only: bool = False) -> Day | None:
        # Those of the last days are where things happen.
        days = [one for one in self.ref.days.values() if not open_only or one.state != "closed"][-4:]
        return days[many % len(days)] if days else None

    def _person(self, side: int, number: int) -> int:
        people = self.place.sides[side].people
        return people[number % len(people)]

    def _everybody_at_all(self) -> list[int]:
        return [who for side in self.place.sides for who in side.people]

    def _anybody(self, number: int) -> int:
        people = self._everybody_at_all()
        return people[number % len(people)]

    @staticmethod
    def _soon(on: date) -> bool:
        """Whether a day lies well within the time of the shops' agreements."""
        return on + timedelta(days=40) < town.UNTIL

    def _side(self, day: Day) -> town.Side:
        return self.place.sides[day.town]

    def _shop(self, shop: int) -> town.Side:
        return next(side for side in self.place.sides if side.shop == shop)

    def _name(self) -> str:
        self._names += 1
        return f"scan-{self._names:06d}"
