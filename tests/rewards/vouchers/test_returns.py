"""What is not used gives its points back: to the purses they left, whatever the reason."""

from datetime import date

import pytest

from rewards import partners, vouchers
from rewards.vouchers import nightly, returns
from volunteer import ledger, notices, timetable


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


def test_a_partner_with_many_open_vouchers_goes_in_steps_and_every_point_is_back(
    here, db, clock, tea_house, xiaoman, daming, make_offer, give_points
):
    """M8: no one transaction holds them all; each holder is told, each purse is whole, each item is back on the shelf."""
    dear = make_offer(title="大礼包", points=2, stock=300, per_person=300)
    for person, points in ((xiaoman, 300), (daming, 100)):
        give_points(person, points)
    before = {person.id: ledger.purses(person.id) for person in (xiaoman, daming)}
    held = [vouchers.claim(xiaoman, dear.id) for _ in range(130)]
    held += [vouchers.claim(daming, dear.id) for _ in range(20)]
    shown = vouchers.present(held[-1])
    here.commit()

    partners.terminate(tea_house, "停业")
    here.commit()
    assert sum(one.state == "cancelled" for one in held) == returns.AT_ONCE
    assert dear.state == "withdrawn"
    assert [count for _partner, count in returns.left_behind()] == [50]
    with pytest.raises(Exception) as refused:
        vouchers.redeem(shown.code, "scan-late", partners.invite(tea_house, "陈阿珍", "138 0000 0022"))
    assert refused.value.code == "voucher.partner"

    for _again in range(2):
        with here.outside():
            run = timetable.run_by_hand(timetable.JOBS["vouchers.partner_away"])
        assert run.outcome == "done"
    assert {one.state for one in held} == {"cancelled"} and returns.left_behind() == []
    assert {person.id: ledger.purses(person.id) for person in (xiaoman, daming)} == before
    assert (dear.stock, dear.claimed - dear.returned) == (300, 0)
    ended = db.select(notices.Notice.key).where(notices.Notice.key.like("voucher-ended:%"))
    assert len(set(db.session.scalars(ended))) == len(held)
    assert {one.name for one in ledger.inspect()} <= {"hours.award_has_record"}


def test_a_pause_that_is_over_again_refunds_nothing(here, voucher, tea_house):
    """M8: what happened is told a moment later; by then the shop may be back."""
    partners.pause(tea_house, "装修")
    partners.resume(tea_house)
    here.commit()
    assert voucher.state == "claimed"
    assert returns.refund_partner(tea_house.id) == 0


def test_what_was_claimed_in_the_moment_the_partner_went_is_given_back(
    here, voucher, tea_house, xiaoman, clock
):
    """M8: nobody's points stay held at a shop that is closed."""
    here.commit()
    # As the claim left it, whose look at the partner was a moment before the pause.
    tea_house.state = "paused"
    here.commit()
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["vouchers.partner_away"])
    assert (voucher.state, ledger.balance(xiaoman.id)) == ("cancelled", 100)


@pytest.mark.parametrize(
    "end",
    [
        lambda voucher, azhen, tea_house: vouchers.cancel(voucher),
        lambda voucher, azhen, tea_house: vouchers.refuse(
            vouchers.present(voucher).code, "s-1", "没货", azhen
        ),
        lambda voucher, azhen, tea_house: vouchers.lapse(date(2027, 1, 1)),
        lambda voucher, azhen, tea_house: partners.pause(tea_house, "装修"),
    ],
    ids=["cancelled", "refused", "lapsed", "paused"],
)
def test_who_paid_nothing_hears_nothing_of_points(end, visitor, here, xiaoman, make_offer, azhen, tea_house):
    voucher = vouchers.claim(xiaoman, make_offer(points=0).id)
    here.commit()
    end(voucher, azhen, tea_house)
    here.commit()
    assert voucher.state in ("cancelled", "refused", "lapsed")
    told = visitor(xiaoman).get("/me/notices").words
    assert told.count("凉茶一壶") == 2 and "0 分" not in told
