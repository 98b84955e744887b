"""The policy numbers, and what they make of an hour served. Pure: moments and minutes are given, no database.

Points are whole and every step is in whole numbers; coefficients are tenths (12 is 1.2). Each award keeps its
formula, so that it can be explained years later under the rules it was made with.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from volunteer.ledger.formula import explain, say_tenths

__all__ = [
    "Grade",
    "Share",
    "Tariff",
    "Tier",
    "Window",
    "Worth",
    "explain",
    "say_tenths",
    "tenths",
]

Grade = Literal["A", "B", "C"]
Tier = Literal["auto", "community", "street"]


@dataclass(frozen=True)
class Window:
    """From `opens` to `closes`, both moments included."""

    opens: datetime
    closes: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.opens <= at <= self.closes


@dataclass(frozen=True)
class Worth:
    """What a record pays: points, the minutes of the day's allowance they used, and the formula to keep."""

    points: int
    minutes_paid: int
    formula: dict[str, Any]


@dataclass(frozen=True)
class Share:
    """How much of a day's task somebody did: `done` of `of` checkpoints, and how many of those need a look."""

    done: int
    of: int
    doubtful: int = 0


@dataclass(frozen=True)
class Tariff:
    """One version of the rule set. The defaults are those of the scheme; a version changes some of them."""

    version: int = 1

    points_per_hour: int = 10
    credit_block_minutes: int = 30
    coefficients: tuple[int, ...] = (10, 12, 14)
    coefficient_leader: int = 2
    coefficient_max: int = 16
    min_ratio_for_points: Decimal = Decimal("0.6")
    #: From this part of a patrol's checkpoints on the whole stay counts.
    share_for_full: Decimal = Decimal("0.8")
    points_daily_minutes_cap: int = 480
    #: A full day at the highest coefficient; above it somebody looks first, 0 is off.
    points_daily_cap: int = 128
    points_monthly_cap: int = 1_280
    team_monthly_points: int = 50_000  # a team's awards in a month before its days wait; 0 is off
    grade_points_ratio: Mapping[str, Decimal] = field(
        default_factory=lambda: {"A": Decimal(1), "B": Decimal(1), "C": Decimal(0)}
    )

    daily_auto_minutes: int = 480
    daily_admin_minutes: int = 720
    sessions_per_activity_day: int = 3
    checkin_open: int = -30  # minutes from the planned start
    checkin_close: int = 30
    checkout_open: int = -15  # minutes from the planned end
    checkout_close: int = 60
    qr_period_seconds: int = 15
    geofence_metres: int = 0  # 0 is off
    roster_confirm_hours: int = 72

    supplement_window_days: int = 7
    publicity_days: int = 3
    supplement_points_ratio: Decimal = Decimal(0)

    points_ttl_months: int = 24
    balance_cap_points: int = 15_000
    annual_cap_points: int = 5_000  # what hours served in a year bring to spend, 500 of them; 0 is off
    release_min_days: int = 30
    redeem_min_hours: int = 0
    min_account_days: int = 0
    item_limit_per_person: int = 2
    voucher_days: int = 90
    #: How much of a statement may go to the partner's own volunteers.
    circulation_percent: int = 50
    cover_warn_percent: int = 120  # rewards on the shelf to points people hold; below it a plan is warned of
    cover_block_percent: int = 100  # below it nothing new pays more than an ordinary hour; 0 is off
    redemptions_per_partner_day: int = 0  # vouchers a person may use at one partner in a day; 0 is off
    merchant_strikes: int = 3
    merchant_strike_months: int = 12

    noshow_limit: int = 3
    noshow_days: int = 90
    noshow_pause_days: int = 30
    max_teams: int = 5
    members_per_admin: int = 100
    star_hours: tuple[int, ...] = (100, 300, 600, 1000, 1500)
    star_min_days: tuple[int, ...] = (182, 182, 365, 365, 730)

    @classmethod
    def from_params(cls, params: Mapping[str, Any], version: int = 1) -> Tariff:
        """The defaults with these changes, as a rule set keeps them: {"coefficients": [1.0, 1.2], "voucher_days": 60}.

        :raises BadTariff: for a name we do not have, a value out of its range, or points that would not be whole
        """
        from volunteer.ledger import params as reading  # it reads into a Tariff, so it stands on this file

        return reading.read(params, version)

    # ── what an hour is worth ──

    @property
    def points_per_block(self) -> int:
        return self.points_per_hour * self.credit_block_minutes // 60

    def blocks(self, minutes: int) -> int:
        """How many whole blocks the minutes hold; what is left over is recorded but not paid."""
        if minutes < 0:
            raise ValueError("minutes below zero")
        return minutes // self.credit_block_minutes

    def coefficient(self, difficulty: int = 10, leader: bool = False) -> int:
        """The coefficient in tenths: the difficulty, more for whoever leads, never above the highest."""
        return min(difficulty + (self.coefficient_leader if leader else 0), self.coefficient_max)

    def in_full(self, share: Share) -> bool:
        """Whether so much of the task was done that the whole stay counts."""
        return share.done >= share.of * self.share_for_full

    def counted(self, minutes: int, share: Share | None) -> int:
        """The minutes of a stay that count: all of them, or in whole blocks as much of them as of the task was done."""
        if share is None or self.in_full(share):
            return minutes
        return self.blocks(minutes * share.done // share.of) * self.credit_block_minutes

    def worth(
        self,
        minutes: int,
        planned_minutes: int,
        coefficient: int = 10,
        grade: Grade = "A",
        leader: bool = False,
        minutes_already_paid_today: int = 0,
        stayed: int | None = None,
    ) -> Worth:
        """What `minutes` served of a shift are worth today, and why; `coefficient` is the difficulty in tenths.

        `stayed` are the minutes somebody was there, where fewer of them count: being there is what the least part of
        the shift is asked of.
        """
        ratio = self.grade_points_ratio[grade]
        room = self.blocks(max(0, self.points_daily_minutes_cap - minutes_already_paid_today))
        whole = self.blocks(minutes)
        blocks = min(whole, room)
        total = self.coefficient(coefficient, leader)
        points = int(blocks * self.points_per_block * total * ratio / 10)
        reason = self._zero(minutes if stayed is None else stayed, planned_minutes, grade, whole, room)
        if reason:
            blocks = points = 0
        formula: dict[str, Any] = {
            "kind": "time",
            "rule": self.version,
            "minutes": minutes,
            "planned": planned_minutes,
            "grade": grade,
            "blocks": blocks,
            "block_minutes": self.credit_block_minutes,
            "per_block": self.points_per_block,
            "coefficient": say_tenths(total),
            "points": points,
        }
        if leader and total > coefficient:
            formula["leader"] = say_tenths(total - coefficient)
        if ratio != 1 and not reason:
            formula["ratio"] = f"{ratio.normalize():f}"
        if reason:
            formula["reason_zero"] = reason
        if reason == "ratio":
            formula["min_ratio"] = f"{self.min_ratio_for_points.normalize():f}"
        if reason == "cap" or (whole > blocks and not reason):
            formula["cap_minutes"] = self.points_daily_minutes_cap
        return Worth(points, blocks * self.credit_block_minutes, formula)

    def _zero(self, minutes: int, planned: int, grade: Grade, whole: int, room: int) -> str | None:
        if not self.grade_points_ratio[grade]:
            return "grade"
        if minutes < planned * self.min_ratio_for_points:
            return "ratio"
        if whole == 0:
            return "short"
        return "cap" if room == 0 else None

    def flat(self, points: int, grade: Grade = "A") -> Worth:
        """What an activity pays that gives the same to everyone at check-in, however long they stay."""
        formula: dict[str, Any] = {"kind": "flat", "rule": self.version, "grade": grade, "points": points}
        if not self.grade_points_ratio[grade]:
            formula |= {"points": 0, "reason_zero": "grade"}
        return Worth(formula["points"], 0, formula)

    def capped(self, worth: Worth, balance: int, this_year: int | None = None) -> Worth:
        """What of it may be spent, under the most one may hold and the most the hours of a year bring.

        What does not fit is not lost: the formula says how much of it can only be given (`surplus`). The hours are
        recorded all the same. `this_year` is None where no hours are paid.
        """
        earned = int(worth.formula.get("earned", worth.points))
        plain = {name: value for name, value in worth.formula.items() if name not in _LIMITED}
        if plain.get("reason_zero") == "full":
            del plain["reason_zero"]
        held = max(0, self.balance_cap_points - balance)
        year = held
        if self.annual_cap_points and this_year is not None:
            year = max(0, self.annual_cap_points - this_year)
        room = min(held, year)
        if earned <= room:
            return Worth(earned, worth.minutes_paid, plain | {"points": earned})
        limit = (
            {"annual_cap": self.annual_cap_points}
            if year < held
            else {"balance_cap": self.balance_cap_points}
        )
        formula = plain | limit | {"earned": earned, "points": room, "surplus": earned - room}
        if not room:
            formula["reason_zero"] = "full"
        return Worth(room, worth.minutes_paid if room else 0, formula)

    def over_cap(self, points: int, today: int, this_month: int) -> bool:
        """Whether points on top of those of the date and the month are more than anybody earns without a look."""
        if not points:
            return False
        day, month = self.points_daily_cap, self.points_monthly_cap
        return bool((day and today + points > day) or (month and this_month + points > month))

    # ── when points end ──

    def expiry(self, earned_on: date) -> date:
        """The last day of the points earned that day: the month of earning ends, then the months of their life."""
        year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + self.points_ttl_months, 12)
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    def purse_month(self, earned_on: date) -> str:
        """The purse the points of that day go into, by its month of expiry: "2028-03"."""
        return f"{self.expiry(earned_on):%Y-%m}"

    # ── what a long service comes to ──

    def stars(self, minutes: int, days: int) -> int:
        """How many stars so many minutes served are, for somebody who has been with us for so many days."""
        steps = zip(self.star_hours, self.star_min_days, strict=True)
        reached = [minutes >= hours * 60 and days >= least for hours, least in steps]
        return reached.index(False) if False in reached else len(reached)

    # ── a day and its windows ──

    def tier(self, minutes: int) -> Tier:
        """Who confirms a day of so many minutes: nobody has to, the community, or the street."""
        if minutes <= self.daily_auto_minutes:
            return "auto"
        return "community" if minutes <= self.daily_admin_minutes else "street"

    def checkin_window(self, starts: datetime, ends: datetime) -> Window:
        """When the first scan is taken; never after the shift has ended."""
        closes = min(starts + timedelta(minutes=self.checkin_close), ends)
        return Window(starts + timedelta(minutes=self.checkin_open), closes)

    def checkout_window(self, starts: datetime, ends: datetime) -> Window:
        """When the second scan is taken; never before the shift has started."""
        opens = max(ends + timedelta(minutes=self.checkout_open), starts)
        return Window(opens, ends + timedelta(minutes=self.checkout_close))


#: What a limit says in a formula; said anew when the limit is looked at again.
_LIMITED = ("earned", "surplus", "balance_cap", "annual_cap")


def tenths(typed: Any) -> int:
    """1.2, "1.2" or Decimal("1.2") as 12; anything that is not whole tenths is 0."""
    try:
        scaled = Decimal(str(typed)) * 10
        return int(scaled) if scaled == scaled.to_integral_value() else 0
    except ArithmeticError:
        return 0
