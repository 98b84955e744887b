"""A recurrence rule as people say it: 每月第二个周日, 每两周的周三, 每月15日."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dateutil.rrule import weekday

from volunteer.i18n import Sentence, _

_WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
_ORDINALS = {
    1: _("第一个"),
    2: _("第二个"),
    3: _("第三个"),
    4: _("第四个"),
    5: _("第五个"),
    -1: _("最后一个"),
    -2: _("倒数第二个"),
    -3: _("倒数第三个"),
    -4: _("倒数第四个"),
    -5: _("倒数第五个"),
}
_MONTHS = (
    _("1月"),
    _("2月"),
    _("3月"),
    _("4月"),
    _("5月"),
    _("6月"),
    _("7月"),
    _("8月"),
    _("9月"),
    _("10月"),
    _("11月"),
    _("12月"),
)


def words(parts: dict[str, Any]) -> Sentence:
    """Say a rule that was read; one that has no everyday name is 按自定义规则."""
    said = _saying(parts)
    if said is None:
        return _("按自定义规则")
    if "COUNT" in parts:
        return _("{rule}，共 {count} 次", rule=said, count=parts["COUNT"])
    if "UNTIL" in parts:
        return _("{rule}，到 {until|date} 为止", rule=said, until=parts["UNTIL"])
    return said


def _saying(parts: dict[str, Any]) -> Sentence | None:
    every = parts.get("INTERVAL", 1)
    match set(parts) - {"INTERVAL", "COUNT", "UNTIL", "WKST", "FREQ"}, parts["FREQ"]:
        case named, "DAILY" if not named:
            return _("每天") if every == 1 else _("每 {n} 天", n=every)
        case named, "WEEKLY" if named == {"BYDAY"}:
            return _weekly(every, parts["BYDAY"])
        case named, "MONTHLY" if named == {"BYMONTHDAY"}:
            return _monthly(every, _month_days(parts["BYMONTHDAY"]))
        case named, "MONTHLY" if named == {"BYDAY"} and all(day.n for day in parts["BYDAY"]):
            return _monthly(every, _nth_days(parts["BYDAY"]))
        case named, "MONTHLY" if named == {"BYDAY", "BYSETPOS"} and len(parts["BYDAY"]) == 1:
            return _monthly(every, _nth_days([parts["BYDAY"][0](n) for n in parts["BYSETPOS"]]))
        case named, "YEARLY" if named == {"BYMONTH", "BYMONTHDAY"} and len(parts["BYMONTH"]) == 1:
            return _yearly(every, parts["BYMONTH"][0], _month_days(parts["BYMONTHDAY"]))
        case named, "YEARLY" if named == {"BYMONTH", "BYDAY"} and len(parts["BYMONTH"]) == 1:
            if all(day.n for day in parts["BYDAY"]):
                return _yearly(every, parts["BYMONTH"][0], _nth_days(parts["BYDAY"]))
    return None


def _weekly(every: int, days: Sequence[weekday]) -> Sentence:
    names = [_WEEKDAYS[day.weekday] for day in days]
    listed = _("周一至周五") if [day.weekday for day in days] == [0, 1, 2, 3, 4] else _listed(names)
    if len(days) == 7 and every == 1:
        return _("每天")
    if every == 1:
        return _("每{weekday}", weekday=listed)
    if every == 2:
        return _("每两周的{weekday}", weekday=listed)
    return _("每 {n} 周的{weekday}", n=every, weekday=listed)


def _monthly(every: int, day: Sentence) -> Sentence:
    if every == 1:
        return _("每月{day}", day=day)
    if every == 2:
        return _("每两个月的{day}", day=day)
    return _("每 {n} 个月的{day}", n=every, day=day)


def _yearly(every: int, month: int, day: Sentence) -> Sentence:
    if every == 1:
        return _("每年{month}{day}", month=_MONTHS[month - 1], day=day)
    return _("每 {n} 年的{month}{day}", n=every, month=_MONTHS[month - 1], day=day)


def _nth_days(days: Sequence[weekday]) -> Sentence:
    return _listed(
        [
            _("{ordinal}{weekday}", ordinal=_ORDINALS[day.n or 0], weekday=_WEEKDAYS[day.weekday])
            for day in days
        ]
    )


def _month_days(days: Sequence[int]) -> Sentence:
    return _listed([_month_day(day) for day in days])


def _month_day(day: int) -> Sentence:
    if day == -1:
        return _("最后一天")
    return _("{day}日", day=day) if day > 0 else _("倒数第 {day} 天", day=-day)


def _listed(names: Sequence[Sentence]) -> Sentence:
    first, *rest = names
    return _("{first}、{rest}", first=first, rest=_listed(rest)) if rest else first
