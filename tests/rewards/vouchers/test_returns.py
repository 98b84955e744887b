"""What is not used gives its points back: to the purses they left, whatever the reason."""

from datetime import date

import pytest

from rewards import partners, vouchers
from rewards.vouchers import nightly
from volunteer import ledger, timetable


def test_cancelled_points_go_back_to_the_purse_they_left(xiaoman, make_offer, give_points, clock):
    """LG-18, LG-21: no residue is held, and no purse gains what another gave."""
    clock.move("2026-01-10 10:00")
    give_points(xiaoman, 20, key="january")
    clock.move("2026-03-07 09:00")
    give_points(xiaoman, 50, key="march")
    before = ledger.purses(xiaoman.id)
    voucher = vouchers.claim(xiaoman, make_offer(points=30).id)
    assert [purse.amount for purse in ledger.purses(xiaoman.id)] == [40]
    vouchers.cancel(voucher)
    assert ledger.purses(xiaoman.id) == before
    assert ledger.held_total(xiaoman.id) == 0


def test_what_comes_back_to_a_month_that_is_past_lasts_another_thirty_days(
    xiaoman, make_offer, give_points, clock, tea_house
):
    """T31, V16."""
    clock.move("2026-03-07 09:00")
    give_points(xiaoman, 30)
    clock.move("2027-03-01 09:00")
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28))
    clock.move("2028-02-20 09:00")
    voucher = vouchers.claim(xiaoman, make_offer(until_on=date(2028, 12, 31)).id)
    clock.move("2028-04-02 10:00")
    vouchers.lapse(date(2028, 4, 2))
    assert voucher.state == "lapsed"
    assert [(purse.month, purse.amount) for purse in ledger.purses(xiaoman.id)] == [("2028-05", 30)]


def test_at_night_what_is_past_its_day_lapses(here, voucher, xiaoman, tea):
    assert vouchers.lapse(date(2026, 6, 5)) == 0
    assert vouchers.lapse(date(2026, 6, 6)) == 1
    assert (voucher.state, ledger.balance(xiaoman.id), tea.stock) == ("lapsed", 100, 5)
    assert vouchers.lapse(date(2026, 6, 6)) == 0


def test_the_night_can_be_run_again(here, voucher, clock):
    clock.move("2026-06-06 08:00")
    for _ in range(2):
        with here.outside():
            run = timetable.run_by_hand(timetable.JOBS["vouchers.lapse"], date(2026, 6, 6))
        assert run.outcome == "done"
    assert voucher.state == "lapsed"


def test_a_week_before_its_holder_is_told(voucher, db):
    assert nightly.remind(date(2026, 5, 29)) == 1
    assert nightly.remind(date(2026, 5, 30)) == 0


@pytest.mark.parametrize(
    "ending",
    [
        lambda partner: partners.pause(partner, "装修"),
        lambda partner: partners.terminate(partner, "停业"),
        lambda partner: partners.wind_up(date(2027, 3, 1)),
    ],
)
def test_when_the_partner_is_gone_the_points_come_back(ending, here, voucher, tea_house, xiaoman):
    """ID-10, V16: told by what happened, a moment later."""
    ending(tea_house)
    here.commit()
    assert (voucher.state, ledger.balance(xiaoman.id)) == ("cancelled", 100)
    assert voucher.reason.startswith("partner.")


def test_refusing_needs_the_voucher_to_be_shown(voucher, azhen, clock):
    shown = vouchers.present(voucher)
    clock.pass_(minutes=6)
    with pytest.raises(vouchers.NotPresented):
        vouchers.refuse(shown.code, "s", "没货", azhen)
