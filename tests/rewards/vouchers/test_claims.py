"""A volunteer claims an offer: points held, stock one less, and everything that stands in the way."""

from datetime import date

import pytest

from rewards import offers, partners, vouchers
from tests.cast import decide
from volunteer import accounts, ledger
from volunteer.errors import NotFound, Refusal
from volunteer.ledger import Insufficient


def test_claiming_holds_the_points_and_takes_one_off_the_shelf(voucher, tea, xiaoman):
    """LG-18: the hold comes first; the partner is owed nothing yet."""
    assert voucher.state == "claimed" and voucher.points == 30
    assert ledger.balance(xiaoman.id) == 70 and ledger.held_total(xiaoman.id) == 30
    assert (tea.stock, tea.claimed) == (4, 1)


def test_a_voucher_lasts_ninety_days(voucher):
    assert voucher.expires_on == date(2026, 6, 5)


def test_a_voucher_never_outlives_the_agreement(clock, xiaoman, tea, give_points):
    clock.move("2026-12-20 10:00")
    give_points(xiaoman, 30)
    assert vouchers.claim(xiaoman, tea.id).expires_on == date(2027, 2, 28)


def test_a_renewal_signed_already_counts(clock, here, xiaoman, tea, tea_house, give_points):
    clock.move("2026-12-20 10:00")
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28))
    give_points(xiaoman, 30)
    assert vouchers.claim(xiaoman, tea.id).expires_on == date(2027, 3, 20)


def test_two_a_person_and_no_more(xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    vouchers.claim(xiaoman, tea.id)
    vouchers.claim(xiaoman, tea.id)
    with pytest.raises(vouchers.Limit) as refused:
        vouchers.claim(xiaoman, tea.id)
    assert refused.value.facts == {"limit": 2, "have": 2}
    assert refused.value.code == "offer.limit"


def test_a_cancelled_voucher_does_not_count_against_the_limit(xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    vouchers.cancel(vouchers.claim(xiaoman, tea.id))
    vouchers.claim(xiaoman, tea.id)
    assert vouchers.claim(xiaoman, tea.id).state == "claimed"


def test_too_few_points_says_how_many_are_missing(here, xiaoman, tea, give_points):
    """LG-19, LG-20: what would overdraw fails when it is claimed, and nothing is left of it."""
    give_points(xiaoman, 18)
    here.commit()
    with pytest.raises(Insufficient) as refused:
        vouchers.claim(xiaoman, tea.id)
    assert refused.value.facts == {"balance": 18, "missing": 12}
    here.undo()
    assert ledger.balance(xiaoman.id) == 18 and tea.stock == 5


def test_what_is_sold_out_is_sold_out(xiaoman, daming, make_offer, give_points):
    last = make_offer(stock=1)
    give_points(xiaoman, 100)
    give_points(daming, 100)
    vouchers.claim(xiaoman, last.id)
    with pytest.raises(offers.SoldOut):
        vouchers.claim(daming, last.id)


def test_an_offer_that_costs_nothing_moves_no_points(xiaoman, make_offer):
    free = make_offer(points=0)
    voucher = vouchers.claim(xiaoman, free.id)
    assert voucher.state == "claimed" and ledger.balance(xiaoman.id) == 0
    assert vouchers.cancel(voucher).state == "cancelled"


def test_a_second_tap_is_the_same_voucher(xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    first = vouchers.claim(xiaoman, tea.id, once="tap-1")
    assert vouchers.claim(xiaoman, tea.id, once="tap-1").id == first.id
    assert vouchers.claim(xiaoman, tea.id, once="tap-2").id != first.id
    assert tea.stock == 3


@pytest.mark.parametrize("act", [offers.pause, offers.withdraw])
def test_what_is_off_the_shelf_cannot_be_claimed(act, xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    act(tea)
    with pytest.raises((offers.Closed, NotFound)):
        vouchers.claim(xiaoman, tea.id)


def test_before_it_opens_and_after_it_ended(clock, xiaoman, make_offer, give_points):
    later = make_offer(from_on=date(2026, 3, 10), until_on=date(2026, 3, 20))
    give_points(xiaoman, 100)
    with pytest.raises(offers.Closed):
        vouchers.claim(xiaoman, later.id)
    clock.move("2026-03-21 00:01")
    with pytest.raises(offers.Closed):
        vouchers.claim(xiaoman, later.id)


def test_a_partner_that_is_paused_gives_nothing(xiaoman, tea, tea_house, give_points):
    give_points(xiaoman, 100)
    partners.pause(tea_house, "装修")
    with pytest.raises(offers.Closed):
        vouchers.claim(xiaoman, tea.id)


def test_nothing_that_never_was_can_be_claimed(here, xiaoman):
    with pytest.raises(NotFound):
        vouchers.claim(xiaoman, 4711)


def test_a_scheme_may_ask_for_days_first(clock, here, xiaoman, tea, give_points):
    decide({"min_account_days": 30}, date(2026, 3, 8), "满 30 天")
    clock.move("2026-03-20 10:00")
    give_points(xiaoman, 100)
    with pytest.raises(vouchers.Threshold) as refused:
        vouchers.claim(xiaoman, tea.id)
    assert refused.value.code == "offer.threshold" and "4月6日" in refused.value.detail
    clock.move("2026-04-06 10:00")
    assert vouchers.claim(xiaoman, tea.id).state == "claimed"


def test_a_minor_needs_the_guardian_and_never_gets_what_is_for_adults(nankeng, tea, make_offer, give_points):
    """T38."""
    child = accounts.register(
        name="小雨",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2012, 5, 1),
        guardian_phone="13800000032",
    )
    give_points(child, 100)
    with pytest.raises(Exception) as refused:
        vouchers.claim(child, tea.id)
    assert refused.value.code == "offer.guardian"
    with pytest.raises(Exception) as refused:
        vouchers.claim(child, make_offer(title="米酒一瓶", adults_only=True).id)
    assert refused.value.code == "offer.adults_only"


def test_who_says_no_birthday_gets_nothing_that_is_for_adults(nankeng, make_offer, give_points):
    """T38: a gate that opens for whoever says nothing is none."""
    nobody_knows = accounts.register(name="小周", phone="13800000033", home=nankeng)
    give_points(nobody_knows, 100)
    with pytest.raises(Refusal) as refused:
        vouchers.claim(nobody_knows, make_offer(title="米酒一瓶", adults_only=True).id)
    assert refused.value.code == "offer.adults_only"


def test_the_page_knows_beforehand_what_the_claim_would_say(xiaoman, tea, give_points):
    """LG-22: looking ahead equals what happens."""
    give_points(xiaoman, 10)
    ahead = offers.hindrances(xiaoman, tea)
    assert [refusal.code for refusal in ahead] == ["ledger.insufficient"]
    give_points(xiaoman, 20)
    assert offers.hindrances(xiaoman, tea) == []
    vouchers.claim(xiaoman, tea.id)
    assert [refusal.code for refusal in offers.hindrances(xiaoman, tea)] == ["ledger.insufficient"]
