"""What the platform must do at a place, in plain Python: no database, none of its code.

Every act returns what the caller is told: "ok" when it did something, "again" when it had been done, else the code of
the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.faults.lives.bills import Bills
from tests.faults.lives.kindness import Kindness
from tests.faults.lives.places import HOUR, MINUTE, Day, Kept, Places, Record, Stay
from tests.faults.lives.purses import No

SCANS = ("wall", "pass", "card", "kept")
BLOCK = 30
DAY_MINUTES, DAY_POINTS, MONTH_POINTS = 480, 128, 1_280


@dataclass
class Town(Bills, Kindness, Places):
    """Everything there is."""

    scans: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # scan → stay, who, day
    kept: dict[str, Kept] = field(default_factory=dict)
    met: int = -1  # the stay the last scan was about

    # ── the gate ──

    def scan(self, who: int, day: Day, how: str, scan: str, at: datetime, way: str | None = None) -> str:
        """What a scan does; the stay it makes is numbered by `seen` afterwards."""
        if scan in self.scans:
            met, holder, where = self.scans[scan]
            if (holder, where) != (who, day.id):
                raise No("checkin.scan_reused")
            self.met = met
            return "again"
        if day.state == "cancelled":
            raise No("checkin.cancelled")
        late, by_hand = how in SCANS and self.now - at > 3 * MINUTE, how == "manual"
        mine = [s for s in self.stays.values() if (s.who, s.day) == (who, day.id) and s.state != "void"]
        last = max(mine, key=lambda one: one.id, default=None)
        self.met = last.id if last else -1
        out_opens, out_closes = max(day.ends - 15 * MINUTE, day.starts), day.ends + HOUR
        if last is not None and last.out_at is None:
            if way == "in":
                return "again"
            if way == "out" or last.state in ("open", "to_confirm"):
                if at < out_opens and not by_hand:
                    return "again"
                if at > out_closes and not by_hand:
                    raise No("checkin.closed")
                self._out(last, day, how, scan, at, late)
                return "out"
        if last is not None and (at >= out_opens or len(mine) >= 3):
            return "again"
        seated = day.seats.get(who) in ("accepted", "no_show")
        kept = day.seats.get(who) == "offered"  # and whoever is kept a place has answered by coming
        if not seated and not kept and not day.flat:  # who is paid at the door may walk in
            raise No("checkin.not_signed_up")
        if not by_hand and not day.starts - 30 * MINUTE <= at <= min(day.starts + 30 * MINUTE, day.ends):
            raise No("checkin.closed")
        if any(s.who == who and s.day != day.id and s.state == "open" for s in self.stays.values()):
            raise No("checkin.elsewhere")
        if not seated:
            if not kept and day.taken >= day.capacity:
                raise No("signup.full")
            self._seat(who, day, "accepted")
        self.met = -1
        stay = Stay(-1, who, day.id, at, how, "to_confirm" if late else "open")
        if day.flat and not late and how in SCANS and not mine:
            stay.points = self.fits(who, day.flat, day.starts.date())[0]
            self._pay_flat(day, who)
        self.stays[-1] = stay
        self.scans[scan] = (-1, who, day.id)
        return "in"

    def seen(self, stay_id: int) -> None:
        """Give the stay that has just been made the number the platform gave it."""
        made = self.stays.pop(-1)
        made.id = stay_id
        self.stays[stay_id] = made
        for scan, (stay, who, day) in self.scans.items():
            if stay == -1:
                self.scans[scan] = (stay_id, who, day)

    def _out(self, stay: Stay, day: Day, how: str, scan: str, at: datetime, late: bool) -> None:
        proven = stay.in_how in SCANS and how in SCANS and not late and stay.state == "open"
        stay.minutes = self._minutes(day, stay.in_at, at)
        stay.state = "closed" if proven else "to_confirm" if late or stay.state == "to_confirm" else "stale"
        stay.out_at, stay.out_how, stay.grade = max(at, stay.in_at), how, "A" if proven else None
        self.scans[scan] = (stay.id, stay.who, day.id)
        if proven:
            self._record(stay, day, "A")

    @staticmethod
    def _minutes(day: Day, came: datetime, left: datetime) -> int:
        return max(0, (min(left, day.ends) - max(came, day.starts)) // MINUTE)

    def _record(self, stay: Stay, day: Day, grade: str) -> None:
        minutes, on = stay.minutes or 0, day.starts.date()
        mine = [
            (self.days[s.day].starts.date(), s.record)
            for s in self.stays.values()
            if s.who == stay.who and s.record and s.record.state != "reversed"
        ]
        today = [record for when, record in mine if when == on]
        month = [record for when, record in mine if on.replace(day=1) <= when <= on]
        blocks = 0
        if not day.flat and grade != "C" and minutes * 10 >= (day.ends - day.starts) // MINUTE * 6:
            room = max(0, DAY_MINUTES - BLOCK * sum(one.blocks for one in today)) // BLOCK
            blocks = min(minutes // BLOCK, room)
        worth = blocks * self.ruled(on).per_hour * BLOCK // 60
        year = sum(record.points for when, record in mine if on.replace(month=1, day=1) <= when <= on)
        points, beyond = self.fits(stay.who, worth, on, year)
        much = points and (
            sum(one.points for one in today) + points > DAY_POINTS
            or sum(one.points for one in month) + points > MONTH_POINTS
        )
        waits = day.review == "held" or sum(one.minutes for one in today) + minutes > DAY_MINUTES or much
        stay.record = Record(
            minutes, points, blocks, "provisional" if waits else "confirmed", self.now, beyond
        )
        if not waits:
            self.earn(stay.who, points, beyond, on)

    def _pay_flat(self, day: Day, who: int) -> int:
        if who in day.paid:
            return 0
        day.paid[who] = self.fits(who, day.flat, day.starts.date())
        self.earn(who, *day.paid[who], day.starts.date())
        return day.paid[who][0]

    def keep(self, batch: dict[str, Kept], number: Callable[[Stay], int]) -> dict[str, str]:
        """What an upload answers, scan by scan; `number` tells the number of a stay just made."""
        said = {}
        for name, one in sorted(batch.items(), key=lambda pair: pair[1].seen):
            known = self.kept.get(name)
            if known is None:
                self.kept[name] = one
                self._settle_kept(name, one, number)
                said[name] = one.outcome
            else:
                said[name] = "repeated" if known.outcome == "recorded" else known.outcome
        if {"recorded", "to_confirm"} & set(said.values()):
            days = {one.day for one in batch.values()}
            parked = [
                (one.seen, name)
                for name, one in self.kept.items()
                if one.day in days and (one.outcome, one.code) == ("parked", "checkin.closed")
            ]
            for _seen, name in sorted(parked):
                self._settle_kept(name, self.kept[name], number)
        return said

    def _settle_kept(self, name: str, one: Kept, number: Callable[[Stay], int]) -> None:
        day = self.days[one.day]
        out_opens = max(day.ends - 15 * MINUTE, day.starts)
        if self.now > day.ends + 73 * HOUR:
            one.outcome, one.code = "parked", "checkin.late_review"
            return
        over = [
            s
            for s in self.stays.values()
            if (s.who, s.day) == (one.who, day.id) and s.state != "void" and s.out_at and s.out_at >= one.seen
        ]
        if one.way != "out" and one.seen < out_opens and over:
            self._earlier(min(over, key=lambda s: s.id), day, one.seen)
            one.outcome, one.code = "repeated", None
            return
        try:
            did = self.scan(one.who, day, "kept", name, one.seen, one.way)
        except No as no:
            one.outcome, one.code = "parked", str(no)
            return
        one.code = None
        if did == "in":
            self.seen(number(self.stays[-1]))
            one.outcome = "to_confirm" if self.now - one.seen > 3 * MINUTE else "recorded"
        elif did == "out":
            one.outcome = "recorded" if self.stays[self.met].state == "closed" else "to_confirm"
        else:
            self._earlier(self.stays[self.met], day, one.seen)
            one.outcome = "repeated"

    def _earlier(self, stay: Stay, day: Day, seen: datetime) -> None:
        """Two devices saw the same person: the earlier sight stands while nothing is recorded from it."""
        if stay.state != "to_confirm" or "kept" not in (stay.in_how, stay.out_how):
            return
        if day.starts - 30 * MINUTE <= seen < stay.in_at and seen <= min(day.starts + 30 * MINUTE, day.ends):
            stay.in_at = seen
        elif stay.out_at is not None and max(day.ends - 15 * MINUTE, day.starts) <= seen < stay.out_at:
            stay.out_at = max(seen, stay.in_at)
        if stay.out_at is not None:
            stay.minutes = self._minutes(day, stay.in_at, stay.out_at)

    # ── the organiser and the office ──

    def confirm(self, day: Day, people: list[int]) -> list[int]:
        if self.now < day.ends:
            raise No("roll.early")
        if self.now > day.ends + 72 * HOUR:
            raise No("roll.late")
        here = sorted(
            (s for s in self.stays.values() if s.day == day.id and s.state != "void"), key=lambda s: s.id
        )
        waiting = [s for s in here if s.who in people and s.state in ("open", "stale", "to_confirm")]
        by_hand = sum("manual" in (s.in_how, s.out_how) for s in here)
        if waiting and day.review is None and by_hand > 1 and by_hand * 100 > len(here) * 5:
            day.review = "held"
        for stay in waiting:
            scans = (stay.in_how in SCANS) + (stay.out_how in SCANS)
            stay.grade, stay.state = ("C", "B", "A")[scans], "confirmed"
            stay.minutes = self._minutes(day, stay.in_at, stay.out_at or day.ends)
            if stay.out_at is None:
                stay.out_at, stay.out_how = max(day.ends, stay.in_at), "roll"
            if day.flat and scans and not stay.points:
                stay.points = self._pay_flat(day, stay.who)
            self._record(stay, day, stay.grade)
        return sorted({stay.who for stay in waiting})

    def clear(self, day: Day) -> None:
        """The office has looked at a day that waited."""
        if day.review != "held":
            return
        day.review, on = "cleared", day.starts.date()
        for stay in sorted((s for s in self.stays.values() if s.day == day.id), key=lambda s: s.id):
            if stay.record is not None and stay.record.state == "provisional":
                whole = sum(
                    s.record.minutes
                    for s in self.stays.values()
                    if s.who == stay.who
                    and s.record
                    and s.record.state != "reversed"
                    and self.days[s.day].starts.date() == on
                )
                if whole <= DAY_MINUTES:
                    stay.record.state = "confirmed"
                    self._pay_late(stay.who, stay.record, on)

    def _pay_late(self, who: int, record: Record, on: date) -> None:
        """What waited may no longer fit."""
        year = sum(
            s.record.points
            for s in self.stays.values()
            if s.who == who and s.record and s.record is not record and s.record.state != "reversed"
            and self.days[s.day].starts.year == on.year
        )  # fmt: skip
        record.points, record.beyond = self.fits(who, record.points + record.beyond, on, year)
        self.earn(who, record.points, record.beyond, on)

    def reverse(self, stay: Stay) -> str:
        if stay.state == "void" or stay.waits_undone:
            return "again"
        since = stay.record.at if stay.record else stay.out_at or stay.in_at
        if self.now - since > 24 * HOUR:
            stay.waits_undone = True
            return "waits for a second person"
        day = self.days[stay.day]
        counted = stay.record if stay.record and stay.record.state == "confirmed" else None
        points, beyond = (counted.points, counted.beyond) if counted else (0, 0)
        alone = not any(
            other is not stay and (other.who, other.day, other.state == "void") == (stay.who, stay.day, False)
            for other in self.stays.values()
        )
        flat = day.paid.get(stay.who) if stay.points or alone else None
        if flat:
            points, beyond = points + flat[0], beyond + flat[1]
        self.unearn(stay.who, points, beyond, day.starts.date())
        if flat:
            del day.paid[stay.who]
        if stay.record:
            stay.record.state = "reversed"
        stay.state = "void"
        return "ok"

    def forget(self) -> None:
        """The night closes the stays of whoever never checked out."""
        for stay in self.stays.values():
            if stay.state == "open" and self.days[stay.day].ends < self.now - HOUR:
                stay.state = "stale"

    def close(self) -> None:
        """Days that are over close; nothing is said of whoever had a place and was not seen, until the roll stands."""
        for day in self.days.values():
            if day.state == "open" and self.now > day.ends + HOUR:
                day.state = "closed"
                for who, seat in day.seats.items():
                    if seat == "waitlisted":
                        day.seats[who] = "cancelled"
                    elif seat == "offered":
                        day.seats[who] = "lapsed"
                day.queue.clear()
