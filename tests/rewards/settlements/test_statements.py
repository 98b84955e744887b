"""A month's statement: live while it runs, drawn up by night, confirmed, agreed by another."""

from datetime import date

import pytest

from rewards import settlements, vouchers
from rewards.settlements.nightly import draw as night
from volunteer import ledger
from volunteer.ledger.purses import at as held_at


@pytest.fixture
def redeemed(xiaoman, make_offer, give_points, azhen, clock):
    """Two teas in March, one in April."""
    tea = make_offer(per_person=5)
    give_points(xiaoman, 100)
    done = []
    for n, at in enumerate(("2026-03-07 10:00", "2026-03-31 23:59", "2026-04-01 00:01")):
        clock.move(at)
        voucher = vouchers.claim(xiaoman, tea.id)
        vouchers.redeem(vouchers.present(voucher).code, f"scan-{n}", azhen)
        done.append(voucher)
    clock.move("2026-04-01 09:00")
    return done


def test_the_open_month_is_live(redeemed, tea_house):
    april = settlements.statement(tea_house, "2026-04")
    assert (april.state, april.count, april.points, april.value_cents) == ("open", 1, 30, 1800)


def test_the_night_draws_up_the_month_that_is_over(redeemed, tea_house):
    assert settlements.statement(tea_house, "2026-03").state == "due"
    assert night(date(2026, 4, 1)) == 1
    march = settlements.statement(tea_house, "2026-03")
    assert (march.state, march.count, march.points) == ("draft", 2, 60)
    assert night(date(2026, 4, 1)) == 0
    assert not {finding.name for finding in ledger.inspect(date(2026, 5, 2))} & {"statements.sums"}


def test_a_voucher_that_is_on_no_statement_is_found(redeemed, here):
    here.commit()
    assert "statements.every_voucher" in {finding.name for finding in ledger.inspect(date(2026, 5, 2))}
    settlements.draw("2026-03")
    found = {finding.name: finding for finding in ledger.inspect(date(2026, 4, 2))}
    assert "statements.every_voucher" not in found


def test_a_month_is_not_drawn_before_it_is_over(redeemed):
    with pytest.raises(settlements.MonthOpen):
        settlements.draw("2026-04")


def test_months_that_were_missed_are_caught_up(redeemed, tea_house, clock):
    clock.move("2026-06-02 09:00")
    assert settlements.owed_months(date(2026, 6, 2)) == ["2026-03", "2026-04", "2026-05"]
    assert night(date(2026, 6, 2)) == 2
    assert settlements.statement(tea_house, "2026-04").count == 1


def test_the_partner_confirms_and_another_person_agrees(redeemed, tea_house, boss_lin, office, db, here):
    """T06, T07."""
    settlements.draw("2026-03")
    statement = db.session.get(settlements.Statement, settlements.statement(tea_house, "2026-03").id)
    with pytest.raises(Exception) as refused:
        settlements.agree(statement, office)
    assert refused.value.code == "statement.not_confirmed"
    settlements.confirm(statement, boss_lin)
    with pytest.raises(Exception) as refused:
        settlements.agree(statement, boss_lin)
    assert refused.value.code == "statement.same_person"
    settlements.agree(statement, office)
    settlements.agree(statement, office)
    assert statement.state == "agreed"
    assert held_at(ledger.chart.owed(tea_house.id)) == 30
    assert held_at(ledger.chart.SETTLED) == 60


def test_every_voucher_is_on_one_statement_only(redeemed, tea_house, boss_lin, db):
    """LG-36: the sum of the statements is the sum of what was redeemed."""
    settlements.draw("2026-03")
    statement = db.session.get(settlements.Statement, settlements.statement(tea_house, "2026-03").id)
    settlements.confirm(statement, boss_lin)
    assert settlements.draw("2026-03") == 0
    assert settlements.statement(tea_house, "2026-03").points == 60
    assert settlements.statement(tea_house, "2026-04").points == 30
