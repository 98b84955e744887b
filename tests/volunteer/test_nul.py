"""A NUL in an address's query is replaced before anybody reads it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("query", ["category=%00", "q=%00", "q=a%00b", "team=%00", "%00=%00"])
def test_a_nul_in_a_query_is_nothing_to_ask_a_database(visitor: Any, query: str) -> None:
    """F20: no key of a keyboard types one, and PostgreSQL takes none in a text."""
    for page in ("/calendar", "/offers", "/giving", "/rules"):
        assert visitor().get(f"{page}?{query}").status_code == 200
