"""The last second of a voucher and of the month its points end in: used, shown, given up and ended, all at once.

People's clocks stand a second before midnight or at it, as the dice say; the night's begins at midnight. Whatever
comes first, a voucher ends in exactly one way, and its points are in exactly one place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from rewards import vouchers
from rewards.vouchers import Voucher, returns
from tests.faults import street
from tests.faults.registry import Outcome, fault
from tests.faults.stand import Stand
from tests.races.hammer import insist
from volunteer import accounts, clock, ledger
from volunteer.batches import LostRace
from volunteer.db import db, transaction
from volunteer.errors import Refusal
from volunteer.ledger import Balance, Posting, chart, expiry

DAY = datetime(2026, 3, 31, 10, 0, tzinfo=clock.ZONE)
MIDNIGHT = datetime(2026, 4, 1, tzinfo=clock.ZONE)
SECOND = timedelta(seconds=1)
#: What a person holds besides, in the purse that ends with the month and that the points came out of.
POINTS, BESIDE = 30, 7
#: So many rounds are made ready, swept and judged together, a person each.
AT_ONCE = 20
#: So many of them meet at one barrier. SQLite's writers sleep in a queue, and longer the more they are; on PostgreSQL
#: two fill the ten connections that a process keeps.
MEET = {"sqlite": 1, "postgresql": 2}
#: Who may come for one voucher: three people, and the night's two jobs.
HANDS = 5
NAMED = {
    "voucher.already_redeemed", "voucher.cancelled", "voucher.lapsed", "voucher.not_presented", "voucher.own",
}  # fmt: skip


@dataclass
class Round:
    """One voucher, and who comes for it in which second."""

    voucher: int
    who: int
    code: str
    last_day: date
    #: How many at the counter were told that it was they who used it.
    used: int = 0

    @property
    def purse(self) -> str:
        return chart.purse(self.who, DAY.date())


#: Whose voucher it is, what is done, when by their clock, and the deed.
Comer = tuple[Round, str, datetime, Callable[[], Any]]


@fault(
    "F31",
    "a voucher used, shown and given up in the second in which its day and its points' month end",
    target="one outcome a round, every point in one place, no answer without a name, books clean",
    short={"rounds": 40},
    long={"rounds": 10_000},
)
def last_second(engine: str, dice: Random, *, rounds: int) -> Outcome:
    """Vouchers are made ready by the batch; then one or two at a time are fallen upon by two to five people each."""
    wrong: list[str] = []
    meet = MEET[engine]
    ends: Counter[str] = Counter()
    said: Counter[str] = Counter()
    with (
        Stand(engine, people=AT_ONCE, serve=False, at=DAY, durable=False) as stand,
        street.inside(stand.url, DAY) as app,
        ThreadPoolExecutor(meet * HANDS) as crowd,
    ):
        offer = street.shelve(stand.street, stock=rounds + AT_ONCE, points=POINTS, per_person=1000)
        with transaction():
            counter = street.newcomer("13500000001")[0].id
            accounts.appoint(
                db.session.get_one(accounts.User, counter), "counter", partner_id=stand.street.partner_id
            )
        for first in range(0, rounds, AT_ONCE):
            begun = _made_ready(stand, offer, dice, min(AT_ONCE, rounds - first), first)
            owed = ledger.at(chart.owed(stand.street.partner_id))
            gone = _expired([one.who for one in begun])
            for nth in range(0, len(begun), meet):
                said += _at_once(app, crowd, dice, begun[nth : nth + meet], counter)
            with clock.stopped(MIDNIGHT):
                _sweep()
            wrong += _judge(begun, owed, gone, stand.street.partner_id, ends)
        broken = [one.name for one in ledger.inspect() if one.name != "hours.award_has_record"]
    strange = {name: times for name, times in said.items() if name not in NAMED and "." in name}
    figure = f"{rounds} rounds, {dict(sorted(ends.items()))}, {len(wrong)} wrong, answers {dict(said)}"
    figure += f", {wrong[:3]}" if wrong else ""
    figure += f", broken: {broken}" if broken else ", books clean"
    return Outcome(figure, not wrong and not strange and not broken)


def _made_ready(stand: Stand, offer: int, dice: Random, many: int, first: int) -> list[Round]:
    """Vouchers that are being shown, of points that end this month; of most of them this is the last day too."""
    made = []
    why = {"formula": {"kind": "flat", "rule": 1, "grade": "A", "points": POINTS + BESIDE}}
    with transaction():
        for nth, person in enumerate(stand.street.people[:many]):
            holder = db.session.get_one(accounts.User, person.id)
            step = (chart.ISSUED, chart.purse(person.id, DAY.date()), POINTS + BESIDE)
            ledger.transfer(
                step, move="award", key=f"record:{first + nth + 1}", volunteer_id=person.id,
                area_path=holder.area_path, why=why, on=DAY.date(),
            )  # fmt: skip
            voucher = vouchers.claim(holder, offer)
            voucher.expires_on = DAY.date() if dice.random() < 0.7 else DAY.date() + timedelta(days=60)
            db.session.flush()
            with clock.stopped(MIDNIGHT - timedelta(minutes=2)):
                code = vouchers.present(voucher).code
            made.append(Round(voucher.id, person.id, code, voucher.expires_on))
    db.session.remove()
    return made


def _at_once(
    app: Flask, crowd: ThreadPoolExecutor, dice: Random, begun: Sequence[Round], counter: int
) -> Counter[str]:
    """For each voucher two or three people and the night, all of them at one barrier; what each was told."""
    acts = [act for one in begun for act in _comers(dice, one, counter)]
    dice.shuffle(acts)
    start = threading.Barrier(len(acts))

    def run(_one: Round, _name: str, at: datetime, act: Callable[[], Any]) -> str:
        with app.app_context(), clock.stopped(at):
            start.wait(60)
            try:
                _again(act)
                return "done"
            except Refusal as refusal:
                return refusal.code
            except Exception as fault:
                return f"not.named: {fault!r}"[:200]
            finally:
                db.session.remove()

    told = [(*act[:2], crowd.submit(run, *act)) for act in acts]
    for one, name, said in told:
        one.used += name == "redeem" and said.result() == "done"
    return Counter(said.result() for _one, _name, said in told)


def _comers(dice: Random, one: Round, counter: int) -> list[Comer]:
    """Who comes for a voucher, and what their clock says."""
    acts: list[Comer] = []
    for name in dice.sample(("redeem", "redeem", "cancel", "present"), dice.randint(2, 3)):
        at = MIDNIGHT - SECOND if dice.random() < 0.6 else MIDNIGHT
        acts.append((one, name, at, _deed(name, one, counter, len(acts))))
    if dice.random() < 0.8:
        acts.append((one, "lapse", MIDNIGHT, lambda: returns.lapse_one(one.voucher, MIDNIGHT.date())))
    if dice.random() < 0.8:
        acts.append((one, "expire", MIDNIGHT, lambda: expiry.empty([one.purse], MIDNIGHT.date())))
    return acts


def _again(act: Callable[[], Any]) -> None:
    """Do it as a request is done: once more where somebody else was faster."""
    for _ in range(8):
        try:
            insist(act)
            return
        except LostRace:
            continue
    raise AssertionError("lost eight races")


def _deed(name: str, one: Round, counter: int, nth: int) -> Callable[[], Any]:
    def voucher() -> Voucher:
        return db.session.get_one(Voucher, one.voucher)

    if name == "cancel":
        return lambda: vouchers.cancel(voucher())
    if name == "present":
        return lambda: vouchers.present(voucher())
    scan = f"last-{one.voucher}-{nth}"
    return lambda: vouchers.redeem(one.code, scan, db.session.get_one(accounts.User, counter))


def _sweep() -> None:
    """What the night does with whatever the second left: vouchers past their day, purses past their month."""
    for voucher_id in returns.past(MIDNIGHT.date()):
        insist(lambda voucher_id=voucher_id: returns.lapse_one(voucher_id, MIDNIGHT.date()))
    insist(lambda: ledger.expire(MIDNIGHT.date()))
    db.session.remove()


def _judge(
    begun: list[Round], owed: int, gone: dict[int, int], partner: int, ends: Counter[str]
) -> list[str]:
    """What is wrong with these rounds; `owed` and `gone` are what stood there before them."""
    wrong = []
    people = [one.who for one in begun]
    look = select(Voucher.id, Voucher.state, Voucher.redeemed_at)
    rows = db.session.execute(look.where(Voucher.id.in_([one.voucher for one in begun])))
    found = {id_: (state, at) for id_, state, at in rows}
    expired = _expired(people)
    redeemed = 0
    for one in begun:
        state, used = found[one.voucher]
        ends[state] += 1
        redeemed += state == "redeemed"
        home = _kept(one)
        held, went = ledger.at(chart.held(one.voucher)), expired.get(one.who, 0) - gone.get(one.who, 0)
        places = {
            "redeemed": (POINTS if state == "redeemed" else 0),
            "held": held, "home": home, "expired": went - BESIDE,
        }  # fmt: skip
        there = [place for place, points in places.items() if points]
        due = {"redeemed": {"redeemed"}, "claimed": {"held"}}.get(state, {"home", "expired"})
        if sum(places.values()) != POINTS or len(there) != 1 or not set(there) <= due:
            wrong.append(f"voucher {one.voucher} {state}: {places}")
        if one.used != (state == "redeemed"):
            wrong.append(f"voucher {one.voucher} {state}, and {one.used} were told that they used it")
        if state == "claimed" and one.last_day < MIDNIGHT.date():
            wrong.append(f"voucher {one.voucher} outlived its day")
        if state == "lapsed" and one.last_day >= MIDNIGHT.date():
            wrong.append(f"voucher {one.voucher} lapsed before its day was over")
        if used is not None and used.date() > one.last_day:
            wrong.append(f"voucher {one.voucher} used after its day")
    if ledger.at(chart.owed(partner)) - owed != POINTS * redeemed:
        wrong.append(f"owed {ledger.at(chart.owed(partner)) - owed} for {redeemed} redeemed")
    _spend(begun)
    db.session.remove()
    return wrong


def _kept(one: Round) -> int:
    """What came home and lives on: all that the person can spend once the month is over."""
    mine = Balance.address.between(chart.purse(one.who, "2026-04"), chart.purse(one.who, "9999-12"))
    return int(db.session.scalar(select(func.coalesce(func.sum(Balance.amount), 0)).where(mine)) or 0)


def _expired(people: list[int]) -> dict[int, int]:
    sums = select(Posting.volunteer_id, func.sum(Posting.amount)).where(
        Posting.move == "expire", Posting.volunteer_id.in_(people)
    )
    return {who: int(points) for who, points in db.session.execute(sums.group_by(Posting.volunteer_id))}


def _spend(begun: list[Round]) -> None:
    """Take what came home out of the way of the next round, and give up what is still open."""
    for one in begun:
        with clock.stopped(MIDNIGHT), transaction():
            voucher = db.session.get_one(Voucher, one.voucher)
            if voucher.state == "claimed":
                vouchers.cancel(voucher)
    with clock.stopped(datetime(2028, 1, 1, tzinfo=clock.ZONE)):
        insist(lambda: ledger.expire(date(2028, 1, 1)))
