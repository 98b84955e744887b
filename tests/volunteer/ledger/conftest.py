"""What the stories of the books share: earning, and spending by a voucher's number."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import clock, ledger


@pytest.fixture
def earn(here: Any) -> Any:
    """`earn(xiaoman, 18)`: points for service, under a record's key."""

    def earn(person: Any, points: Any, key: str = "record:1", on: Any = None) -> ledger.Transfer:
        why = {"title": "清洁家园", "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": points}}
        return ledger.award(
            person.id, points, key=key, why=why, on=on or clock.today(), area_path=person.area_path
        )

    return earn


@pytest.fixture
def claim(here: Any) -> Any:
    """`claim(xiaoman, 30, 7)`: thirty points promised to voucher 7."""

    def claim(person: Any, points: int, voucher: int) -> ledger.Transfer:
        why = {"title": "凉茶一壶", "link": f"/vouchers/{voucher}"}
        return ledger.spend(
            person.id,
            points,
            to=f"held:{voucher}",
            key=f"claim:{voucher}",
            why=why,
            area_path=person.area_path,
        )

    return claim


@pytest.fixture
def broken(here: Any) -> Any:
    """The names of the ledger's own invariants that do not hold now."""
    return lambda: [found.name for found in ledger.inspect(of="ledger.")]
