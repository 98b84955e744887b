"""The simulator: a day of the platform in one thread, whose every interleaving and death comes from a seed.

`simulation/hub.py` decides who runs, `simulation/requests.py` is what they ask; here they meet, and are judged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from rewards import settlements
from rewards.vouchers import Voucher
from tests.faults.lives import town
from tests.faults.registry import Outcome, fault
from tests.faults.simulation.hub import Died, Hub
from tests.faults.simulation.requests import Ask, World, begin
from volunteer import clock, events, ledger
from volunteer.batches import LostRace, lost_race
from volunteer.checkin import Attendance
from volunteer.db import db, transaction
from volunteer.errors import Refusal

ACTORS, EACH, TRIES = 4, 3, 12
#: Of a hundred answers, how many get lost on their way; then the client asks again.
LOST = 8
COUNTED = ("claimed", "redeemed")
JUMPS = {
    "before": timedelta(0),
    "door": timedelta(minutes=12),
    "end": timedelta(minutes=67),
    "later": timedelta(days=26),
}


@dataclass
class Verdict:
    """What came of one seed."""

    trace: str
    stops: int
    deaths: int
    waits: int
    told: Counter[str]
    wrong: list[str] = field(default_factory=list)


@fault(
    "F23",
    "one thread, actors that stop at every statement, deaths, lost answers, double taps: all from a seed",
    target="0 bugs; a seed replays statement by statement",
    short={"seeds": 5},
    long={"seeds": 200},
)
def simulator(engine: str, dice: Random, *, seeds: int) -> Outcome:
    first, wrong, sums = dice.randrange(2**31), list[str](), Counter[str]()
    for seed in range(first, first + seeds):
        came = simulate(engine, seed)
        sums.update(stops=came.stops, deaths=came.deaths, waits=came.waits, answers=came.told.total())
        wrong += [f"seed {seed}: {one}" for one in came.wrong]
    again = [simulate(engine, first).trace for _ in range(2)]
    if again[0] != again[1]:
        wrong.append(f"seed {first} ran twice and went two ways")
    figure = f"{seeds} seeds, " + ", ".join(f"{many} {what}" for what, many in sums.items())
    return Outcome(f"{figure}, {len(wrong)} bugs" + (f": {wrong[:3]}" if wrong else ""), not wrong)


def simulate(engine: str, seed: int) -> Verdict:
    """Live one day as this seed has it."""
    place, dice = town.place(engine), Random(seed)
    place.fresh()
    hub = Hub(place.app, dice, town.BEGINS)
    told: Counter[str] = Counter()
    with hub.listening():
        with clock.stopped(hub.now, everywhere=True), place.app.app_context():
            with transaction():
                world = begin(place.sides[0])
            db.session.remove()
        for hour, jump in JUMPS.items():
            hub.now = max(hub.now, town.BEGINS + jump)
            hands = [world.asks(dice, hour, EACH) for _ in range(ACTORS)]
            hub.run(
                {
                    f"{hour} {n}": lambda asks=asks: _live(hub, world, asks, told)
                    for n, asks in enumerate(hands)
                }
            )
        with clock.stopped(hub.now, everywhere=True), place.app.app_context():
            events.deliver()
            with transaction():  # a month left without a bill is no fault of the books
                for month in settlements.owed_months(clock.today()):
                    settlements.draw(month)
            wrong = judge(world)
            db.session.remove()
    return Verdict(hub.trace, hub.stops, hub.deaths, hub.waits, told, wrong)


def _live(hub: Hub, world: World, asks: list[Ask], told: Counter[str]) -> None:
    """Ask one thing after the other, each under its name until there is an answer."""
    for ask in asks:
        for _ in range(TRIES):
            try:
                said, about = _ask(hub, world, ask)
            except Died:
                continue
            except (IntegrityError, OperationalError, LostRace) as error:
                if not lost_race(error):
                    raise
                hub.stop()
                continue
            if hub.dice.random() * 100 < LOST:
                hub.note(ask.name, "answer lost")
                hub.stop()
                continue
            hub.note(ask.name, said)
            ask.told.append((said, about))
            told[said] += 1
            break
        else:
            world.unanswered.append(ask.name)


def _ask(hub: Hub, world: World, ask: Ask) -> tuple[str, int]:
    with hub.app.app_context():
        try:
            with transaction(), events.acting(ask.who):
                said = world.do(ask)
            if said[0] == "shown":
                ask.shown = True
                with transaction(), events.acting(ask.who):
                    said = world.do(ask)
            return said
        except Refusal as no:
            return no.code, 0
        finally:
            db.session.remove()


def judge(world: World) -> list[str]:
    """What is wrong with what is stored: the books, what was told and is not there, what nobody asked for."""
    wrong = [f"{one.name} ×{one.count}" for one in ledger.inspect()]
    wrong += [f"never answered: {name}" for name in world.unanswered]
    names = {one.name for one in world.asked}
    stays = db.session.scalars(select(Attendance).where(Attendance.service_day_id == world.day)).all()
    scans = {scan for stay in stays for scan in (stay.in_scan, stay.out_scan) if scan}
    wrong += [f"scan nobody made: {scan}" for scan in scans - names]
    mine: dict[Any, Voucher] = {one.id: one for one in db.session.scalars(select(Voucher))}
    wrong += [f"voucher nobody claimed: {id_}" for id_, one in mine.items() if one.asked_with not in names]
    for ask in world.asked:
        for said, about in ask.told:
            if not _holds(ask, said, mine.get(about), scans):
                wrong.append(f"lost: {ask}")
    live = Counter((one.volunteer_id, one.offer_id) for one in mine.values() if one.state in COUNTED)
    each = {offer: most for offer, _points, _stock, most, *_limits in world.side.offers}
    wrong += [f"more than one person may have: {who}" for who, many in live.items() if many > each[who[1]]]
    spent = db.session.scalar(select(func.count()).where(ledger.Posting.move == "redeem")) or 0
    used = sum((one.state == "redeemed") + (one.undone_at is not None) for one in mine.values())
    return wrong + ([f"{spent} redemptions in the books, {used} on vouchers"] if spent != used else [])


def _holds(ask: Ask, said: str, voucher: Voucher | None, scans: set[str]) -> bool:
    """Whether what somebody was told still stands, or was undone by somebody who may."""
    if ask.kind == "scan" and said in ("in", "out"):
        return ask.name in scans
    if said == "claimed":
        return voucher is not None and voucher.asked_with == ask.name
    if said == "redeemed":
        used = voucher is not None and (voucher.state, voucher.scan) == ("redeemed", ask.name)
        return used or (voucher is not None and voucher.undone_at is not None)
    return said != "cancelled" or (voucher is not None and voucher.state == "cancelled")
