"""When a series happens: an RFC 5545 rule that people can read, asked for the dates of any stretch of time.

Pure: nothing here knows what day it is. `Rule.parse("FREQ=MONTHLY;BYDAY=2SU")` is 每月第二个周日.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule, weekday

from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import wording

__all__ = [
    "FR",
    "MO",
    "SA",
    "SU",
    "TH",
    "TU",
    "WE",
    "BadRule",
    "Rule",
    "last_weekday",
    "nth_weekday",
    "weekly",
]

LONGEST = 200  # characters; the longest rule that makes sense has about 80
MOST = 200  # occurrences that COUNT may ask for

_FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
_WIDEST = {"DAILY": 60, "WEEKLY": 12, "MONTHLY": 12, "YEARLY": 5}
_DAYS = {"MO": MO, "TU": TU, "WE": WE, "TH": TH, "FR": FR, "SA": SA, "SU": SU}
_ORDER = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL")
_EPOCH = date(2001, 1, 1)  # a Monday, the first of a month and of a year
_SHANGHAI = ZoneInfo("Asia/Shanghai")


class BadRule(Refusal):
    code = "series.rule"
    status = 422
    says = _("这个重复规则看不懂，请选一个常用的，或者照“FREQ=MONTHLY;BYDAY=2SU”（每月第二个周日）的样子写。")


class TooLong(BadRule):
    says = _("这个重复规则太长了，请缩短到 {longest} 个字符以内。")


class TooOften(BadRule):
    says = _("服务日最密是一天一次。请用 DAILY、WEEKLY、MONTHLY 或 YEARLY；几点开始在“开始时间”里填。")


class UnknownPart(BadRule):
    says = _("重复规则里的“{part}”我们用不上，请去掉它再试一次。")


class BadPart(BadRule):
    says = _("重复规则里的“{part}={value}”不对，请改一改再试一次。")


class Contradictory(BadRule):
    says = _("重复规则里的“{one}”和“{other}”不能一起用，请只留一个。")


class NeverHappens(BadRule):
    says = _("照这个规则排不出任何一天，请检查日期和星期能不能同时对上。")


class NeedsMonth(BadRule):
    says = _("每年一次的规则请写上月份，比如“BYMONTH=3”。")


class NeedsStart(BadRule):
    says = _("这个规则要从某一天数起，请先填开始日期。")


@dataclass(frozen=True)
class Rule:
    """A rule and the day it counts from. Equal text and equal start mean equal dates, always."""

    text: str
    since: date | None = None

    @classmethod
    def parse(cls, text: str, since: date | None = None) -> Rule:
        """Read a rule; `since` is the day the series starts, which "every second week" counts from.

        :raises BadRule: when it is not a rule, or one that we do not run; the sentence says what to change
        """
        parts = _read(text)
        if since is not None:
            _name_the_day(parts, since)
        rule = cls(_write(parts), since)
        if not rule.counts and not _happens(parts, since or _EPOCH):
            raise NeverHappens()
        return rule

    @cached_property
    def parts(self) -> dict[str, Any]:
        """The rule taken apart: {"FREQ": "MONTHLY", "BYDAY": (SU(2),)}."""
        return _read(self.text)

    def starting(self, since: date) -> Rule:
        """The same rule counted from another day."""
        return Rule.parse(self.text, since)

    @property
    def counts(self) -> bool:
        """Whether the dates cannot be known without a day to count from."""
        return self.since is None and (
            self.parts.get("INTERVAL", 1) > 1 or "COUNT" in self.parts or not _says_the_day(self.parts)
        )

    def dates(self, start: date, end: date) -> Iterator[date]:
        """Every date of the rule from `start` to `end`, both included, earliest first.

        None before `since`. Because both ends count, dates(a, c) is dates(a, b) followed by dates(b + 1 day, c).
        """
        for day in self._from_the_first():
            if day > end:
                return
            if day >= start:
                yield day

    def next(self, after: date, n: int = 1) -> list[date]:
        """The first `n` dates later than `after`; fewer when the rule ends before that."""
        return list(islice((day for day in self._from_the_first() if day > after), n))

    def words(self) -> Sentence:
        """The rule as people say it: 每月第二个周日."""
        return wording.words(self.parts)

    def _from_the_first(self) -> Iterator[date]:
        if self.counts:
            raise NeedsStart()
        for moment in _dateutil(self.parts, self.since or _EPOCH):
            yield moment.date()


def nth_weekday(n: int, day: weekday, every: int = 1, since: date | None = None) -> Rule:
    """The n-th weekday of the month: nth_weekday(2, SU) is 每月第二个周日."""
    return Rule.parse(f"FREQ=MONTHLY;INTERVAL={every};BYDAY={n}{day}", since)


def last_weekday(day: weekday, every: int = 1, since: date | None = None) -> Rule:
    """The last such weekday of the month: last_weekday(FR) is 每月最后一个周五."""
    return nth_weekday(-1, day, every, since)


def weekly(*days: weekday, every: int = 1, since: date | None = None) -> Rule:
    """On these weekdays, each week or every so many weeks: weekly(MO) is 每周一."""
    return Rule.parse(f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(map(str, days))}", since)


def _read(text: str) -> dict[str, Any]:
    text = text.strip().upper().removeprefix("RRULE:").strip().strip(";")
    if len(text) > LONGEST:
        raise TooLong(longest=LONGEST)
    parts: dict[str, Any] = {}
    for piece in text.split(";"):
        name, equals, value = (bit.strip() for bit in piece.partition("="))
        if not (name and equals and value):
            raise BadRule()
        if name in parts:
            raise Contradictory(one=name, other=name)
        if name == "FREQ" and value in ("HOURLY", "MINUTELY", "SECONDLY"):
            raise TooOften()
        if name not in _READERS:
            raise TooOften() if name in ("BYHOUR", "BYMINUTE", "BYSECOND") else UnknownPart(part=name)
        try:
            parts[name] = _READERS[name](value)
        except ValueError:
            raise BadPart(part=name, value=value) from None
    if "FREQ" not in parts:
        raise BadRule()
    _look_for_contradictions(parts)
    if parts.get("INTERVAL") == 1:
        del parts["INTERVAL"]  # the default; one rule, one text
    return parts


def _look_for_contradictions(parts: dict[str, Any]) -> None:
    freq, interval = parts["FREQ"], parts.get("INTERVAL", 1)
    ordinal = any(day.n for day in parts.get("BYDAY", ()))
    if interval > _WIDEST[freq]:
        raise BadPart(part="INTERVAL", value=interval)
    if "COUNT" in parts and "UNTIL" in parts:
        raise Contradictory(one="COUNT", other="UNTIL")
    if ordinal and freq in ("DAILY", "WEEKLY"):
        raise Contradictory(one=f"FREQ={freq}", other=f"BYDAY={_say_days(parts['BYDAY'])}")
    if ordinal and "BYMONTHDAY" in parts:
        raise Contradictory(one="BYDAY", other="BYMONTHDAY")
    if "BYMONTHDAY" in parts and freq == "WEEKLY":
        raise Contradictory(one="FREQ=WEEKLY", other="BYMONTHDAY")
    if "BYSETPOS" in parts and freq != "MONTHLY":
        raise Contradictory(one="BYSETPOS", other=f"FREQ={freq}")
    if "BYSETPOS" in parts and (ordinal or "BYDAY" not in parts):
        raise BadPart(part="BYSETPOS", value=",".join(map(str, parts["BYSETPOS"])))
    if freq == "YEARLY" and "BYMONTH" not in parts and ("BYDAY" in parts or "BYMONTHDAY" in parts):
        # RFC 5545 would mean every such day of the whole year, and nobody who types YEARLY does.
        raise NeedsMonth()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,4}", value) or not low <= int(value) <= high or int(value) == 0:
            raise ValueError(value)
        return int(value)

    return read


def _several(low: int, high: int) -> Callable[[str], tuple[int, ...]]:
    one = _whole(low, high)
    return lambda value: tuple(
        sorted({one(number.strip()) for number in value.split(",")}, key=_calendar_order)
    )


def _calendar_order(number: int) -> tuple[bool, int]:
    return number < 0, number  # 1, 15, -1: the last day comes last


def _read_frequency(value: str) -> str:
    if value not in _FREQUENCIES:
        raise ValueError(value)
    return value


def _read_days(value: str) -> tuple[weekday, ...]:
    days = set()
    for name in value.split(","):
        match = re.fullmatch(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", name.strip())
        if not match:
            raise ValueError(value)
        days.add(_DAYS[match[2]](int(match[1])) if match[1] else _DAYS[match[2]])
    return tuple(sorted(days, key=lambda day: (_calendar_order(day.n or 0), day.weekday)))


def _read_weekstart(value: str) -> weekday:
    if value not in _DAYS:
        raise ValueError(value)
    return _DAYS[value]


def _read_until(value: str) -> date:
    """A date, or a moment whose Shanghai date counts."""
    if re.fullmatch(r"[0-9]{8}", value):
        return datetime.strptime(value, "%Y%m%d").date()
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(_SHANGHAI).date()
    return datetime.strptime(value, "%Y%m%dT%H%M%S").date()


_READERS: dict[str, Callable[[str], Any]] = {
    "FREQ": _read_frequency,
    "INTERVAL": _whole(1, 60),
    "BYMONTH": _several(1, 12),
    "BYMONTHDAY": _several(-31, 31),
    "BYDAY": _read_days,
    "BYSETPOS": _several(-5, 5),
    "WKST": _read_weekstart,
    "COUNT": _whole(1, MOST),
    "UNTIL": _read_until,
}


def _says_the_day(parts: dict[str, Any]) -> bool:
    if parts["FREQ"] == "DAILY":
        return True
    day = "BYDAY" in parts or "BYMONTHDAY" in parts
    return day and (parts["FREQ"] != "YEARLY" or "BYMONTH" in parts)


def _name_the_day(parts: dict[str, Any], since: date) -> None:
    """A rule that leaves its day open means the day of the week, month or year it starts on."""
    if _says_the_day(parts):
        return
    if parts["FREQ"] == "WEEKLY":
        parts["BYDAY"] = (list(_DAYS.values())[since.weekday()],)
        return
    if parts["FREQ"] == "YEARLY":
        parts.setdefault("BYMONTH", (since.month,))
    parts["BYMONTHDAY"] = (since.day,)


def _say_days(days: tuple[weekday, ...]) -> str:
    return ",".join(f"{day.n or ''}{list(_DAYS)[day.weekday]}" for day in days)


def _write(parts: dict[str, Any]) -> str:
    """The rule in one spelling, whatever order and case it was typed in."""

    def say(value: Any) -> str:
        if isinstance(value, date):
            return value.strftime("%Y%m%d")
        if isinstance(value, tuple) and isinstance(value[0], weekday):
            return _say_days(value)
        return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

    return ";".join(f"{name}={say(parts[name])}" for name in _ORDER if name in parts)


def _dateutil(parts: dict[str, Any], since: date, *, endless: bool = False) -> rrule:
    until = None if endless else parts.get("UNTIL")
    return rrule(
        _FREQUENCIES[parts["FREQ"]],
        dtstart=datetime.combine(since, time()),
        interval=parts.get("INTERVAL", 1),
        wkst=parts.get("WKST", MO),
        count=None if endless else parts.get("COUNT"),
        until=until and datetime.combine(until, time()),
        bymonth=parts.get("BYMONTH"),
        bymonthday=parts.get("BYMONTHDAY"),
        byweekday=parts.get("BYDAY"),
        bysetpos=parts.get("BYSETPOS"),
    )


def _happens(parts: dict[str, Any], since: date) -> bool:
    """Whether there is any date at all."""
    # dateutil looks for a date until the year 9999. A year with the same weekdays and the same leap years ahead of
    # it gives the same answer, and near that end it comes after at most 40 years of looking instead of 8,000.
    twin = next(
        year
        for year in range(9960, 9988)
        if year % 4 == since.year % 4 and date(year, 1, 1).weekday() == date(since.year, 1, 1).weekday()
    )
    if not any(True for _day in _dateutil(parts, since.replace(year=twin), endless=True)):
        return False
    return "UNTIL" not in parts or any(True for _day in _dateutil(parts, since))
