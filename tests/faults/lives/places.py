"""Who has a place on a day, who waits, and what is offered to whom, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults.lives.purses import No, Purses

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Record:
    """Hours of a stay."""

    minutes: int
    points: int
    blocks: int
    state: str
    at: datetime
    beyond: int = 0  # what can only be given


@dataclass
class Stay:
    id: int
    who: int
    day: int
    in_at: datetime
    in_how: str
    state: str
    points: int = 0
    out_at: datetime | None = None
    out_how: str | None = None
    minutes: int | None = None
    grade: str | None = None
    record: Record | None = None
    waits_undone: bool = False


@dataclass
class Kept:
    """A scan that a device kept without signal, and what became of it."""

    who: int
    day: int
    seen: datetime
    way: str | None
    outcome: str = ""
    code: str | None = None


@dataclass
class Day:
    id: int
    town: int
    flat: int  # points at the door; 0 is paid by time
    starts: datetime
    ends: datetime
    capacity: int
    state: str = "open"
    review: str | None = None
    seats: dict[int, str] = field(default_factory=dict)
    queue: list[int] = field(default_factory=list)
    kept: dict[int, datetime] = field(default_factory=dict)  # until when a place is kept for whom
    paid: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # who holds the day's flat points, of both kinds

    @property
    def taken(self) -> int:
        return sum(seat in ("accepted", "offered", "no_show") for seat in self.seats.values())


@dataclass
class Places(Purses):
    """Days, the places on them, and who came."""

    days: dict[int, Day] = field(default_factory=dict)
    stays: dict[int, Stay] = field(default_factory=dict)

    def sign_up(self, who: int, day: Day) -> str:
        seat = day.seats.get(who)
        if seat in ("accepted", "waitlisted"):
            return seat
        if seat == "offered":
            if self.now > day.kept[who]:
                raise No("signup.offer_lapsed")
            return self._seat(who, day, "accepted")
        if day.state == "cancelled":
            raise No("signup.cancelled")
        if day.state == "closed" or self.now > min(day.starts + 30 * MINUTE, day.ends):
            raise No("signup.closed")
        for other in self.days.values():
            if (
                other is not day
                and other.state != "cancelled"
                and other.seats.get(who) in ("accepted", "offered", "waitlisted")
                and other.starts < day.ends
                and other.ends > day.starts
            ):
                raise No("signup.overlaps")
        return self._seat(who, day, "accepted" if day.taken < day.capacity else "waitlisted")

    def leave(self, who: int, day: Day, reason: bool) -> str:
        seat = day.seats.get(who)
        if seat is None:
            raise No("signup.none")
        if seat in ("left", "lapsed", "cancelled"):
            return seat
        if self.now >= day.starts:
            raise No("signup.begun")
        if any(
            stay.who == who and stay.day == day.id and stay.state != "void" for stay in self.stays.values()
        ):
            raise No("signup.here")
        if seat == "accepted" and self.now > day.starts - 24 * HOUR and not reason:
            raise No("signup.reason")
        self._seat(who, day, "left")
        if seat in ("accepted", "offered"):
            self._offer(day)
        return "left"

    def resize(self, day: Day, capacity: int) -> None:
        if day.state == "cancelled":
            raise No("day.cancelled")
        if day.state == "closed":
            raise No("day.begun")
        if capacity < max(day.taken, 1):
            raise No("day.too_small")
        day.capacity = capacity
        self._offer(day)

    def call_off(self, day: Day) -> None:
        if day.state == "cancelled":
            return
        if day.state == "closed" or self.now >= day.starts:
            raise No("day.begun")
        day.state = "cancelled"
        for who, seat in day.seats.items():
            if seat in ("accepted", "offered", "waitlisted"):
                day.seats[who] = "cancelled"
        day.queue.clear()

    def let_go(self) -> None:
        """Offers nobody answered in time go to the next."""
        for day in self.days.values():
            gone = [who for who, seat in day.seats.items() if seat == "offered" and self.now > day.kept[who]]
            for who in gone:
                day.seats[who] = "lapsed"
            if gone:
                self._offer(day)

    def _offer(self, day: Day) -> None:
        if day.state == "open" and self.now <= day.starts - 2 * HOUR:
            while day.queue and day.taken < day.capacity:
                who = day.queue.pop(0)
                day.seats[who], day.kept[who] = "offered", _kept_until(self.now, day.starts)

    def _seat(self, who: int, day: Day, seat: str) -> str:
        if who in day.queue:
            day.queue.remove(who)
        if seat == "waitlisted":
            day.queue.append(who)
        day.seats[who] = seat
        return seat


def _kept_until(now: datetime, starts: datetime) -> datetime:
    """A day, six hours or one, by how near the day is; not in the night, not past the start."""
    away = starts - now
    until = now + (24 if away >= 72 * HOUR else 6 if away >= 24 * HOUR else 1) * HOUR
    if until.hour >= 22:
        until = (until + 24 * HOUR).replace(hour=8, minute=0, second=0, microsecond=0)
    elif until.hour < 8:
        until = until.replace(hour=8, minute=0, second=0, microsecond=0)
    return min(until, starts)
