"""What the platform must do about points that are given: to projects, to family, and on their last evening."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults.lives.purses import No, Parts, Purses

UNDO = timedelta(minutes=10)
LEAST, FAMILY_MONTH = 10, 200
#: What the pool of a side is called before the platform has given it a number.
Pool = str


@dataclass
class Project:
    goal: int
    stops: bool
    state: str = "open"
    filled: int = 0


@dataclass
class Gift:
    who: int
    to: int | Pool
    at: datetime
    beyond: Parts  # of what could only be given
    plain: Parts
    undone: bool = False

    @property
    def points(self) -> int:
        return sum(part for _month, part in self.beyond + self.plain)


@dataclass
class Handed:
    """Points to one of the family."""

    who: int
    to: int
    at: datetime
    parts: Parts
    undone: bool = False

    @property
    def points(self) -> int:
        return sum(part for _month, part in self.parts)


@dataclass
class Kindness(Purses):
    """Projects, gifts, family, what is chosen for the last evening."""

    projects: dict[int, Project] = field(default_factory=dict)
    gifts: dict[int, Gift] = field(default_factory=dict)
    family: set[frozenset[int]] = field(default_factory=set)
    handed: dict[int, Handed] = field(default_factory=dict)
    chosen: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)  # who, month → way, project
    given_at_the_end: set[tuple[int, str]] = field(default_factory=set)

    def given(self) -> dict[int | Pool, int]:
        sums: dict[int | Pool, int] = {}
        for one in self.gifts.values():
            sums[one.to] = sums.get(one.to, 0) + (0 if one.undone else one.points)
        return {to: points for to, points in sums.items() if points}

    def give(self, who: int, to: int, points: int) -> Gift:
        self._takes(to)
        project = self.projects[to]
        left = project.goal - project.filled if project.stops else points
        if points < (min(LEAST, left) if project.stops else LEAST):
            raise No("giving.too_few")
        if points > left:
            raise No("giving.full")
        if self.balance(who) + self._beyond(who) < points:
            raise No("ledger.insufficient")
        return self._give(who, to, points)

    def undo_gift(self, gift: Gift) -> str:
        if gift.undone:
            return "again"
        self._in_time(gift.at)
        gift.undone = True
        for kind, parts in ((self.surplus, gift.beyond), (self.purses, gift.plain)):
            for month, part in parts:
                self.put(kind, (gift.who, month), part)
        if (project := self.projects.get(gift.to)) and project.stops:  # type: ignore[call-overload]
            project.filled -= gift.points
            project.state = "open" if project.state == "reached" else project.state
        return "ok"

    def close_project(self, project: Project) -> str:
        if project.state == "closed":
            return "again"
        project.state = "closed"
        return "ok"

    # ── family ──

    def hand(self, who: int, to: int, points: int) -> Handed:
        if frozenset((who, to)) not in self.family:
            raise No("family.not_linked")
        if not LEAST <= points <= FAMILY_MONTH:
            raise No("family.range")
        mine = [one for one in self.handed.values() if not one.undone and f"{one.at:%Y-%m}" == self.month]
        if points > FAMILY_MONTH - sum(one.points for one in mine if one.who == who):
            raise No("family.given_enough")
        if points > FAMILY_MONTH - sum(one.points for one in mine if one.to == to):
            raise No("family.got_enough")
        if self.balance(to) + points > self.ruled(self.now.date()).balance:
            raise No("family.holds_enough")
        if self.balance(who) < points:
            raise No("ledger.insufficient")
        parts = self.take(self.purses, who, points)
        for month, part in parts:
            self.put(self.purses, (to, month), part)
        return Handed(who, to, self.now, parts)

    def undo_handed(self, gift: Handed) -> str:
        if gift.undone:
            return "again"
        self._in_time(gift.at)
        if any(self.purses.get((gift.to, month), 0) < part for month, part in gift.parts):
            raise No("family.used")
        gift.undone = True
        for month, part in gift.parts:
            self.purses[gift.to, month] -= part
            self.put(self.purses, (gift.who, month), part)
        return "ok"

    # ── the last evening ──

    def choose(self, who: int, way: str, month: str, project: int) -> str:
        if month and not self._ends(who, month):
            raise No("ending.month")
        if way == "project":
            self._takes(project)
        self.chosen[who, month] = (way, project)
        return "ok"

    def give_what_ends(self, pool_of: dict[int, Pool]) -> list[Gift]:
        """What goes on the last evening of this month, person by person."""
        made: list[Gift] = []
        for who in sorted({who for who, month in self.chosen if month in ("", self.month)}):
            way, to = self.chosen.get((who, self.month)) or self.chosen[who, ""]
            whole = self._ends(who, self.month)
            if way == "spend" or (who, self.month) in self.given_at_the_end or not whole:
                continue
            self.given_at_the_end.add((who, self.month))
            part = 0
            if way == "project" and self.projects[to].state == "open":
                project = self.projects[to]
                part = min(whole, project.goal - project.filled) if project.stops else whole
                made.append(self._give(who, to, part, self.month))
            if whole > part:
                made.append(self._give(who, pool_of[who], whole - part, self.month))
        return made

    def _give(self, who: int, to: int | Pool, points: int, only: str | None = None) -> Gift:
        beyond = self.take(self.surplus, who, points, only)
        rest = points - sum(part for _month, part in beyond)
        gift = Gift(who, to, self.now, beyond, self.take(self.purses, who, rest, only))
        if (project := self.projects.get(to)) and project.stops:  # type: ignore[call-overload]
            project.filled += points
            project.state = "reached" if project.filled == project.goal else project.state
        return gift

    def _takes(self, to: int) -> None:
        if self.projects[to].state != "open":
            raise No("giving.full" if self.projects[to].state == "reached" else "giving.closed")

    def _in_time(self, at: datetime) -> None:
        if self.now - at > UNDO or f"{at:%Y-%m}" != self.month:
            raise No("giving.undo_late")

    def _beyond(self, who: int) -> int:
        return sum(left for (one, month), left in self.surplus.items() if one == who and month >= self.month)

    def _ends(self, who: int, month: str) -> int:
        """What somebody has that ends with a month, both kinds; nothing of a past one."""
        if month < self.month:
            return 0
        return self.purses.get((who, month), 0) + self.surplus.get((who, month), 0)
