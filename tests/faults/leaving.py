"""A shop is ended with a drawer full of open vouchers: everybody has their points back, and nobody else waits for it.

While the wave runs its counter goes on scanning, holders give up what they hold, and the street goes on earning.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from rewards import offers, partners, vouchers
from rewards.vouchers import Voucher, returns
from tests.faults import street
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand
from tests.races.hammer import award, insist
from volunteer import accounts, clock, ledger, notices, timetable
from volunteer.db import db, transaction
from volunteer.errors import Refusal

DAY = datetime(2026, 3, 31, 10, 0, tzinfo=clock.ZONE)
PEOPLE, POINTS = 25, 2
#: Every so many-th voucher is on a screen at that moment, and as many more are given up by hand.
SHOWN = 10
#: The longest that anybody who only passes by may wait for a write: as long as a request may take.
WAIT_S = 5.0
NAMED = {"voucher.partner", "voucher.cancelled", "voucher.own"}


@fault(
    "F32",
    "a shop is ended with many open vouchers, while its counter scans and holders give up",
    target=f"each voucher ended once, all points home, nobody else waits over {WAIT_S:g} s, books clean",
    short={"open_": 150},
    long={"open_": 2_000},
)
def shop_leaves(engine: str, dice: Random, *, open_: int) -> Outcome:
    with Stand(engine, people=PEOPLE + 1, serve=False, at=DAY) as stand, street.inside(stand.url, DAY) as app:
        *holders, bystander = [one.id for one in stand.street.people]
        offer = street.shelve(stand.street, stock=open_, points=POINTS, per_person=99)
        with transaction():
            counter = street.newcomer("13500000001")[0].id
            partner = stand.street.partner_id
            accounts.appoint(db.session.get_one(accounts.User, counter), "counter", partner_id=partner)
        held = _claimed(holders, offer, open_)
        had = _purses(holders)
        with transaction():
            codes = [vouchers.present(db.session.get_one(Voucher, id_)).code for id_ in held[::SHOWN]]
        said: Counter[str] = Counter()
        waits: list[float] = []
        over = threading.Event()
        scans = ((lambda code=code: _redeem(code, counter)) for code in codes)
        gives = (
            (lambda id_=id_: vouchers.cancel(db.session.get_one(Voucher, id_))) for id_ in held[1::SHOWN]
        )
        earns = ((lambda nth=nth: award(bystander, 1, f"record:{900_000 + nth}")) for nth in range(10**6))
        with transaction():
            partners.terminate(db.session.get_one(partners.Partner, partner), "停业")
        around = [
            threading.Thread(target=_go_on, args=(app, acts, said, times, over))
            for acts, times in ((scans, []), (gives, []), (earns, waits))
        ]
        begun = time.monotonic()
        for one in around:
            one.start()
        runs = _refund()
        took = time.monotonic() - begun
        over.set()
        for one in around:
            one.join()
        wrong = _wrong(held, offer, holders, had)
    strange = {name: times for name, times in said.items() if name != "done" and name not in NAMED}
    slowest = max(waits, default=0.0)
    figure = f"{open_} open vouchers back in {took:.1f} s and {runs} runs, {dict(said)} meanwhile, "
    figure += f"{len(waits)} others wrote, the slowest waited {slowest:.2f} s; "
    figure += f"wrong: {wrong}" if wrong else "every point home, books clean"
    return Outcome(figure, not wrong and not strange and bool(waits) and slowest <= WAIT_S)


def _claimed(holders: list[int], offer: int, many: int) -> list[int]:
    """Vouchers in everybody's hands, a hundred a transaction; each person has points left besides."""
    with transaction():
        for nth, who in enumerate(holders):
            award(who, many * POINTS // len(holders) + 50, f"record:{nth + 1}")
    made: list[int] = []
    while len(made) < many:
        with transaction():
            for nth in range(len(made), min(many, len(made) + 100)):
                holder = db.session.get_one(accounts.User, holders[nth % len(holders)])
                made.append(vouchers.claim(holder, offer).id)
        db.session.remove()
    return made


def _purses(people: list[int]) -> dict[int, int]:
    """What everybody has, with what is held for them."""
    return {who: ledger.balance(who) + ledger.held_total(who) for who in people}


def _redeem(code: str, counter: int) -> None:
    vouchers.redeem(code, f"late-{code[-24:]}", db.session.get_one(accounts.User, counter))


def _go_on(
    app: Flask,
    acts: Iterator[Callable[[], Any]],
    said: Counter[str],
    times: list[float],
    over: threading.Event,
) -> None:
    """Do one act after the other until the wave is over, and note what was said and how long each took."""
    with app.app_context(), clock.stopped(DAY):
        for act in acts:
            if over.is_set():
                break
            begun = time.monotonic()
            try:
                insist(act)
                said["done"] += 1
            except Refusal as refusal:
                said[refusal.code] += 1
            except Exception as fault:
                said[f"not named: {fault!r}"[:200]] += 1
            finally:
                db.session.remove()
            times.append(time.monotonic() - begun)
            time.sleep(0.02)


def _refund() -> int:
    """What the timetable does each minute, until nothing is left; how many runs that were."""
    for nth in range(1, 10):
        done = timetable.run_by_hand(timetable.JOBS["vouchers.partner_away"])
        assert done is not None and done.outcome == "done", done and done.result
        left = returns.left_behind()
        db.session.remove()
        if not left:
            return nth
    return 10


def _wrong(held: list[int], offer: int, holders: list[int], had: dict[int, int]) -> list[str]:
    db.session.remove()
    wrong = []
    states = Counter(db.session.scalars(select(Voucher.state)))
    if set(states) != {"cancelled"}:
        wrong.append(f"states {dict(states)}")
    if (now := _purses(holders)) != had:
        wrong.append(f"purses {[(who, had[who], now[who]) for who in holders if had[who] != now[who]][:3]}")
    if any(ledger.held_total(who) for who in holders):
        wrong.append("something is held yet")
    if (stock := db.session.get_one(offers.Offer, offer).stock) != len(held):
        wrong.append(f"stock {stock}")
    told = select(func.count()).where(notices.Notice.key.like("voucher-ended:%"))
    if (many := db.session.scalar(told)) != len(held):
        wrong.append(f"{many} were told")
    back = select(func.count()).where(ledger.Posting.move == "release")
    if (many := db.session.scalar(back)) != len(held):
        wrong.append(f"{many} releases")
    return wrong + [one.name for one in ledger.inspect() if one.name != "hours.award_has_record"]
