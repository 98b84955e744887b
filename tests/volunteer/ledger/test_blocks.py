"""A day is proved by the block: what is kept of the others must lead to the published root."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import delete, insert, text, update

from tests.volunteer.ledger.test_open import check
from volunteer import clock as time_of
from volunteer import ledger
from volunteer.ledger import merkle, proof, seals
from volunteer.ledger.models import Posting, SealedBlock

DAY = date(2026, 3, 7)


@pytest.fixture
def long_day(here, db, clock, xiaoman, daming):
    """`long_day(rows)`: a day of so many rows, 小满's at the ends and at the seams of the blocks, sealed."""

    def fill(rows):
        mine = {1, 2, rows // 2, 256, 257, rows}
        at = datetime(2026, 3, 7, 10, tzinfo=time_of.ZONE)
        why = {"formula": {"kind": "flat", "rule": 1, "grade": "A", "points": 1}}
        for start in range(1, rows + 1, 5000):
            db.session.execute(
                insert(Posting),
                [
                    {
                        "key": f"record:{n}", "line": 0, "move": "award", "source": ledger.chart.ISSUED, "amount": 1,
                        "target": ledger.chart.purse(xiaoman.id if n in mine else daming.id, "2028-03"),
                        "at": at, "on": DAY, "volunteer_id": xiaoman.id if n in mine else daming.id,
                        "area_path": "/1/", "why": why, "reverses_id": None,
                    }
                    for n in range(start, min(start + 5000, rows + 1))
                ],
            )  # fmt: skip
        clock.move("2026-03-08 00:55")
        ledger.seal(DAY)
        here.commit()
        return len({one for one in mine if 1 <= one <= rows})

    return fill


@pytest.mark.parametrize("count", [1, 255, 256, 257, 511, 512, 513, 700, 1300])
def test_a_tree_of_blocks_is_the_same_tree(count):
    """U1: so that the published script needs to know nothing of blocks."""
    leaves = [merkle.leaf(b"", b"%d" % n) for n in range(count)]
    whole = merkle.levels(leaves)
    parts = [merkle.levels(leaves[n : n + merkle.BLOCK]) for n in range(0, count, merkle.BLOCK)]
    above = merkle.levels([part[-1][0] for part in parts])
    assert above[-1] == whole[-1]
    for place in {0, count // 2, min(256, count - 1), count - 1}:
        nth, inside = divmod(place, merkle.BLOCK)
        assert merkle.path(parts[nth], inside) + merkle.path(above, nth) == merkle.path(whole, place)


@pytest.mark.parametrize("rows", [1, 256, 257, 700])
def test_the_rows_of_a_long_day_are_proved_and_the_published_script_agrees(long_day, xiaoman, tmp_path, rows):
    """U1: at the ends, at the seams, and in a day of a single row."""
    mine = long_day(rows)
    found = proof.of(xiaoman.id, DAY)
    assert found.holds and len(found.rows) == mine
    ok, said = check(tmp_path, found.plain())
    assert ok and f"{mine} rows" in said
    assert ledger.verify() == []


def test_it_is_the_same_proof_as_from_the_whole_day(long_day, xiaoman, db, here):
    """U1: a day that was sealed before blocks were kept says the same, and has them after a rebuild."""
    long_day(700)
    by_blocks = proof.of(xiaoman.id, DAY).plain()
    db.session.execute(delete(SealedBlock))
    here.commit()
    assert proof.of(xiaoman.id, DAY).plain() == by_blocks and ledger.verify() == []
    assert seals.keep_blocks() == 1 and seals.keep_blocks() == 0
    here.commit()
    assert db.session.query(SealedBlock).count() == 3
    assert proof.of(xiaoman.id, DAY).plain() == by_blocks and ledger.verify() == []


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("hashed", ["f" * 64, "no hash"])
def test_a_kept_hash_that_was_changed_is_noticed(long_day, xiaoman, db, here, which, hashed):
    """U1, T34: by whoever looks for their own rows, in whichever block, and by the night."""
    long_day(700)
    db.session.execute(update(SealedBlock).where(SealedBlock.nth == which).values(hash=hashed))
    here.commit()
    found = proof.of(xiaoman.id, DAY)
    assert not found.holds and not any(row.holds for row in found.rows)
    assert [line[:10] for line in ledger.verify()] == ["2026-03-07"]


@pytest.mark.parametrize(
    "fraud",
    [
        "UPDATE ledger_sealed_block SET last_id = last_id - 1 WHERE nth = 0",
        "UPDATE ledger_sealed_block SET last_id = 9000 WHERE nth = 2",
        "UPDATE ledger_sealed_block SET last_id = 600 WHERE nth = 0",
        "DELETE FROM ledger_sealed_block WHERE nth = 2",
        "DELETE FROM ledger_sealed_block WHERE nth = 0",
    ],
)
def test_a_block_that_was_moved_never_makes_a_wrong_proof(long_day, xiaoman, db, here, fraud, tmp_path):
    """U1, T34: it holds by the whole day, or it does not hold; and the night says so."""
    long_day(700)
    db.session.execute(text(fraud))
    here.commit()
    found = proof.of(xiaoman.id, DAY)
    assert found.holds == check(tmp_path, found.plain())[0]
    assert [line[:10] for line in ledger.verify()] == ["2026-03-07"]


def test_a_block_in_which_somebody_elses_row_was_changed_does_not_hold(long_day, xiaoman, db, engine, here):
    """U1, T34."""
    from tests.volunteer.ledger.planting import by_hand

    long_day(700)
    with by_hand(db, engine):
        db.session.execute(text("UPDATE ledger_posting SET amount = 2 WHERE key = 'record:3'"))
    found = proof.of(xiaoman.id, DAY)
    holds = {row.posting.key: row.holds for row in found.rows}
    assert not found.holds and not holds["record:1"] and not holds["record:256"] and holds["record:700"]
