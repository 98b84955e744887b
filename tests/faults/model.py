"""The model test: whatever people do in two communities, the platform does what the reference says, step by step.

Everything goes through the web, as phones and offices do; `lives/` has the place, the acts and the reference.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.faults.lives import town
from tests.faults.lives.bookings import Bookings
from tests.faults.lives.days import Days
from tests.faults.lives.giving import Giving
from tests.faults.lives.marts import Marts
from tests.faults.lives.months import Months
from tests.faults.lives.nights import Nights
from tests.faults.lives.offices import Offices
from tests.faults.lives.script import LIVES
from tests.faults.lives.walk import DONE, REFUSED, RULES, WENT
from tests.faults.registry import Outcome, fault

#: What is there to be refused.
REFUSALS = {
    "the_neighbours_counter_redeems",
    "the_neighbours_leader_scans",
    "claim_again_under_the_same_key",
    "hold_up_an_old_wall",
}


@fault(
    "F22",
    "random lives in two communities, step by step against a plain reference",
    target="0 divergences, every rule used and not only refused",
    short={"runs": 6, "steps": 30},
    long={"runs": 250, "steps": 50},
)
def model(engine: str, dice: Random, *, runs: int, steps: int) -> Outcome:
    for counted in (DONE, WENT, REFUSED):
        counted.clear()

    class Life(Town):
        place, lived = town.place(engine), 0

    _by_the_book(Life)
    how = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(dice.randrange(2**31))(Life), settings=how)
    unused = sorted(set(RULES) - set(DONE))
    refused = sorted(one for one in set(DONE) - REFUSALS if not WENT[one])
    whole = sum(DONE.values())
    figure = f"{Life.lived} runs, {whole} acts of {len(RULES)} rules, {sum(REFUSED.values())} refused in {len(REFUSED)} ways"
    figure += f", 0 divergences, never used: {unused}, never once successful: {refused}"
    return Outcome(figure, not (unused or refused))


def _by_the_book(life: type[Town]) -> None:
    for script in LIVES:
        one = life()
        try:
            one.a_day_each_to_begin_with()
            for act, given in script:
                getattr(one, act)(**given)
                one.the_same_stands_in_the_database()
        except BaseException:
            one.close()  # what went wrong is said, not what the books say of it
            raise
        one.teardown()


def _same(what: str, theirs: dict[Any, Any], mine: dict[Any, Any]) -> None:
    off = {
        key: (theirs.get(key), mine.get(key))
        for key in theirs.keys() | mine.keys()
        if theirs.get(key) != mine.get(key)
    }
    assert not off, f"{what}: (platform, reference) {off}"


def _each(things: dict[int, Any], field: str) -> dict[int, Any]:
    return {id_: getattr(one, field) for id_, one in things.items()}


class Town(Days, Bookings, Marts, Giving, Months, Offices, Nights):
    """Everything people do, and after every act a look at what stands in the database."""

    @invariant()
    def the_same_stands_in_the_database(self) -> None:
        """Everything people can see, as the reference has it."""
        ref, rows = self.ref, self._rows
        _same(
            "points", dict(rows("SELECT address, amount FROM ledger_balance WHERE amount <> 0")), ref.books()
        )
        _same("vouchers", dict(rows("SELECT id, state FROM voucher")), _each(ref.vouchers, "state"))
        disputes = {id_: one.dispute for id_, one in ref.vouchers.items() if one.dispute}
        _same("disputes", dict(rows("SELECT voucher_id, state FROM voucher_dispute")), disputes)
        _same("stock", dict(rows("SELECT id, stock FROM offer")), _each(ref.offers, "stock"))
        times = rows("SELECT id, booked, cancelled_at IS NOT NULL FROM offer_slot")
        mine = {id_: (one.booked, one.off) for id_, one in ref.slots.items()}
        _same("times", {id_: (booked, bool(off)) for id_, booked, off in times}, mine)
        fetched = {id_: bool(one.scan) for id_, one in ref.baskets.items()}
        there = rows("SELECT id, redeemed_at IS NOT NULL FROM basket")
        _same("baskets", {id_: bool(done) for id_, done in there}, fetched)
        days = rows("SELECT id, state, accepted, capacity, review FROM service_day")
        _same(
            "days",
            {
                # Why a day waits for the office is told elsewhere; that it waits is what counts.
                id_: [*rest, review if review in (None, "cleared") else "held"]
                for id_, *rest, review in days
                if id_ in ref.days
            },
            {one.id: [one.state, one.taken, one.capacity, one.review] for one in ref.days.values()},
        )
        seats: dict[int, list[list[Any]]] = {id_: [] for id_ in ref.days}
        for day, *seat in rows(
            "SELECT service_day_id, volunteer_id, state FROM signup ORDER BY queued_at, id"
        ):
            if day in seats:
                seats[day].append([seat[0], "accepted" if seat[1] == "attended" else seat[1]])
        _same("places", {d: dict(s) for d, s in seats.items()}, _each(ref.days, "seats"))
        queue = {d: [who for who, seat in s if seat == "waitlisted"] for d, s in seats.items()}
        _same("queues", queue, _each(ref.days, "queue"))
        what = "id, state, in_how, out_how, minutes, grade, points"
        stays = rows(f"SELECT {what} FROM attendance WHERE id > {self._before}")
        _same(
            "stays",
            {id_: rest for id_, *rest in stays},
            {s.id: [s.state, s.in_how, s.out_how, s.minutes, s.grade, s.points] for s in ref.stays.values()},
        )
        records = {
            int(source.split(":")[1]): rest
            for source, *rest in rows("SELECT source, minutes, points, state FROM service_record")
        }
        _same(
            "hours",
            {stay: rest for stay, rest in records.items() if stay > self._before},
            {
                s.id: [s.record.minutes, s.record.points, s.record.state]
                for s in ref.stays.values()
                if s.record
            },
        )
        bills = rows("SELECT partner_id, month, count, points, state FROM statement")
        mine = {key: [one.count, one.points, one.state] for key, one in ref.bills.items()}
        _same("bills", {(shop, month): rest for shop, month, *rest in bills}, mine)
        carried = "SELECT b.partner_id, b.month, c.partner_id, c.month FROM statement b JOIN statement c"
        taken_off = {(a, b): (c, d) for a, b, c, d in rows(f"{carried} ON c.id = b.carried_into")}
        _same("taken off", taken_off, {key: one.carried for key, one in ref.bills.items() if one.carried})
        _same("given", self._given(), ref.given())
        filled = rows("SELECT id, state, filled FROM giving_project WHERE NOT pool")
        kind = {key: [one.state, one.filled] for key, one in ref.projects.items()}
        _same("projects", {id_: rest for id_, *rest in filled}, kind)
        handed = rows("SELECT id, points, undone_at FROM family_gift")
        family = {id_: [one.points, one.undone] for id_, one in ref.handed.items()}
        _same("family", {id_: [points, bool(back)] for id_, points, back in handed}, family)
        away = rows("SELECT id, state FROM partner WHERE state <> 'signed'")
        _same("shops that are away", dict(away), ref.away)
