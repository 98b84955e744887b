"""Plans on a filled database: no page that people open all day reads a large table from end to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from rewards import demo
from rewards.demo import people
from volunteer import accounts
from volunteer.db import db

LARGE = ("attendance", "service_record", "ledger_posting", "event")
PAGES = {
    "saver": ("/", "/me/points", "/me/points?month=2026-01", "/me/hours", "/me/vouchers"),
    "street_admin": (
        "/office?period=month",
        "/office?period=quarter",
        "/office?period=year",
        "/office?period=decade",
    ),
    "community_admin": ("/office?period=quarter", "/office/audit?thing=attendance:1"),
    "auditor": ("/office/ledger", "/office/audit"),
}


@pytest.fixture
def street(here: Any, engine: Any) -> None:
    """A hundredth of ten years, with statistics."""
    if engine.name != "postgresql":
        pytest.skip("the plans of large tables are PostgreSQL's")
    with here.outside():
        assert demo.load("decade", lambda _line: None, 0.005)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements inside the block, with what was bound to them."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def scans(statement: str, parameters: Any) -> set[str]:
    """The large tables that a statement reads from end to end, however small they are here."""
    connection = db.session.connection()
    # What a small sample lets pass has to be forced: only where there is no other way is a table read whole.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    return set(whole(plan["Plan"]))


def whole(node: dict[str, Any]) -> Iterator[str]:
    # An index without a condition is the whole table too.
    through = node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") or (
        node["Node Type"] in ("Index Scan", "Index Only Scan")
        and "Index Cond" not in node
        and not limited(node)
    )
    if through and node.get("Relation Name") in LARGE:
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from whole({**below, "Limited": node["Node Type"] == "Limit" or node.get("Limited", False)})


def limited(node: dict[str, Any]) -> bool:
    return bool(node.get("Limited"))


def test_no_page_reads_a_large_table_from_end_to_end(street: None, visitor: Any) -> None:
    found = []
    for who, pages in PAGES.items():
        person = accounts.by_phone(people.CAST[who].phone)
        browser = visitor(person)
        for page in pages:
            with asked() as said:
                assert browser.get(page).status_code == 200, page
            for statement, parameters in said:
                for table in scans(statement, parameters):
                    found.append(f"{page}: {table}: {' '.join(statement.split())[:300]}")
    assert found == []


def test_somebodys_ten_years_are_added_up_without_their_rows(street: None, visitor: Any) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE service_record, ledger_posting")
    browser = visitor(accounts.by_phone(people.CAST["saver"].phone))
    used = set()
    for page in PAGES["saver"]:
        with asked() as said:
            browser.get(page)
        for statement, parameters in said:
            if "sum(" in statement:
                used |= {(node["Node Type"], node.get("Index Name")) for node in nodes(statement, parameters)}
    assert ("Index Only Scan", "ix_service_record_volunteer_id_on") in used
    assert ("Index Only Scan", "ix_ledger_posting_claimed") in used


def nodes(statement: str, parameters: Any) -> list[dict[str, Any]]:
    (plan,) = (
        db.session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    )
    found = [plan["Plan"]]
    for node in found:
        found.extend(node.get("Plans", ()))
    return found


def test_a_scan_from_end_to_end_is_seen(street: None) -> None:
    assert scans("SELECT count(*) FROM attendance WHERE minutes > %(some)s", {"some": 5}) == {"attendance"}
    assert scans("SELECT id FROM attendance WHERE id = %(id)s", {"id": 5}) == set()
