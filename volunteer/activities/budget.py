"""What an activity may cost in points, and whether somebody above says that it cannot be paid for.

Who keeps the rewards puts a look in; without one, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from volunteer.activities.models import Activity
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.ledger.tariff import Tariff


@dataclass(frozen=True)
class Plan:
    """What is about to be promised: how it pays, and where known to how many, for how long, how often."""

    area_path: str
    pay_kind: str
    coefficient: int
    flat_points: int
    places: int = 0
    minutes: int = 0
    days: int = 1

    @classmethod
    def of(cls, activity: Activity, places: int = 0, minutes: int = 0, days: int = 1) -> Plan:
        """The plan of an activity, with the days that are about to be added to it."""
        pay = (activity.pay_kind, activity.coefficient or 10, activity.flat_points or 0)
        return cls(activity.area_path, *pay, places, minutes, days)

    @property
    def dearer(self) -> bool:
        """Whether an hour of it pays more than an ordinary hour does."""
        return self.pay_kind == "time" and self.coefficient > 10

    def most(self, numbers: Tariff) -> int:
        """The points it pays when everybody comes and stays."""
        if self.pay_kind == "flat":
            one = self.flat_points
        else:
            one = numbers.worth(self.minutes, self.minutes, self.coefficient).points
        return one * self.places * self.days


@dataclass(frozen=True)
class Verdict:
    """What there is to say about a plan, and whether it may not be promised for now."""

    says: Sentence
    refuses: bool = False


class Unfunded(Refusal):
    code = "activity.unfunded"
    says = _("{why}")
    who = _("请社区联系商家补货，或者把难度系数改成 1.0。")


Look = Callable[[Plan], Verdict | None]
_looks: list[Look] = []


def budget_look(look: Look) -> Look:
    """Have a function asked, too, whether what is promised can be paid for."""
    if look not in _looks:
        _looks.append(look)
    return look


def verdicts(plan: Plan) -> list[Verdict]:
    """Return everything there is to say about a plan."""
    return [said for look in _looks if (said := look(plan)) is not None]


def require_funded(plan: Plan) -> None:
    """Refuse what cannot be paid for.

    :raises Unfunded: with the reason
    """
    for verdict in verdicts(plan):
        if verdict.refuses:
            raise Unfunded(why=str(verdict.says))
