"""How many vouchers a person may use at one partner in a day, where the rules say so."""

from collections import Counter
from datetime import date

import pytest

from rewards import vouchers
from rewards.vouchers.counter import EnoughToday, Shown
from tests.cast import decide
from tests.strict import statements
from volunteer import ledger
from volunteer.accounts import User
from volunteer.db import db, transaction
from volunteer.ledger import rules


@pytest.fixture
def one_a_day(here, clock, bantian):
    """From tomorrow on one voucher a day at a partner; it is tomorrow."""
    decide({"redemptions_per_partner_day": 1}, date(2026, 3, 8), "一天一张")
    clock.move("2026-03-08 10:00")
    here.commit()


@pytest.fixture
def two(xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    return [vouchers.claim(xiaoman, tea.id) for _ in range(2)]


def use(voucher, by, scan):
    return vouchers.redeem(vouchers.present(voucher).code, scan, by)


def test_without_a_limit_there_is_none(two, azhen):
    """V15: off unless a rule set says so."""
    use(two[0], azhen, "s1")
    assert use(two[1], azhen, "s2").state == "redeemed"


def test_the_second_one_waits_for_tomorrow(one_a_day, two, azhen, clock, here):
    """V15: refused with what was used and who can help; the voucher stays, and tomorrow it is good."""
    use(two[0], azhen, "s1")
    here.commit()
    with pytest.raises(EnoughToday) as refused:
        use(two[1], azhen, "s2")
    assert refused.value.facts == {"partner": "便民茶屋", "used": 1, "limit": 1}
    assert "一天最多 1 张" in refused.value.detail and refused.value.who
    with pytest.raises(EnoughToday):
        vouchers.preview(vouchers.present(two[1]).code, azhen)
    clock.move("2026-03-09 09:00")
    assert use(two[1], azhen, "s3").state == "redeemed"


def test_another_street_s_limit_is_none_of_ours(here, clock, two, azhen):
    """V15, A3: the limit is the scheme's the partner belongs to."""
    rules.publish({"redemptions_per_partner_day": 1}, date(2026, 3, 8), "别的街道", area_path="/999/")
    clock.move("2026-03-08 10:00")
    here.commit()
    use(two[0], azhen, "s1")
    assert use(two[1], azhen, "s2").state == "redeemed"


def test_the_same_scan_still_gets_its_answer(one_a_day, two, azhen, here):
    """V15, CO-02: a repeat is not a second one."""
    code = vouchers.present(two[0]).code
    vouchers.redeem(code, "s1", azhen)
    here.commit()
    assert vouchers.redeem(code, "s1", azhen).repeated


def test_another_partner_is_another_day_out(one_a_day, two, azhen, make_offer, bakery, baker, xiaoman):
    bread = vouchers.claim(xiaoman, make_offer(bakery, title="吐司", points=5).id)
    use(two[0], azhen, "s1")
    assert use(bread, baker, "s2").state == "redeemed"


def test_what_was_taken_back_is_not_counted(one_a_day, two, azhen, here):
    use(two[0], azhen, "s1")
    db.session.refresh(two[0])
    vouchers.undo(two[0], "按错了", azhen)
    here.commit()
    assert use(two[1], azhen, "s2").state == "redeemed"


def test_two_in_one_batch_are_taken_one_after_the_other(one_a_day, two, azhen, here):
    """V15: the counter's fast lane puts scans together; the limit holds inside one batch."""
    shown = [Shown(vouchers.present(one).code, f"s{n}", by_id=azhen.id) for n, one in enumerate(two)]
    here.commit()
    given = vouchers.redeem_many(shown)
    assert sorted(type(one).__name__ for one in given) == ["EnoughToday", "Redemption"]


@pytest.mark.races
def test_eight_tills_at_one_moment_and_one_of_them_redeems(
    app, one_a_day, make_offer, xiaoman, azhen, here, together
):
    """V15: eight vouchers of one person at eight tills of one shop in the same second."""
    offer = make_offer(points=0, stock=20, per_person=20)
    codes = [vouchers.present(vouchers.claim(xiaoman, offer.id)).code for _ in range(8)]
    here.commit()
    who = azhen.id

    def till(n):
        def press():
            with app.app_context(), transaction():
                return vouchers.redeem(codes[n], f"till-{n}", db.session.get_one(User, who)).state

        return press

    answers = together([till(n) for n in range(8)])
    assert Counter(getattr(one, "code", one) for one in answers) == {"redeemed": 1, "voucher.partner_day": 7}


def test_the_fast_lane_is_as_short_as_before(here, two, azhen):
    """V15: where nothing is limited, nothing is counted and nobody is queued."""
    code = vouchers.present(two[0]).code
    here.commit()
    ledger.tariff(date(2026, 3, 7), "/")
    with statements() as said:
        vouchers.redeem_many([Shown(code, "s1", by_id=azhen.id)])
    assert said and not [
        one for one in said if "FOR NO KEY UPDATE" in str(one) or "count(voucher" in str(one).lower()
    ]
    assert not [one for one in said if "count(*)" in str(one).lower() and "midnight" in str(one)]
