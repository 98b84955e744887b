"""Sentences, dates and numbers as people here read them.

Chinese is the source language: `_("还差 {points} 分", points=3)` is a Sentence that becomes text in the reader's
language when it is printed. English lives beside each feature in `en.po`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Request, has_request_context, request

LOCALES = ("zh", "en")
_CHOSEN = "liyu.locale"
_HERE = Path(__file__).resolve().parent.parent
_BRACES = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
#: The same in English, with what is counted: "{n} points" says "1 point" of one. Chinese has one form for any number.
_COUNTED = re.compile(
    _BRACES.pattern
    + r"(?:( (?:working |service |new |unused |more |voucher )?)(accounts|checkpoints|codes|complaints|days|devices|faults"
    r"|findings|hours|lines|members|minutes|months|partners|people|pieces|places|points|records|residents|rows|scans|seconds"
    r"|stalls|stars|statements|teams|times|vouchers|weeks|years)\b)?"
)
_WEEKDAYS = {
    "zh": "一二三四五六日",
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Sentence:
    """A text of ours with the facts it speaks of; prints itself in the reader's language."""

    __slots__ = ("facts", "text")

    def __init__(self, text: str, facts: Mapping[str, Any] | None = None) -> None:
        self.text = text
        self.facts = dict(facts or {})

    def __str__(self) -> str:
        return fill(translated(self.text, locale()), self.facts)

    def within(self, language: str) -> str:
        """The sentence in one given language, whoever reads."""
        return fill(translated(self.text, language), self.facts, language)

    def __repr__(self) -> str:
        return f"Sentence({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.text, self.facts) == (other.text, other.facts)

    def __hash__(self) -> int:
        return hash(self.text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __len__(self) -> int:
        return len(str(self))

    def __mod__(self, facts: Any) -> str:
        # WTForms fills its own messages with %; ours have braces, so an empty filling changes nothing.
        return str(self) % facts if "%" in self.text else str(self)


def _(text: str, **facts: Any) -> Sentence:
    """Mark a sentence for translation and remember its facts; nothing is translated until it is printed."""
    return Sentence(text, facts)


def locale() -> str:
    """Return the reader's language: chosen by link or cookie, by Accept-Language in the API; Chinese otherwise."""
    if not has_request_context():
        return "zh"
    known = request.environ  # a page asks a hundred times, once for every sentence on it
    if _CHOSEN not in known:
        known[_CHOSEN] = _chosen(request)
    return known[_CHOSEN]


def _chosen(asking: Request) -> str:
    chosen = asking.args.get("lang") or asking.cookies.get("lang")
    if chosen in LOCALES:
        return chosen
    if asking.path.startswith("/api/"):
        return asking.accept_languages.best_match(LOCALES, default="zh") or "zh"
    return "zh"


def translated(text: str, language: str) -> str:
    return text if language == "zh" else english().get(text, text)


@cache
def english() -> dict[str, str]:
    """Every sentence we have in English, read once from the `en.po` beside each feature."""
    found: dict[str, str] = {}
    for part in ("volunteer", "rewards", "templates"):
        for path in sorted((_HERE / part).rglob("en.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="en", ignore_obsolete=True):
                    if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
                        found[message.id] = message.string
    found.pop("", None)
    return found


def fill(text: str, facts: Mapping[str, Any], language: str | None = None) -> str:
    """Put facts into `{name}` and `{name|filter}`; a fact that is missing stays visible as its own name."""
    language = language or locale()

    def one(match: re.Match[str]) -> str:
        name, how, *counted = match.groups()
        said = put(name, how)
        if not counted or counted[1] is None:
            return said
        between, things = counted
        single = "person" if things == "people" else things.removesuffix("s")
        return f"{said}{between}{single if said == '1' else things}"

    def put(name: str, how: str | None) -> str:
        if name not in facts:
            return f"{{{name}|{how}}}" if how else f"{{{name}}}"
        value = facts[name]
        if how:
            return FILTERS[how](value, language)
        if isinstance(value, Sentence):
            return value.within(language)
        return str(value)

    return (_COUNTED if language == "en" else _BRACES).sub(one, text)


def _local(value: date | datetime | time | str) -> date | datetime | time:
    from volunteer import clock  # here, because clock is ground too and i18n is imported first

    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(clock.ZONE)
    return value


def say_date(value: Any, language: str | None = None) -> str:
    """12月13日(周日), with the year when it is not this one; Sun 13 Dec in English."""
    from volunteer import clock

    day = _local(value)
    if isinstance(day, datetime):
        day = day.date()
    assert isinstance(day, date)
    far = day.year != clock.today().year
    if (language or locale()) == "zh":
        year = f"{day.year}年" if far else ""
        return f"{year}{day.month}月{day.day}日(周{_WEEKDAYS['zh'][day.weekday()]})"
    year = f" {day.year}" if far else ""
    return f"{_WEEKDAYS['en'][day.weekday()]} {day.day} {_MONTHS[day.month - 1]}{year}"


def say_time(value: Any, language: str | None = None) -> str:
    """09:00, on our wall clock."""
    return _local(value).strftime("%H:%M")


def say_second(value: Any, language: str | None = None) -> str:
    """09:00:07, where seconds matter."""
    return _local(value).strftime("%H:%M:%S")


def say_moment(value: Any, language: str | None = None) -> str:
    """12月13日(周日) 09:00."""
    return f"{say_date(value, language)} {say_time(value, language)}"


def say_month(value: Any, language: str | None = None) -> str:
    """2028年3月 from a date or from '2028-03'; Mar 2028 in English."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:7] + "-01")
    if (language or locale()) == "zh":
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS[value.month - 1]} {value.year}"


def say_number(value: Any, language: str | None = None) -> str:
    """1,234; decimals only when there are some."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def say_hours(minutes: Any, language: str | None = None) -> str:
    """2.5 from 150 minutes: hours to one decimal, the way people read them."""
    return f"{(minutes or 0) / 60:,.1f}".removesuffix(".0")


FILTERS: dict[str, Callable[..., str]] = {
    "date": say_date,
    "time": say_time,
    "second": say_second,
    "moment": say_moment,
    "month": say_month,
    "number": say_number,
    "hours": say_hours,
}
