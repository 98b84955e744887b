"""What the check-ins of one day show. Pure: no database, no clock; what is found is a reason to look, no proof.

The signs are those by which sold hours were found elsewhere: one phone for several people, somebody recording himself,
codes scanned faster than hands move, everybody staying exactly as long, people who come at night, a leader all alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PHONE_PEOPLE = 3
PHONE_WITHIN = timedelta(minutes=10)
BURST_PEOPLE = 6
BURST_APART = timedelta(seconds=2)
SAME_LEAST = 10
SAME_SHARE = 0.95
NIGHT_FROM, NIGHT_TO = 23, 5
NIGHT_PEOPLE = 3
#: Read by a person's device, one after the other.
BY_HAND = ("pass", "card", "number", "kept")
#: Ends that nobody measured: closed by the roll, or written on paper in round figures.
UNMEASURED = ("roll", "auto", "sheet", "manual")


@dataclass(frozen=True)
class Stay:
    """A stay, as far as the signs go."""

    volunteer_id: int
    in_at: datetime
    in_how: str
    in_by: int | None = None
    out_at: datetime | None = None
    out_how: str | None = None
    out_by: int | None = None
    device: str | None = None


@dataclass(frozen=True)
class Sign:
    """One sign: its kind, what it is about within the day, the figures, and who."""

    kind: str
    about: str
    facts: dict[str, Any] = field(default_factory=dict)
    people: tuple[int, ...] = ()


def of_day(
    stays: Sequence[Stay],
    *,
    leaders: Iterable[int] = (),
    shown: Mapping[int, Sequence[int]] | None = None,
    over: bool = False,
) -> list[Sign]:
    """Every sign a day shows: its stays that are not void, who leads there, and whether it has ended.

    `shown` tells on which relatives' phones somebody's pass was opened that day: volunteer → helpers.
    """
    shown = shown or {}
    found = [
        *_phones(stays),
        *_helpers(stays, shown),
        *_own_hands(stays, shown),
        *_bursts(stays),
        *_nights(stays),
    ]
    if over:
        found += [*_same_minutes(stays), *_alone(stays, set(leaders))]
    return found


def _phones(stays: Sequence[Stay]) -> Iterator[Sign]:
    for device, theirs in _by(stays, lambda one: one.device).items():
        together = _within(sorted(theirs, key=lambda one: one.in_at))
        if len(together) >= PHONE_PEOPLE:
            yield Sign("one_phone", device[:16], {"people": len(together)}, tuple(sorted(together)))


def _within(theirs: Sequence[Stay]) -> set[int]:
    """All who share a phone with enough others in ten minutes."""
    found: set[int] = set()
    for n, first in enumerate(theirs):
        crowd = {one.volunteer_id for one in theirs[n:] if one.in_at - first.in_at <= PHONE_WITHIN}
        if len(crowd) >= PHONE_PEOPLE:
            found |= crowd
    return found


def _helpers(stays: Sequence[Stay], shown: Mapping[int, Sequence[int]]) -> Iterator[Sign]:
    """One relative's phone that stood for several people at the gate."""
    there = {one.volunteer_id for one in stays if one.in_how in BY_HAND}
    told: dict[int, set[int]] = defaultdict(set)
    for who in there:
        for helper in shown.get(who, ()):
            told[helper].add(who)
    for helper, people in sorted(told.items()):
        if len(people) >= PHONE_PEOPLE:
            yield Sign("helper", str(helper), {"people": len(people)}, tuple(sorted(people)))


def _own_hands(stays: Sequence[Stay], shown: Mapping[int, Sequence[int]]) -> Iterator[Sign]:
    """Whoever was recorded by himself, or by the relative on whose phone his pass was shown."""
    own = {
        one.volunteer_id
        for one in stays
        if {one.volunteer_id, *shown.get(one.volunteer_id, ())} & {one.in_by, one.out_by}
    }
    for who in sorted(own):
        yield Sign("own_hand", str(who), {}, (who,))


def _bursts(stays: Sequence[Stay]) -> Iterator[Sign]:
    read = [one for one in stays if one.in_how in BY_HAND]
    for hand, theirs in _by(read, lambda one: one.in_by).items():
        run: list[Stay] = []
        fast: set[int] = set()
        for one in sorted(theirs, key=lambda one: one.in_at):
            if run and one.in_at - run[-1].in_at >= BURST_APART:
                run = []
            run.append(one)
            if len(run) >= BURST_PEOPLE:
                fast |= {each.volunteer_id for each in run}
        if fast:
            yield Sign("too_fast", str(hand), {"people": len(fast)}, tuple(sorted(fast)))


def _nights(stays: Sequence[Stay]) -> Iterator[Sign]:
    late = {one.volunteer_id for one in stays if one.in_at.hour >= NIGHT_FROM or one.in_at.hour < NIGHT_TO}
    if len(late) >= NIGHT_PEOPLE:
        yield Sign("night", "day", {"people": len(late)}, tuple(sorted(late)))


def _same_minutes(stays: Sequence[Stay]) -> Iterator[Sign]:
    """Minutes from door to door: what counts is cut to the planned time, and is alike for everybody."""
    spans = [
        round((one.out_at - one.in_at).total_seconds() / 60)
        for one in stays
        if one.out_at is not None and not {one.in_how, one.out_how} & {*UNMEASURED}
    ]
    if len(spans) >= SAME_LEAST:
        minutes, often = Counter(spans).most_common(1)[0]
        if often > SAME_SHARE * len(spans):
            yield Sign("same_minutes", "day", {"people": often, "of": len(spans), "minutes": minutes})


def _alone(stays: Sequence[Stay], leaders: set[int]) -> Iterator[Sign]:
    there = {one.volunteer_id for one in stays}
    if len(there) == 1 and there <= leaders:
        yield Sign("alone", "day", {}, tuple(there))


def _by(stays: Iterable[Stay], what: Callable[[Stay], Any]) -> dict[Any, list[Stay]]:
    groups: dict[Any, list[Stay]] = defaultdict(list)
    for one in stays:
        if (key := what(one)) is not None:
            groups[key].append(one)
    return groups
