"""How many stars somebody's hours and time with us come to, and what is missing for more.

They are worked out from the rule set's ladder; hours that somebody filed later (grade C) do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

from volunteer import accounts, clock, ledger
from volunteer.hours.totals import Totals, totals


@dataclass(frozen=True)
class StarStanding:
    """How many stars somebody has, and what is missing for another: minutes, or days since they registered."""

    stars: int
    minutes: int
    hours_needed: tuple[int, ...]
    days_needed: tuple[int, ...]

    def missing_minutes(self, star: int) -> int:
        """How many minutes of service are missing for a star, 0 when only time is."""
        return max(0, self.hours_needed[star - 1] * 60 - self.minutes)

    def needed_days(self, star: int) -> int:
        """For how many days one has to be registered for a star."""
        return self.days_needed[star - 1]


def star_standing(person: accounts.User, so_far: Totals | None = None) -> StarStanding:
    """Return where somebody stands on the ladder of stars today; `so_far` is what `totals` said of them, if it was asked."""
    today = clock.today()
    by_grade = (so_far or totals(person.id)).minutes_by_grade
    minutes = by_grade["A"] + by_grade["B"]
    days = (today - person.registered_at.astimezone(clock.ZONE).date()).days
    tariff = ledger.tariff(today, person.area_path)
    return StarStanding(tariff.stars(minutes, days), minutes, tariff.star_hours, tariff.star_min_days)
