"""Drawing lots so that anybody can do it again: pure, whole numbers, one hash a lot.

The seed's fingerprint (its SHA-256) is published before anybody applies, the seed after the draw. Somebody with number
7 and three lots has the lots "seed:7:1", "seed:7:2" and "seed:7:3"; the SHA-256 of each is where it lies in the heap,
and the smallest of theirs is where they stand. So three lots are three chances, and whoever has no lot comes after all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

LOTS_MOST = 6  # for whoever has not served lately
SERVED_MOST = 4  # services that take a lot each
ABSENCE_TAKES = 2


@dataclass(frozen=True)
class Entry:
    """Somebody in the draw: the number they were given, and how many lots they have."""

    number: int
    lots: int


def fingerprint(seed: str) -> str:
    """What is published before the draw, and what the published seed must come to."""
    return sha256(seed.encode()).hexdigest()


def lots(served: int, missed: int) -> int:
    """How many lots somebody has: fewer recent services give more, an absence takes two; everybody has one."""
    return max(1, LOTS_MOST - min(served, SERVED_MOST) - ABSENCE_TAKES * missed)


def best(seed: str, entry: Entry) -> str:
    """The smallest of somebody's lots, as it is written in the list."""
    last = max(entry.lots, 1)
    return min(sha256(f"{seed}:{entry.number}:{n}".encode()).hexdigest() for n in range(1, last + 1))


def order(seed: str, entries: Iterable[Entry]) -> list[Entry]:
    """Everybody in the order drawn; whoever has no lot after all who have."""
    return sorted(entries, key=lambda one: (one.lots == 0, best(seed, one), one.number))
