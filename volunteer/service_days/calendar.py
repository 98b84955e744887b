"""Public holidays and make-up workdays, and which service days they meet.

Pure: the rows are given. A clash is told and a way out is proposed; the organiser decides, nothing moves by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from chinese_calendar.constants import Holiday as Known
from chinese_calendar.constants import holidays as _LIBRARY_HOLIDAYS
from chinese_calendar.constants import workdays as _LIBRARY_WORKDAYS

from volunteer.i18n import Sentence, _

Kind = Literal["holiday", "workday"]
Why = Literal["holiday", "makeup_workday", "not_announced"]
Do = Literal["keep", "move", "cancel"]
Row = tuple[date, Kind, str]

_NAMED = {
    Known.new_years_day: _("元旦"),
    Known.spring_festival: _("春节"),
    Known.tomb_sweeping_day: _("清明"),
    Known.labour_day: _("劳动节"),
    Known.dragon_boat_festival: _("端午"),
    Known.national_day: _("国庆节"),
    Known.mid_autumn_festival: _("中秋"),
}
# A day off that came once, such as the one of 2015, keeps the name the library gives it.
_NAMES = {known.value: _NAMED[known].text if known in _NAMED else known.chinese for known in Known}


@dataclass(frozen=True)
class Holidays:
    """The days that differ from an ordinary week: days off, and weekend days that are worked."""

    days: Mapping[date, tuple[Kind, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Holidays:
        """From rows (date, "holiday" or "workday", name); of two rows for a date the later one counts."""
        return cls({on: (kind, name) for on, kind, name in rows})

    @classmethod
    def from_library(cls, years: Iterable[int]) -> Holidays:
        """What the library knows of these years; a year it does not know yet adds nothing."""
        return cls.of(row for year in years for row in library_rows(year))

    def __or__(self, other: Holidays) -> Holidays:
        """Both tables; where they differ, the other one counts."""
        return Holidays({**self.days, **other.days})

    def kind(self, on: date) -> Kind | None:
        return self.days[on][0] if on in self.days else None

    def name(self, on: date) -> str:
        return self.days[on][1] if on in self.days else ""

    def known(self, year: int) -> bool:
        """Whether the year's arrangement has been announced (尚未公布 otherwise)."""
        # Every yearly announcement has National Day in it, and a stray row typed by hand does not.
        return self.kind(date(year, 10, 1)) == "holiday"


@dataclass(frozen=True)
class Proposal:
    """One way out: keep the day, move it `to` another, or call it off."""

    do: Do
    says: Sentence
    to: date | None = None


@dataclass(frozen=True)
class Clash:
    """A day of a series that meets the calendar: why, what we would do, and every choice there is."""

    on: date
    why: Why
    says: Sentence
    proposal: Proposal
    choices: tuple[Proposal, ...]
    name: str = ""


def library_rows(year: int) -> Iterator[Row]:
    """The year's days off and make-up workdays in order, named in Chinese; none for a year not yet announced."""
    found: list[Row] = [
        (on, "holiday", _NAMES[name]) for on, name in _LIBRARY_HOLIDAYS.items() if on.year == year
    ]
    found += [(on, "workday", _NAMES[name]) for on, name in _LIBRARY_WORKDAYS.items() if on.year == year]
    yield from sorted(found)


def library_years() -> range:
    """The years the library knows."""
    return range(min(_LIBRARY_HOLIDAYS).year, max(_LIBRARY_HOLIDAYS).year + 1)


def clashes(dates: Iterable[date], holidays: Holidays, not_before: date | None = None) -> list[Clash]:
    """Every date that meets a holiday or a make-up workday, in order, each with a proposal.

    A year that is not announced gives one note, at its first date, however many dates it has. A proposed day is
    the next same weekday of that month which is free, else an earlier one that is not before `not_before`.
    """
    wanted = sorted(set(dates))
    taken = set(wanted)
    found: list[Clash] = []
    noted: set[int] = set()
    for on in wanted:
        kind = holidays.kind(on)
        if kind is not None:
            clash = _clash(on, kind, holidays, taken, not_before)
            if clash.proposal.to:
                taken.add(clash.proposal.to)
            found.append(clash)
        elif not holidays.known(on.year) and on.year not in noted:
            noted.add(on.year)
            found.append(_not_announced(on))
    return found


def _clash(
    on: date, kind: Kind, holidays: Holidays, taken: Collection[date], not_before: date | None
) -> Clash:
    name = Sentence(
        holidays.name(on)
    )  # the library's names have an English twin, an office's own stay as typed
    keep = Proposal("keep", _("照常在 {on|date} 举办", on=on))
    cancel = Proposal("cancel", _("{on|date} 这一场不办", on=on))
    to = _free_day(on, holidays, taken, not_before)
    move = to and Proposal("move", _("改到 {to|date}", to=to), to)
    choices = (move, keep, cancel) if move else (keep, cancel)
    if kind == "holiday":
        says = _("{on|date} 正逢{name}放假。", on=on, name=name)
        return Clash(on, "holiday", says, move or cancel, choices, name.text)
    says = _("{on|date} 是{name}调休的上班日，很多人要上班。", on=on, name=name)
    return Clash(on, "makeup_workday", says, move or keep, choices, name.text)


def _not_announced(on: date) -> Clash:
    keep = Proposal("keep", _("先照常排，公布后再提醒你"))
    says = _("{year} 年的放假安排尚未公布，公布后会再核对一遍。", year=on.year)
    return Clash(on, "not_announced", says, keep, (keep,))


def _free_day(on: date, holidays: Holidays, taken: Collection[date], not_before: date | None) -> date | None:
    week = timedelta(days=7)
    later = [on + week * n for n in range(1, 5)]
    earlier = [on - week * n for n in range(1, 5)]
    for day in later + earlier:
        same_month = (day.year, day.month) == (on.year, on.month)
        if (
            same_month
            and day not in taken
            and holidays.kind(day) is None
            and (not_before is None or day >= not_before)
        ):
            return day
    return None
