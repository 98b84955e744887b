"""Programs and people who meet the platform from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.walk import Person, Script
from volunteer import accounts


@pytest.fixture
def script(device: Callable[..., Any]) -> Callable[..., Script]:
    """`script(person)` is a program with that person's bearer token; `script()` has none."""

    def pair(person: accounts.User | None = None, **options: Any) -> Script:
        return Script(device(person, **options))

    return pair


@pytest.fixture
def person(visitor: Callable[..., Any]) -> Callable[..., Person]:
    """`person(somebody)` sits at a browser in which they are signed in; `person()` is a stranger."""

    def sit(who: accounts.User | None = None, **options: Any) -> Person:
        return Person(visitor(who, **options))

    return sit


@pytest.fixture
def sms(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """`sms("13800000011")` is the last code that came to this phone."""
    seen: list[tuple[str, str]] = []

    def last(phone: str) -> str:
        seen.extend(re.findall(r"\[SMS (\S+)\].*?\b(\d{6})\b", capsys.readouterr().err))
        codes = [code for to, code in seen if to == phone]
        assert codes, f"no message came to {phone}"
        return codes[-1]

    return last
