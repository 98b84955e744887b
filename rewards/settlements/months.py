"""Months as we write them, "2026-11", and the moments they begin and end at."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from volunteer import clock
from volunteer.errors import Refusal
from volunteer.i18n import _


class BadMonth(Refusal):
    code = "statement.month"
    status = 422
    says = _("月份请写成 2026-11 这样。")


def read(text: str) -> str:
    """Return the month somebody typed.

    :raises BadMonth: if it is none
    """
    if not re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", text or ""):
        raise BadMonth
    return text


def of(on: date) -> str:
    return f"{on.year:04}-{on.month:02}"


def following(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{number - 1 or 12:02}"


def begins(month: str) -> datetime:
    """Return the first moment of a month, on our wall clock."""
    return datetime.combine(date(int(month[:4]), int(month[5:]), 1), time(), clock.ZONE)


def ends(month: str) -> datetime:
    """Return the first moment after a month."""
    return begins(following(month))


def is_open(month: str) -> bool:
    """Whether the month is not over yet."""
    return clock.now() < ends(month)
