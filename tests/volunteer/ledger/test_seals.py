"""Days sealed into a chain: editing any past row breaks it. LG-17."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from sqlalchemy import text

from tests.volunteer.ledger.planting import by_hand
from volunteer import ledger
from volunteer.clock import now
from volunteer.ledger import merkle, seals
from volunteer.ledger.seals import LINE, START, TooEarly, head_of


@pytest.fixture
def sealed(here, earn, xiaoman, daming, clock):
    """Three sealed days: two postings, none, one."""
    earn(xiaoman, 18)
    earn(daming, 12, "record:2")
    clock.move("2026-03-09 00:55")
    first, second = ledger.seal(date(2026, 3, 7)), ledger.seal(date(2026, 3, 8))
    earn(xiaoman, 5, "record:3")
    clock.move("2026-03-10 00:55")
    here.commit()
    return [first, second, ledger.seal(date(2026, 3, 9))]


def test_each_day_stands_on_the_day_before(sealed):
    """S30."""
    assert [seal.postings for seal in sealed] == [2, 0, 1]
    assert sealed[0].head == head_of(date(2026, 3, 7), 2, START, sealed[0].root)
    assert sealed[1].head == head_of(date(2026, 3, 8), 0, sealed[0].head, merkle.EMPTY.hex())
    assert len({seal.head for seal in sealed}) == 3
    assert ledger.verify() == []


def test_a_day_is_sealed_once(sealed, clock):
    again = ledger.seal(date(2026, 3, 8))
    assert again.head == sealed[1].head
    assert ledger.seal(date(2026, 1, 1)).on == date(2026, 3, 7)  # long before: part of the first


def test_a_day_is_sealed_when_it_is_over(sealed):
    with pytest.raises(TooEarly):
        ledger.seal(date(2026, 3, 10))


def test_what_happens_after_midnight_waits_for_the_next_seal(sealed, earn, daming, clock, here):
    clock.move("2026-03-11 00:20")
    earn(daming, 3, "record:4", on=date(2026, 3, 10))  # late, for the day before
    clock.move("2026-03-11 00:55")
    assert ledger.seal(date(2026, 3, 10)).postings == 0
    clock.move("2026-03-12 00:55")
    assert ledger.seal(date(2026, 3, 11)).postings == 1
    assert ledger.verify() == []


@pytest.mark.parametrize(
    "fraud",
    [
        "UPDATE ledger_posting SET amount = 180 WHERE id = 1",
        "UPDATE ledger_posting SET volunteer_id = volunteer_id + 0, key = 'record:9' WHERE id = 2",
        "UPDATE ledger_posting SET why = '{}' WHERE id = 3",
        "UPDATE ledger_posting SET at = '2026-03-07 01:00:01' WHERE id = 1",
        "DELETE FROM ledger_posting WHERE id = 2",
        "UPDATE ledger_seal SET head = 'x' WHERE postings = 0",
        "UPDATE ledger_seal SET postings = 3 WHERE postings = 2",
        "DELETE FROM ledger_seal WHERE postings = 2",
        "UPDATE ledger_seal SET root = 'x' WHERE postings = 2",
        "UPDATE ledger_seal SET version = 1 WHERE postings = 2",
        "UPDATE ledger_seal SET salt = NULL WHERE postings = 2",
    ],
)
def test_editing_the_past_is_seen(sealed, here, db, engine, fraud):
    """T34, S30."""
    here.commit()
    with by_hand(db, engine):
        from sqlalchemy import text

        db.session.execute(text(fraud))
    assert ledger.verify() != []
    assert "ledger.seals" in [found.name for found in ledger.inspect()]


def test_everything_a_posting_says_is_sealed():
    """T34, S30."""
    assert sorted(LINE) == sorted(column.name for column in ledger.Posting.__table__.columns)


def test_days_sealed_the_old_way_still_verify(here, earn, xiaoman, daming, clock, db, engine):
    """S30: a chain that began with version 1 goes on with version 2, and an edit in either is seen."""
    earn(xiaoman, 18)
    clock.move("2026-03-08 00:55")
    lines = [seals.canonical(row) for row in seals.rows(0, 1)]
    old = hashlib.sha256(f"{START}\n".encode() + b"".join(lines)).hexdigest()
    db.session.add(
        ledger.Seal(on=date(2026, 3, 7), last_id=1, postings=1, head=old, sealed_at=now(), version=1)
    )
    earn(daming, 12, "record:2")
    clock.move("2026-03-09 00:55")
    new = ledger.seal(date(2026, 3, 8))
    here.commit()
    assert (new.version, new.postings) == (2, 1) and ledger.verify() == []
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 19 WHERE id = 1"))
    assert [line[:10] for line in ledger.verify()] == ["2026-03-07"]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 33, 100])
def test_every_row_of_a_day_leads_to_its_root(count):
    """S30: and no other row does."""
    leaves = [merkle.leaf(merkle.salt(b"s", n), b"%d\n" % n) for n in range(count)]
    tree = merkle.Tree()
    for one in leaves:
        tree.add(one)
    for place, one in enumerate(leaves):
        way = merkle.path(merkle.levels(leaves), place)
        assert merkle.climb(one, way) == tree.root() and len(way) <= 7
        assert merkle.climb(merkle.leaf(b"", b"another"), way) != tree.root()


def test_the_same_row_on_two_days_has_two_leaves():
    """S30: who knows what a row says cannot find it among the published hashes."""
    assert merkle.leaf(merkle.salt(b"a", 1), b"x") != merkle.leaf(merkle.salt(b"b", 1), b"x")
    assert merkle.leaf(merkle.salt(b"a", 1), b"x") != merkle.leaf(merkle.salt(b"a", 2), b"x")
