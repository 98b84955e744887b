"""When a kept scan was seen, by our clock. What a device says of time is evidence, and no one clock is believed alone.

A device has a clock on its wall, which people set, and one that only counts from when its page was opened (its boot).
It may also know by how much it ran ahead of us when it last heard from us. Two of these that agree are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from volunteer.checkin import passes

#: How far apart two ways of reckoning may be and still agree.
AGREES = timedelta(seconds=120)


@dataclass(frozen=True)
class Clocks:
    """What a device's clocks said at one moment; `ticks` are milliseconds since its boot."""

    wall: datetime | None = None
    ticks: float | None = None
    boot: str | None = None


def reckon(
    seen: Clocks, sent: Clocks, now: datetime, *, ahead: float | None = None, shown: datetime | None = None
) -> tuple[datetime, bool]:
    """Return when a scan was seen, and whether that is certain enough to count by itself.

    `seen` and `sent` are the device's clocks at the scan and at the upload, `ahead` by how many milliseconds its wall
    clock ran ahead when it last knew, `shown` the moment that the scanned code itself names, where it names one.
    """
    assert seen.wall is not None
    ways = []
    if seen.boot and seen.boot == sent.boot and seen.ticks is not None and sent.ticks is not None:
        ways.append(now - timedelta(milliseconds=sent.ticks - seen.ticks))
    ways.append(seen.wall + (now - sent.wall) if sent.wall else seen.wall)
    if ahead is not None:
        ways.append(seen.wall - timedelta(milliseconds=ahead))
    # Nothing was seen after it was sent.
    possible = [min(one, now) for one in ways if one <= now + AGREES]
    if not possible:
        return ways[0], False
    if len(ways) == 1 or _agree(ways):
        return possible[0], True
    # A pass lives a minute either way, so its own moment tells which of two clocks was right.
    fitting = [one for one in possible if shown is not None and passes.near(shown, one)]
    agreeing = next((one for one, other in combinations(possible, 2) if _agree((one, other))), None)
    best = fitting[0] if fitting else agreeing
    return (possible[0], False) if best is None else (best, True)


def _agree(ways: Sequence[datetime]) -> bool:
    return max(ways) - min(ways) <= AGREES
