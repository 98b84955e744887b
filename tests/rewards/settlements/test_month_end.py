"""What a month has to have of statements before its books close, and on which day they are drawn."""

from datetime import date

import pytest

from rewards import settlements, vouchers
from rewards.partners.queries import agreements
from rewards.settlements import drawing, month_end
from rewards.settlements.nightly import draw as night
from volunteer import ledger
from volunteer.db import db


@pytest.fixture
def redeemed(voucher, azhen, clock, here):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    clock.move("2026-04-01 09:00")
    return voucher


def test_a_partner_without_its_statement_and_one_that_is_not_signed(redeemed, tea_house, boss_lin, office):
    """Idea 24: missing always stands in the way; unsigned may be left."""
    ready = month_end.statements("2026-03")
    assert [str(line) for line in ready.missing] == ["1 家商家的账单还没有出"]
    settlements.draw("2026-03")
    ready = month_end.statements("2026-03")
    assert ready.missing == [] and [str(line) for line in ready.open] == ["1 份账单还没有核准"]
    one = db.session.get(settlements.Statement, settlements.statement(tea_house, "2026-03").id)
    settlements.agree(settlements.confirm(one, boss_lin), office)
    ready = month_end.statements("2026-03")
    assert (ready.missing, ready.open) == ([], [])
    assert ready.figures == {"drawn": 1, "points": 30, "unsigned": 0, "paid": 0, "circulated": 0}
    assert month_end.statements("2026-04").figures["drawn"] == 0


def on_day(partner, day):
    """Have the partner's agreement name a day of the month."""
    agreements(partner)[0].statement_day = day
    db.session.commit()


def missing(on):
    """Whether the inspection of that night misses a voucher on the statements."""
    return "statements.every_voucher" in {one.name for one in ledger.inspect(on)}


def test_the_night_waits_for_the_agreements_day(redeemed, tea_house, clock):
    """M7: drawn on the day the agreement names; until then the books miss nothing, and from then on they do."""
    assert drawing.day_of(tea_house.id) == 1
    on_day(tea_house, 5)
    assert [night(date(2026, 4, day)) for day in (1, 4)] == [0, 0]
    assert [missing(date(2026, 4, day)) for day in (1, 4, 5, 6)] == [False, False, False, True]
    assert night(date(2026, 4, 5)) == 1
    assert settlements.statement(tea_house, "2026-03").state == "draft"
    assert not missing(date(2026, 4, 6))


def test_by_hand_nobody_waits(redeemed, tea_house):
    """M7."""
    on_day(tea_house, 5)
    assert settlements.draw("2026-03") == 1


def test_a_month_that_was_missed_is_drawn_whatever_the_day(redeemed, tea_house, clock):
    """M7."""
    on_day(tea_house, 28)
    clock.move("2026-06-02 00:30")
    assert missing(date(2026, 6, 2))
    assert night(date(2026, 6, 2)) == 1
