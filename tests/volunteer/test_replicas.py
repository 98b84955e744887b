"""Figures come from a replica where there is one; who may look, and everything that is written, stays with the primary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, select, text, update

from tests import engines
from volunteer import accounts, replicas
from volunteer.community import Area
from volunteer.db import REPLICA, db

NOBODY = "postgresql://liyu@127.0.0.1:1/nobody"


@pytest.fixture
def app_with(make_app: Callable[..., Flask]) -> Iterator[Callable[[str], Flask]]:
    """The platform with a replica at an address."""
    made: list[Flask] = []

    def make(replica_url: str) -> Flask:
        made.append(make_app(replica_url=replica_url))
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.engines[REPLICA].dispose()


@pytest.fixture
def replica(engine: engines.Engine, here: Any, office: accounts.User) -> str:
    """A second database with the same places and people, in which 南坑社区 has another name."""
    here.commit()
    url = engine.empty()
    second = create_engine(url)
    db.metadata.create_all(second)
    with second.begin() as there:
        for table in db.metadata.sorted_tables:
            if table.name in ("area", "account", "grant_held"):
                for row in db.session.execute(select(table)).mappings():
                    there.execute(insert(table).values(**row))
        there.execute(update(Area).where(Area.name == "南坑社区").values(name="南坑社区副本"))
    second.dispose()
    return url


@pytest.fixture
def reader(visitor: Any) -> Callable[..., Any]:
    """A browser whose pages may ask two databases."""

    def open_(person: accounts.User, **options: Any) -> Any:
        browser = visitor(person, **options)
        browser.queries_max *= 2
        return browser

    return open_


def _names(url: str) -> set[str]:
    second = create_engine(url)
    with second.connect() as there:
        found = set(there.scalars(select(Area.name)))
    second.dispose()
    return found


def test_boards_and_their_tables_are_read_from_the_replica(
    reader: Any, app_with: Any, replica: str, office: accounts.User
) -> None:
    """The session was opened after the copy was made: who asks is known from the primary."""
    browser = reader(office, app=app_with(replica))
    page = browser.get("/office")
    assert page.status_code == 200 and "南坑社区副本数据看板" in page.words
    assert browser.get("/office/panels/volunteers.csv").status_code == 200


def test_all_else_is_read_from_the_primary(
    reader: Any, app_with: Any, replica: str, office: accounts.User
) -> None:
    browser = reader(office, app=app_with(replica))
    assert "副本" not in browser.get("/office/inbox").words + browser.get("/me").words


def test_without_a_replica_boards_are_read_from_the_primary(reader: Any, office: accounts.User) -> None:
    assert "南坑社区数据看板" in reader(office).get("/office").words


def test_nothing_is_ever_written_to_the_replica(
    reader: Any, app_with: Any, replica: str, here: Any, engine: engines.Engine
) -> None:
    """Not even by an act begun while the replica is being asked."""
    from volunteer.db import from_replica, transaction

    app, before = app_with(replica), _names(replica)
    with here.outside(), app.app_context():
        mark = from_replica.set(True)
        with transaction():
            db.session.add(Area(kind="street", name="新街道", path="/99/"))
        from_replica.reset(mark)
        db.session.remove()
    assert _names(replica) == before and "新街道" in _names(engine.url)


def test_while_the_replica_is_away_the_primary_answers(
    reader: Any, app_with: Any, office: accounts.User
) -> None:
    app = app_with(NOBODY)
    page = reader(office, app=app).get("/office")
    assert page.status_code == 200 and "南坑社区数据看板" in page.words
    assert app.extensions["replica_rests_until"] > 0


def test_a_replica_that_fails_half_way_through_a_page_is_forgiven(
    reader: Any, app_with: Any, replica: str, office: accounts.User, engine: engines.Engine
) -> None:
    """A table of it is missing: the page starts anew on the primary."""
    if engine.name == "postgresql":
        pytest.skip("PostgreSQL calls a missing table a mistake of ours, which is not forgiven")
    second = create_engine(replica)
    with second.begin() as there:
        there.execute(text("DROP TABLE ledger_posting"))
    second.dispose()
    browser = reader(office, app=app_with(replica))
    assert "南坑社区数据看板" in browser.get("/office").words


@pytest.fixture
def behind(engine: engines.Engine, replica: str) -> Callable[[int], str]:
    """The replica, saying of itself that it is so many seconds behind."""
    if engine.name != "postgresql":
        pytest.skip("SQLite has no replicas of its own")

    def say(seconds: int) -> str:
        second = create_engine(replica)
        with second.begin() as there:
            there.execute(text("CREATE SCHEMA says"))
            there.execute(
                text("CREATE FUNCTION says.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'")
            )
            there.execute(
                text(
                    "CREATE FUNCTION says.pg_last_xact_replay_timestamp() RETURNS timestamptz LANGUAGE sql"
                    f" AS 'SELECT clock_timestamp() - interval ''{seconds} seconds'''"
                )
            )
            name = there.scalar(text("SELECT current_database()"))
            there.execute(text(f"ALTER DATABASE {name} SET search_path = says, public, pg_catalog"))
        second.dispose()
        return replica

    return say  # fmt: skip


def test_figures_a_little_behind_say_until_when_they_hold(
    reader: Any, app_with: Any, behind: Any, office: accounts.User
) -> None:
    """The clock stands at 09:00: twenty seconds ago is 08:59:40, whatever the replica's own clock says."""
    app = app_with(behind(20))
    assert "数据截至 08:59:40" in reader(office, app=app).get("/office").words.replace("08:59:39", "08:59:40")
    assert "as of 08:59:" in reader(office, app=app, lang="en").get("/office").words


def test_a_replica_that_keeps_up_says_nothing(
    reader: Any, app_with: Any, behind: Any, office: accounts.User
) -> None:
    page = reader(office, app=app_with(behind(9))).get("/office")
    assert "副本" in page.words and "数据截至" not in page.words


def test_a_replica_far_behind_is_as_good_as_away(
    reader: Any, app_with: Any, behind: Any, office: accounts.User
) -> None:
    page = reader(office, app=app_with(behind(replicas.FAR_BEHIND_SECONDS + 1))).get("/office")
    assert "副本" not in page.words and "数据截至" not in page.words


def test_a_replica_is_asked_again_after_a_rest(
    reader: Any, app_with: Any, replica: str, office: accounts.User
) -> None:
    app = app_with(replica)
    app.extensions["replica_rests_until"] = float("inf")
    assert "副本" not in reader(office, app=app).get("/office").words
    app.extensions["replica_rests_until"] = 0.0
    assert "副本" in reader(office, app=app).get("/office").words
