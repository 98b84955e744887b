"""Each kind of disorder, planted on purpose behind everybody's back, is named by the inspection."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from rewards import settlements, vouchers
from rewards.offers import Offer
from rewards.vouchers import Voucher
from volunteer import ledger

ON = date(2026, 5, 2)


def broken():
    return {finding.name for finding in ledger.inspect(ON)} - {"hours.award_has_record"}


@pytest.fixture
def redeemed(voucher, azhen, here):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    here.commit()
    return voucher


def test_good_books_are_good(voucher, here):
    here.commit()
    assert broken() == set()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"state": "cancelled"}, {"vouchers.postings", "vouchers.held", "vouchers.stock"}),
        ({"points": 31}, {"vouchers.postings", "vouchers.held"}),
    ],
)
def test_a_voucher_whose_points_tell_another_story(voucher, db, values, named):
    db.session.execute(update(Voucher).where(Voucher.id == voucher.id).values(**values))
    assert named <= broken()


def test_a_voucher_redeemed_while_it_was_not_shown(redeemed, db):
    late = redeemed.armed_until + timedelta(minutes=1)
    db.session.execute(update(Voucher).where(Voucher.id == redeemed.id).values(redeemed_at=late))
    assert "vouchers.told" in broken()


def test_a_voucher_of_another_partner(voucher, bakery, db):
    db.session.execute(update(Voucher).where(Voucher.id == voucher.id).values(partner_id=bakery.id))
    assert "vouchers.told" in broken()


def test_stock_that_nobody_claimed(voucher, tea, db):
    db.session.execute(update(Offer).where(Offer.id == tea.id).values(claimed=2, stock=3))
    assert broken() == {"vouchers.stock"}


def test_stock_that_does_not_add_up(voucher, tea, db, engine):
    if engine.name == "sqlite":
        db.session.execute(text("PRAGMA ignore_check_constraints = ON"))
    else:
        db.session.execute(text("ALTER TABLE offer DROP CONSTRAINT ck_offer_stock_adds_up"))
    db.session.execute(text("UPDATE offer SET stock = stock + 1"))
    assert broken() == {"offers.stock"}


def test_a_redeemed_voucher_on_no_statement(redeemed):
    assert broken() == {"statements.every_voucher"}


def test_a_statement_whose_sum_is_not_that_of_its_lines(redeemed, clock, db):
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    assert broken() == set()
    db.session.execute(update(settlements.Statement).values(points=29))
    assert broken() == {"statements.sums"}
