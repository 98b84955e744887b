"""The clock jumps: hours ahead, hours back, over a year, over midnight at the end of a month, a year, a leap day."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rewards import partners
from tests.faults import restarts, street
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand
from volunteer import accounts, clock, ledger, service_days, timetable
from volunteer.accounts import User, factors
from volunteer.activities import Activity
from volunteer.checkin import passes
from volunteer.db import db, transaction
from volunteer.errors import Refusal
from volunteer.operation import scheduler

BEGINS = datetime(2026, 3, 7, 9, 0, tzinfo=clock.ZONE)
HOUR = timedelta(hours=1)
#: The last second before something ends: a month, a year, a February with and without its 29th.
EDGES = tuple(
    datetime.fromisoformat(f"{day}T23:59:59+08:00")
    for day in ("2026-03-31", "2026-12-31", "2027-02-28", "2027-12-31", "2028-02-28", "2028-02-29")
)


@fault(
    "F13",
    "the clock jumps +3 h, −2 h, +400 d, over ends of months and years and a leap day",
    target="0 wrong expiries or periods, 0 jobs twice, 0 dead sessions, no code twice; back > 60 s is amber",
    short={"lives": 1, "edges": 2, "restarts": False},
    long={"lives": 6, "edges": 6, "restarts": True},
)
def jumps(engine: str, dice: Random, *, lives: int, edges: int, restarts: bool) -> Outcome:
    wrong: list[str] = []
    made, runs = 0, 0
    for _ in range(lives):
        with contextlib.ExitStack() as stack:
            stand = stack.enter_context(Stand(engine, people=5, points=40, at=BEGINS, serve=False))
            life = Life(stand, stack, dice, wrong)
            life.live(sorted(dice.sample(EDGES, edges)))
            made, runs = made + life.jumps, runs + life.runs
    figure = f"{lives} lives, {made} jumps, {runs} runs of jobs"
    if restarts:
        figure += f"; {_restarted(engine, wrong)}"
    return Outcome(f"{figure}; {len(wrong)} wrong" + "".join(f"; {one}" for one in wrong[:5]), not wrong)


def _restarted(engine: str, wrong: list[str]) -> str:
    """The real server, started again and again on a machine whose clock is somewhere else."""
    with Stand(engine, people=4, serve=False) as stand:
        return restarts.through(stand, wrong)


class Life:
    """One street, and a clock that nobody can trust."""

    def __init__(self, stand: Stand, stack: contextlib.ExitStack, dice: Random, wrong: list[str]) -> None:
        self.stand, self.street, self.stack, self.dice, self.wrong = stand, stand.street, stack, dice, wrong
        self.app: Flask = street.make_app(stand.url)
        self.jumps = self.runs = 0

    def live(self, edges: list[datetime]) -> None:
        self.to(BEGINS)
        self.tick()
        self.a_morning_of_scans()
        self.a_second_factor()
        self.a_voucher()
        self.nights(edges)
        with self.app.app_context():
            broken = [one.name for one in ledger.inspect()]
            db.session.remove()
            db.engine.dispose()
        self.must(not broken, f"the books are broken: {broken}")

    def a_morning_of_scans(self) -> None:
        """Ahead by three hours and back by two: sessions live, codes do not live twice."""
        first, second, third = self.street.people[:3]
        at = BEGINS + timedelta(minutes=2)
        self.to(at)
        wall = passes.wall_code(street.KEYRING, self.street.day, at)
        self.must(self.scan(first, wall, "scan-a") == 201, "the first scan is refused")
        browser = self.signed_in(second)
        self.to(at + 3 * HOUR)
        self.must(browser.get("/me").status_code == 200, "+3 h ends a session")
        self.must(self.scan(second, wall, "scan-b") == 410, "a code of three hours ago is taken")
        self.must("clock" not in self.amber(), "amber without a reason")
        self.must(self.signed_in(third).get("/me").status_code == 200, "+3 h: nobody can sign in")
        self.to(at + HOUR)
        self.must("clock" in self.amber(), "a clock that went back two hours is not amber")
        self.must(self.scan(second, wall, "scan-c") == 410, "a code of an hour ago is taken")
        self.to(at - 2 * HOUR)
        self.must("clock" in self.amber(), "a clock that went back two hours is not amber")
        self.must(self.scan(second, wall, "scan-d") == 410, "a code of the future is taken")
        self.must(
            self.scan(first, wall, "scan-a") == 200, "a repeated scan is not known to a clock gone back"
        )
        self.must(browser.get("/me").status_code == 200, "−2 h ends a session")
        self.to(at + timedelta(seconds=5))
        self.must(self.scan(third, wall, "scan-e") == 201, "once the clock is right the wall is refused")

    def a_second_factor(self) -> None:
        """A code of the authenticator is taken once, also when its half minute comes again."""
        with self.inside():
            person = db.session.get_one(User, self.street.people[4].id)
            secret = factors.secret(person, factors.begin(person))
            factors.confirm(person, pyotp.TOTP(secret).at(clock.now()))
        at = clock.now() + timedelta(minutes=5)
        code = pyotp.TOTP(secret).at(at)
        for moment, good in (
            (at, True),
            (at + 3 * HOUR, False),
            (at, False),
            (at - timedelta(seconds=30), False),
        ):
            self.to(moment)
            self.must(
                self.takes(self.street.people[4].id, code) is good,
                f"a second factor's code: {moment:%H:%M:%S}",
            )

    def a_voucher(self) -> None:
        """Good to the last second of its last day, whichever way the clock came there; redeemed once."""
        who = self.street.people[0]
        with self.inside():
            shop = db.session.get_one(partners.Partner, self.street.partner_id)
            counter = partners.invite(shop, name="陈阿珍", phone="13900000011").id
        till = street.Person(counter, self.inside_token(counter))
        with street.inside(self.stand.url, clock.now()):
            offer = street.shelve(self.street, stock=9, points=7, per_person=2)
        claimed = [
            self.ask(who, "/api/v1/vouchers", {"offer_id": offer}, {"Idempotency-Key": f"key-{n}"}).json
            for n in range(2)
        ]
        last = datetime.fromisoformat(f"{claimed[0]['expires_on']}T23:59:59+08:00")
        self.to(last)
        who, till = (street.Person(one.id, self.inside_token(one.id)) for one in (who, till))
        shown = self.ask(who, f"/api/v1/vouchers/{claimed[0]['id']}/presentation")
        self.must(shown.status_code == 201, f"a voucher is over before its last second: {shown.json}")
        body = {"code": shown.json["code"], "scan": "counter-1"}
        done = self.ask(till, "/api/v1/redemptions", body)
        self.must(done.status_code == 201, f"it cannot be redeemed in its last second: {done.json}")
        self.to(last - 2 * HOUR)
        again = self.ask(till, "/api/v1/redemptions", body | {"scan": "counter-2"})
        self.must(again.status_code >= 400, "redeemed twice after the clock went back")
        self.to(last + timedelta(seconds=1))
        late = self.ask(who, f"/api/v1/vouchers/{claimed[1]['id']}/presentation")
        self.must(late.status_code >= 400, "a voucher outlives its last day")
        self.to(BEGINS + timedelta(days=1))

    def nights(self, edges: list[datetime]) -> None:
        """At each edge the night is worked once, though the clock crosses it three times."""
        for year, month in sorted({(edge.year - 2, edge.month) for edge in edges}):
            self._earned(datetime(year, month, 10, 9, tzinfo=clock.ZONE))
        for edge in (*edges, edges[-1] + timedelta(days=400)):
            for at in (edge, edge + 7 * HOUR, edge - 2 * HOUR, edge + 7 * HOUR):
                self.to(at)
                self.tick(f"host:{self.dice.randrange(3)}")
        with self.app.app_context():
            self._look_back()
            db.session.remove()

    def _earned(self, at: datetime) -> None:
        """Points of two years ago, which end with the month."""
        with clock.stopped(at, everywhere=True), self.inside():
            activity = db.session.get_one(Activity, self.street.activity_id)
            day = service_days.add_day(activity, at + HOUR, at + 3 * HOUR, 10, ())
            person = db.session.get_one(User, self.street.people[3].id)
            street.award(person, 9, replace(self.street, paid_by=day.id))

    def _look_back(self) -> None:
        rows = db.session.execute(text("SELECT job, due, tries, outcome, result FROM timetable_run")).all()
        self.runs = len(rows)
        runs = Counter((row.job, str(row.due)) for row in rows)
        self.must(all(count == 1 for count in runs.values()), "a job ran twice for one moment")
        failed = {row.job for row in rows if row.tries != 1 or row.outcome != "done"}
        self.must(not failed, f"jobs failed: {sorted(failed)}")
        ended = select(
            ledger.Posting.volunteer_id, ledger.Posting.source, ledger.Posting.at, ledger.Posting.key
        )
        expired = db.session.execute(ended.where(ledger.Posting.move == "expire")).all()
        for _who, source, at, key in expired:
            self.must(f"{at.astimezone(clock.ZONE):%Y-%m}" > source[-7:], f"{key}: {source} ended at {at}")
        left = text("SELECT address FROM ledger_balance WHERE address LIKE 'volunteer:%' AND amount > 0")
        late = [one for one in db.session.scalars(left) if one[-7:] < f"{clock.now():%Y-%m}"]
        self.must(not late, f"never ended: {late}")
        self.must(len({one.source for one in expired}) >= 2, f"only {len(expired)} purses ended at all")
        lapsed = text("SELECT about, count(*) FROM event WHERE kind = 'vouchers.Ended' GROUP BY about")
        self.must([one[1] for one in db.session.execute(lapsed)] == [1], "a voucher ended twice, or never")
        drawn = text("SELECT month, drawn_at FROM statement")
        for month, at in db.session.execute(drawn):
            self.must(month < str(at)[:7], f"the statement of {month} was drawn at {at}")
        for job in timetable.JOBS.values():
            days = (
                [job.due_on(date(2026, 2, 27) + timedelta(days=nth)) for nth in range(800)] if job.at else []
            )
            apart = {two.timestamp() - one.timestamp() for one, two in pairwise(days)}
            self.must(apart <= {86_400.0}, f"{job.name} is not planned a day apart")

    # ── how ──

    def must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def to(self, at: datetime) -> None:
        self.jumps += 1
        self.stack.enter_context(clock.stopped(at, everywhere=True))

    def tick(self, holder: str = "host:1") -> None:
        with self.app.app_context():
            scheduler.tick(holder)
            db.session.remove()

    def amber(self) -> list[str]:
        self.tick()
        return list(self.app.test_client().get("/readyz").json["failing"])

    def scan(self, who: street.Person, code: str, name: str) -> int:
        return self.ask(who, "/api/v1/checkins", {"code": code, "scan": name}).status_code

    def ask(
        self, who: street.Person, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        sent = {"Authorization": f"Bearer {who.token}", **(headers or {})}
        return self.app.test_client().post(path, json=body or {}, headers=sent)

    def signed_in(self, who: street.Person) -> FlaskClient:
        browser = self.app.test_client()
        with self.inside():
            cookie = accounts.sessions.open(db.session.get_one(User, who.id))
        browser.set_cookie(self.app.config["SESSION_ROW_COOKIE"], cookie)
        return browser

    def takes(self, user_id: int, code: str) -> bool:
        try:
            with self.inside():
                factors.check(db.session.get_one(User, user_id), code)
        except Refusal:
            return False
        return True

    def inside_token(self, user_id: int) -> str:
        with self.inside():
            return accounts.tokens.issue(db.session.get_one(User, user_id))

    @contextlib.contextmanager
    def inside(self) -> Any:
        with self.app.app_context(), transaction():
            yield
