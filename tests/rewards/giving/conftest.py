"""What the stories of giving share: points to give, a second person of the office, and projects to give them to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rewards import giving
from tests.cast import with_factor
from volunteer import accounts, clock, households, ledger


@pytest.fixture
def earn(here: Any) -> Callable[..., ledger.Transfer]:
    """`earn(xiaoman, 50)`: points for service; `ends="2026-03"` puts them into the purse of that month."""

    def earn(person: Any, points: int, ends: str | None = None) -> ledger.Transfer:
        why = {"title": "清洁家园", "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": points}}
        today = clock.today()
        purse = ledger.chart.purse(person.id, ends or ledger.tariff(today, "/").purse_month(today))
        count = len(ledger.queries.all_entries(person.id))
        return ledger.transfer(
            (ledger.chart.ISSUED, purse, points),
            move="award",
            key=f"record:{person.id}{count:03}",
            volunteer_id=person.id,
            area_path=person.area_path,
            why=why,
        )

    return earn


@pytest.fixture
def top(here: Any) -> Callable[..., ledger.Transfer]:
    """`top(xiaoman, 30)`: points above the caps, which can only be given."""

    def top(person: Any, points: int, ends: str = "2028-03") -> ledger.Transfer:
        return ledger.transfer(
            (ledger.chart.ISSUED, ledger.chart.surplus(person.id, ends), points),
            move="surplus",
            key=f"surplus:{person.id}:{ends}",
            volunteer_id=person.id,
            area_path=person.area_path,
            why={"title": "清洁家园"},
        )

    return top


@pytest.fixture
def deputy(nankeng: Any) -> accounts.User:
    """郑副主任, the second person of 南坑's office."""
    person = accounts.register(name="郑启明", phone="13800000077", home=nankeng, birth_on=date(1979, 6, 1))
    accounts.appoint(person, "community_admin", area=nankeng)
    return with_factor(person)


@pytest.fixture
def draft(nankeng: Any, office: Any) -> Callable[..., giving.Project]:
    """`draft(goal=500)`: a project as the office wrote it, waiting for another one to agree."""

    def draft(**changes: Any) -> giving.Project:
        terms: dict[str, Any] = {
            "title": "小候鸟夏令营",
            "story": "暑假里，外来务工家庭的孩子来社区住两周，有人陪着写作业、学游泳。",
            "picture": "book",
            "goal": 500,
            "from_on": date(2026, 3, 1),
            "until_on": date(2026, 6, 30),
        }
        return giving.projects.propose(nankeng, office, **(terms | changes))

    return draft


@pytest.fixture
def make_project(draft: Any, deputy: Any) -> Callable[..., giving.Project]:
    """`make_project(stops_at_goal=True)`: the same, agreed to and open."""
    return lambda **changes: giving.projects.approve(draft(**changes), deputy)


@pytest.fixture
def project(make_project: Any) -> giving.Project:
    """小候鸟夏令营, open until the end of June, 500 points hoped for."""
    return make_project()


@pytest.fixture
def family(xiaoman: Any, grandma: Any) -> households.Proxy:
    """小满 and her grandmother, linked because both agreed."""
    households.proxies.ask(xiaoman, "13800000003", "李桂芳", helps=True)
    (row,) = households.queries.of(grandma.id)
    return households.proxies.agree(row.Proxy, grandma)


@pytest.fixture
def broken(here: Any) -> Callable[[], list[str]]:
    """The names of the invariants that do not hold now, those aside that know nothing of our planted awards."""
    aside = {"hours.award_has_record", "hours.surplus"}
    return lambda: [found.name for found in ledger.inspect() if found.name not in aside]
