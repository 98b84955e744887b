"""Who came to a day: told by the features that see people come, asked when a day closes or somebody wants to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Witness = Callable[[int], Iterable[int]]
_witnesses: list[Witness] = []


def witness(tell: Witness) -> Witness:
    """Have `tell(day id)` asked which volunteers were seen on a day; check-in registers itself here."""
    _witnesses.append(tell)
    return tell


def came(day_id: int) -> set[int]:
    """The volunteers who were seen on a day."""
    return {volunteer_id for tell in _witnesses for volunteer_id in tell(day_id)}
