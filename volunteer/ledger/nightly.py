"""The night of the books: purses past their month are emptied, the books inspected, the day sealed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from volunteer import accounts, events, notices, timetable
from volunteer.i18n import _
from volunteer.ledger import expiry, inspection, rollups, seals

log = logging.getLogger("liyu.ledger")


@events.kind
class Broken(events.Event):
    """The inspection found something: how many invariants do not hold, and the first of them."""

    invariants: int
    first: str


@timetable.daily("ledger.expire", at="00:20")
def expire(on: date) -> list[Callable[[], Any]]:
    """Empty the purses past their month, a few hundred to a transaction."""
    return [partial(expiry.empty, batch, on) for batch in expiry.past(on)]


@timetable.daily("ledger.inspect", at="00:50")
def inspect(on: date) -> dict[str, Any]:
    """Prove every invariant; what does not hold is told to those who watch over the books."""
    broken = inspection.inspect(on)
    if broken:
        log.error("the books do not hold: %s", ", ".join(f"{found.name} {found.count}" for found in broken))
        events.record(Broken(invariants=len(broken), first=broken[0].name), about=f"ledger:{on}")
        watching = {person.id for role in ("street_admin", "auditor") for person in accounts.holders(role)}
        notices.send_many(
            sorted(watching),
            _(
                "夜间核账发现 {n} 项不对：{names}。请尽快查看。",
                n=len(broken),
                names=", ".join(one.name for one in broken),
            ),
            key=f"ledger:inspect:{on}",
            link="/office/ledger",
        )
    return {"count": len(inspection.names()), "broken": {found.name: found.count for found in broken}}


@timetable.daily("ledger.seal", at="00:55")
def seal(on: date) -> dict[str, Any]:
    """Seal the day that has just ended into the chain."""
    made = seals.seal(on - timedelta(days=1))
    return {"count": made.postings, "head": made.head}


@timetable.daily("ledger.figures", at="00:57")
def figures(on: date) -> int:
    """Add what was sealed to the sums that dashboards read."""
    return rollups.roll()


@timetable.daily("ledger.warn", at="08:30")
def warn(on: date) -> int:
    """Tell people of points that end in 60, 30 or 7 days."""
    return expiry.warn(on)
