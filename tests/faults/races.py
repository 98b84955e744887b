"""Races over real HTTP: the last item on the shelf, the last seat, the last points of one purse."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from rewards.vouchers import Voucher
from tests.faults import street
from tests.faults.load import Phone
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand
from volunteer import clock, ledger, service_days
from volunteer.activities import Activity
from volunteer.db import db, transaction
from volunteer.service_days import ServiceDay, Signup

POINTS = 30
Ask = Callable[[Phone, int], tuple[int, Any, dict[str, str]]]


@fault(
    "F01",
    "64 phones at one barrier for the last item, the last seat, the last points",
    target="exactly k winners in every round, books clean; p99 ≤ 500 ms (long form)",
    short={"rounds": 4, "phones": 24, "p99_max": 60.0},
    long={"rounds": 100, "phones": 64, "p99_max": 0.5},
)
def last_of_its_kind(engine: str, dice: Random, *, rounds: int, phones: int, p99_max: float) -> Outcome:
    with Stand(engine, people=phones, points=200) as stand:
        wrong: list[str] = []
        took: list[float] = []
        answers: Counter[str] = Counter()
        with Crowd(stand, phones) as crowd:
            for nth in range(rounds):
                k = dice.randint(1, 3)
                kind = ("item", "seat", "points")[nth % 3]
                won, said = {"item": _items, "seat": _seats, "points": _points}[kind](stand, crowd, k, nth)
                took += crowd.took
                answers += said
                if won != k:
                    wrong.append(f"round {nth}: {won} winners of {k} {kind}")
        with street.inside(stand.url):
            broken = [one.name for one in ledger.inspect()]
    p99 = sorted(took)[int(0.99 * len(took))]
    other = {one: count for one, count in answers.items() if not one.startswith(("201", "409"))}
    figure = f"{rounds} rounds, {len(wrong)} with wrong winners, p99 {p99 * 1000:.0f} ms of {phones} at once"
    figure += f", other answers {other}" if other else ""
    figure += f", {wrong[:3]}" if wrong else ""
    figure += f", broken: {broken}" if broken else ", books clean"
    return Outcome(figure, not wrong and not broken and p99 <= p99_max)


class Crowd:
    """Phones with open connections that press at one instant, and press again when told to come back."""

    def __init__(self, stand: Stand, size: int) -> None:
        self.people = stand.street.people[:size]
        self.phones = [Phone(stand.service.port, 30) for _ in self.people]
        self.took: list[float] = []

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for phone in self.phones:
            phone.close()

    def press(self, ask: Ask) -> Counter[str]:
        """Everybody asks at once; returns how often each answer was given."""
        start, said = threading.Barrier(len(self.phones)), ["none"] * len(self.phones)
        self.took = [0.0] * len(self.phones)

        def one(nth: int) -> None:
            start.wait(60)
            begun = time.monotonic()
            for _ in range(40):
                status, body, headers = ask(self.phones[nth], nth)
                if status not in (429, 503) and (body or {}).get("code") != "idempotency.in_progress":
                    break
                time.sleep(min(0.5, float(headers.get("Retry-After", 1))))
            self.took[nth] = time.monotonic() - begun
            said[nth] = f"{status} {(body or {}).get('code') or (body or {}).get('state')}"

        threads = [threading.Thread(target=one, args=(nth,)) for nth in range(len(self.phones))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Counter(said)


def _claims(crowd: Crowd, offer: int, nth: int, token: str | None = None) -> Counter[str]:
    def ask(phone: Phone, one: int) -> tuple[int, Any, dict[str, str]]:
        key = {"Idempotency-Key": f"round-{nth}-phone-{one}"}
        mine = token or crowd.people[one].token
        return phone.ask("POST", "/api/v1/vouchers", mine, {"offer_id": offer}, key)

    return crowd.press(ask)


def _items(stand: Stand, crowd: Crowd, k: int, nth: int) -> tuple[int, Counter[str]]:
    with street.inside(stand.url):
        offer = street.shelve(stand.street, stock=k, points=1)
    said = _claims(crowd, offer, nth)
    return _claimed(stand, offer), said


def _points(stand: Stand, crowd: Crowd, k: int, nth: int) -> tuple[int, Counter[str]]:
    """Everybody holds the same person's phone: points for exactly k."""
    with street.inside(stand.url):
        offer = street.shelve(stand.street, stock=1000, points=POINTS, per_person=1000)
        with transaction():
            poor, token = street.newcomer(f"136{nth:08d}")
            street.award(poor, POINTS * k + POINTS // 2, stand.street)
    said = _claims(crowd, offer, nth, token)
    return _claimed(stand, offer), said


def _seats(stand: Stand, crowd: Crowd, k: int, nth: int) -> tuple[int, Counter[str]]:
    with street.inside(stand.url), transaction():
        activity = db.session.get(Activity, stand.street.activity_id)
        begins = clock.now().replace(hour=9, minute=0) + timedelta(days=3 + nth)
        day = service_days.add_day(activity, begins, begins + timedelta(hours=2), k, ()).id
    said = crowd.press(
        lambda phone, one: phone.ask(
            "POST", f"/api/v1/service-days/{day}/signups", crowd.people[one].token, {}
        )
    )
    with street.inside(stand.url):
        mine = select(func.count()).where(Signup.service_day_id == day, Signup.state == "accepted")
        won = db.session.scalar(mine) or 0
        kept = db.session.scalar(select(ServiceDay.accepted).where(ServiceDay.id == day))
    return (won if won == kept else -1), said


def _claimed(stand: Stand, offer: int) -> int:
    with street.inside(stand.url):
        return db.session.scalar(select(func.count()).where(Voucher.offer_id == offer)) or 0
