"""Programs and people who meet the platform from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.walk import Script
from volunteer import accounts


@pytest.fixture
def script(device: Callable[..., Any]) -> Callable[..., Script]:
    """`script(person)` is a program with that person's bearer token; `script()` has none."""

    def pair(person: accounts.User | None = None, **options: Any) -> Script:
        return Script(device(person, **options))

    return pair
