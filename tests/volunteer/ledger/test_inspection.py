"""The inspection names every kind of corruption, on each engine: each is planted by hand, past the guards. LG-12."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import Executable, text

from tests.strict import statements
from tests.volunteer.ledger.planting import by_hand
from volunteer import ledger
from volunteer.ledger import inspection

POSTING = 'id, key, line, move, source, target, amount, at, "on", volunteer_id, area_path, why, reverses_id'


def posting(**changes):
    """A statement that adds a posting like the one numbered 1, but for some columns."""
    columns = [name.strip() for name in POSTING.split(",")]
    values = [changes.get(name.strip('"'), name) for name in columns]
    return f"INSERT INTO ledger_posting ({POSTING}) SELECT {', '.join(map(str, values))} FROM ledger_posting WHERE id = 1"


FRAUDS = [
    ("ledger.two_ends", "UPDATE ledger_posting SET amount = -amount WHERE id = 1"),
    ("ledger.two_ends", "UPDATE ledger_posting SET amount = 0 WHERE id = 1"),
    ("ledger.two_ends", "UPDATE ledger_posting SET target = source WHERE id = 2"),
    ("ledger.moves", "UPDATE ledger_posting SET move = 'gift' WHERE id = 2"),
    ("ledger.moves", "UPDATE ledger_posting SET source = 'programme:expired' WHERE id = 1"),
    ("ledger.moves", "UPDATE ledger_posting SET target = 'partner:7:owed' WHERE id = 2"),
    ("ledger.addresses", "UPDATE ledger_posting SET target = 'held:one' WHERE id = 2"),
    ("ledger.addresses", "INSERT INTO ledger_balance VALUES ('volunteer:17:2028-13', 0)"),
    ("ledger.floor", "UPDATE ledger_balance SET amount = -1 WHERE address = 'held:1'"),
    ("ledger.balances", "UPDATE ledger_balance SET amount = amount + 1 WHERE address = 'held:1'"),
    ("ledger.balances", "DELETE FROM ledger_balance WHERE address = 'held:1'"),
    ("ledger.balances", "INSERT INTO ledger_balance VALUES ('held:99', 5)"),
    ("ledger.balances", "INSERT INTO ledger_balance VALUES ('held:99', 0)"),
    ("ledger.balances", "DELETE FROM ledger_posting WHERE id = 1"),
    ("ledger.balances", "UPDATE ledger_posting SET amount = 19 WHERE id = 1"),
    ("ledger.awards", "UPDATE ledger_posting SET why = '{}' WHERE id = 1"),
    ("ledger.awards", "UPDATE ledger_posting SET why = '{\"formula\": {\"points\": 99}}' WHERE id = 1"),
    ("ledger.awards", posting(id=90, line=1)),
    ("ledger.lines", "UPDATE ledger_posting SET line = 1 WHERE id = 1"),
    ("ledger.lines", "UPDATE ledger_posting SET key = 'record:1' WHERE id = 2"),
    ("ledger.lines", posting(id=90)),
    ("ledger.lines", posting(id=90, line=2)),
    ("ledger.lines", posting(id=90, line=1, volunteer_id="volunteer_id + 1")),
    ("ledger.holders", "UPDATE ledger_posting SET volunteer_id = volunteer_id + 1 WHERE id = 1"),
    ("ledger.holders", "UPDATE ledger_posting SET volunteer_id = NULL WHERE id = 2"),
    ("ledger.holders", posting(id=90, key="'s'", move="'surplus'", target="'surplus:99:2028-03'")),
    ("ledger.gifts", "INSERT INTO ledger_balance VALUES ('gift:1', 5)"),
    ("ledger.past_months", "UPDATE ledger_posting SET source = 'volunteer:1:2026-02' WHERE id = 2"),
    ("ledger.reversed_once", posting(id=90, key="'again'", move="'reversal'", source="target", target="source", reverses_id=3)),
    ("ledger.reversals", "UPDATE ledger_posting SET amount = 4 WHERE id = 4"),
    ("ledger.reversals", "UPDATE ledger_posting SET reverses_id = NULL WHERE id = 4"),
    ("ledger.reversals", "UPDATE ledger_posting SET reverses_id = 77 WHERE id = 4"),
    ("ledger.reversals", "UPDATE ledger_posting SET reverses_id = 1 WHERE id = 4"),
    ("ledger.reversals", "UPDATE ledger_posting SET source = 'volunteer:1:2028-04' WHERE id = 4"),
    ("ledger.adjustments", posting(id=90, key="'adjustment:7'", move="'adjustment'")),
    ("ledger.adjustments", "UPDATE ledger_posting SET move = 'deduction' WHERE id = 4"),
]  # fmt: skip


@pytest.fixture
def books(here, xiaoman, earn, claim):
    """1: an award · 2: a claim · 3: an award · 4: its reversal."""
    earn(xiaoman, 18)
    claim(xiaoman, 10, 1)
    earn(xiaoman, 5, "record:2")
    ledger.reverse("record:2", move="reversal", new_key="record:2:reversal", why={})
    here.commit()
    return here


def test_good_books_have_no_findings(books, broken):
    assert broken() == []


@pytest.mark.parametrize(("name", "fraud"), FRAUDS, ids=[f"{n}-{name}" for n, (name, _) in enumerate(FRAUDS)])
def test_every_kind_of_corruption_is_named(books, db, engine, broken, name, fraud):
    """T34."""
    with by_hand(db, engine):
        assert db.session.execute(text(fraud)).rowcount == 1
    assert name in broken()


def test_every_invariant_of_the_books_has_been_broken_here():
    ours = {name for name in inspection.names() if name.startswith("ledger.")}
    # Those in test_seals, in hours/test_rollups and in test_closed_months.
    assert ours - {name for name, _fraud in FRAUDS} == {
        "ledger.seals",
        "ledger.figures",
        "ledger.closed_months",
    }


def test_a_finding_counts_and_gives_examples(books, db, engine):
    with by_hand(db, engine):
        for number in range(7):
            db.session.execute(text(f"INSERT INTO ledger_balance VALUES ('held:{100 + number}', 5)"))
    found = next(found for found in ledger.inspect() if found.name == "ledger.balances")
    assert (found.count, len(found.examples)) == (7, inspection.EXAMPLES)
    assert "held:100 5" in found.examples[0]


def test_a_feature_brings_its_own_invariant(books):
    try:

        @ledger.invariant("tests.always_wrong")
        def always_wrong(on: date):
            """Nothing is ever wrong."""
            return [f"wrong on {on}"]

        found = {found.name: found for found in ledger.inspect(date(2026, 3, 1))}
        assert found["tests.always_wrong"].plain() == {
            "name": "tests.always_wrong",
            "count": 1,
            "examples": ["wrong on 2026-03-01"],
            "says": "Nothing is ever wrong.",
        }
    finally:
        inspection._checks.pop("tests.always_wrong")


def test_a_select_that_is_kept_depends_on_the_day_alone(books):
    for name in inspection.names():
        with statements() as said:
            found = inspection._checks[name](date(2026, 3, 1))
        assert not isinstance(found, Executable) or not said, f"{name} asks before it says what to ask"


def test_the_command_prints_every_invariant_and_exits_with_whether_all_hold(here, command, db, engine):
    good = command("ledger", "inspect")
    assert good.exit_code == 0
    for name in inspection.names():
        assert name in good.output

    with by_hand(db, engine):
        db.session.execute(text("INSERT INTO ledger_balance VALUES ('held:99', 5)"))
    bad = command("ledger", "inspect", "--json")
    said = json.loads(bad.output)
    assert bad.exit_code == 1 and said["ok"] is False
    assert {found["name"]: found["count"] for found in said["invariants"]}["ledger.balances"] == 1


def test_the_command_shows_the_rules(here, command):
    shown = command("ledger", "rules")
    assert shown.exit_code == 0 and "points_ttl_months" in shown.output and "24" in shown.output
