"""What must hold between records and the points they paid: each fault planted by hand is named."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tests.volunteer.ledger.planting import by_hand
from volunteer import hours
from volunteer.ledger import inspection

FRAUDS = [
    ("hours.award_has_record", "UPDATE ledger_posting SET key = 'record:99' WHERE id = 1"),
    ("hours.award_has_record", "UPDATE ledger_posting SET key = 'gift:1' WHERE id = 1"),
    ("hours.award_has_record", "UPDATE ledger_posting SET key = 'record:one' WHERE id = 1"),
    ("hours.award_has_record", "UPDATE ledger_posting SET key = 'record:01' WHERE id = 1"),
    ("hours.award_has_record", "UPDATE service_record SET points = 24 WHERE id = 1"),
    ("hours.award_has_record", "UPDATE service_record SET state = 'provisional' WHERE id = 1"),
    ("hours.award_has_record", "UPDATE service_record SET volunteer_id = recorder_id WHERE id = 1"),
    ("hours.award_has_record", "DELETE FROM service_record WHERE id = 1"),
    ("hours.flat_pay", "UPDATE ledger_posting SET key = 'flat:77:1' WHERE id = 4"),
    ("hours.flat_pay", "UPDATE ledger_posting SET volunteer_id = volunteer_id + 1 WHERE id = 4"),
    ("hours.flat_pay", "UPDATE ledger_posting SET key = 'flat:x' WHERE id = 4"),
    ("hours.paid_once", "UPDATE service_record SET state = 'confirmed' WHERE id = 3"),
    ("hours.paid_once", "UPDATE service_record SET state = 'provisional' WHERE id = 1"),
    ("hours.paid_once", "DELETE FROM ledger_posting WHERE id = 1"),
    ("hours.reversed_once", "UPDATE service_record SET state = 'reversed' WHERE id = 1"),
    ("hours.reversed_once", "UPDATE service_record SET state = 'confirmed' WHERE id = 2"),
    ("hours.reversed_once", "UPDATE ledger_posting SET reverses_id = NULL WHERE id = 3"),
    ("hours.surplus", "UPDATE service_record SET formula = json_set(formula, '$.surplus', 4) WHERE id = 1"),
    ("hours.surplus", "UPDATE ledger_posting SET move = 'surplus', target = 'surplus:1:2028-03' WHERE id = 1"),
    ("hours.formula", "UPDATE service_record SET formula = '{}' WHERE id = 1"),
    ("hours.formula", "UPDATE service_record SET points = 24 WHERE id = 1"),
]  # fmt: skip


@pytest.fixture
def books(here, day, activity, xiaoman, daming, make_activity, make_day, office):
    """Records 1 paid · 2 paid and reversed · 3 waiting; postings 1, 2 awards · 3 reversal · 4 flat pay."""

    def stay(source, minutes, on=day, **facts):
        return hours.record_stay(
            source=source, volunteer_id=xiaoman.id, day=on, activity=activity, minutes=minutes, grade="A",
            recorder_id=daming.id, **facts,
        )  # fmt: skip

    stay("attendance:1", 150)
    hours.reverse(stay("attendance:2", 120), "扫错了人", by=office.id)
    stay("attendance:3", 500, make_day("2026-03-09", "08:00", "19:00"))
    hours.pay_flat(
        make_day(of=make_activity(title="消防演练", pay_kind="flat", flat_points=5)), xiaoman.id, 5
    )
    here.commit()
    return here


def test_good_books_have_no_findings(books, broken):
    assert broken() == []


@pytest.mark.parametrize(("name", "fraud"), FRAUDS, ids=[f"{n}-{name}" for n, (name, _) in enumerate(FRAUDS)])
def test_every_kind_of_corruption_is_named(books, db, engine, name, fraud, broken):
    with by_hand(db, engine):
        if engine.name == "postgresql":
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
        if engine.name == "postgresql":
            fraud = re.sub(
                r"json_set\(formula, '\$\.(\w+)', (\d+)\)", r"jsonb_set(formula, '{\1}', '\2')", fraud
            )
        assert db.session.execute(text(fraud)).rowcount == 1
    assert name in broken()


def test_flat_pay_that_stands_twice_is_named(books, db, engine, broken):
    columns = 'line, move, source, target, amount, at, "on", volunteer_id, area_path, why'
    with by_hand(db, engine):
        db.session.execute(
            text(
                f"INSERT INTO ledger_posting (id, key, {columns}) "
                f"SELECT 90, key || '\\:2', {columns} FROM ledger_posting WHERE id = 4"
            )
        )
    assert "hours.flat_pay" in broken()


def test_every_invariant_of_hours_has_been_broken_here():
    ours = {name for name in inspection.names() if name.startswith("hours.")}
    assert ours - {name for name, _fraud in FRAUDS} == {"hours.figures"}  # that one in test_rollups
