"""Pressed by mistake: the counter takes it back within ten minutes, once, and the voucher can be used again."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rewards import partners, settlements, vouchers
from rewards.vouchers import Voucher, counter, undoing
from tests.rewards.vouchers.test_redemption import books_hold
from volunteer import ledger
from volunteer.events import Happened
from volunteer.ledger import Posting


@pytest.fixture
def used(voucher, azhen):
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    return voucher


def test_within_ten_minutes_the_counter_takes_it_back(used, azhen, xiaoman, tea_house, clock, here, db):
    """T07, ID-13, ID-14: linked to what it takes back, once, and in the trail."""
    clock.pass_(minutes=10)
    vouchers.undo(used, "扫错了人", azhen)
    assert (used.state, used.redeemed_at, used.scan) == ("claimed", None, None)
    assert ledger.at(ledger.chart.owed(tea_house.id)) == 0 and ledger.held_total(xiaoman.id) == 30
    (back,) = db.session.scalars(select(Posting).filter_by(move="unredeem"))
    assert back.reverses_id == db.session.scalar(select(Posting.id).filter_by(key=f"redeem:{used.id}"))
    happened = db.session.scalars(select(Happened).filter_by(kind="vouchers.Undone")).all()
    assert [one.facts["points"] for one in happened] == [30]
    here.commit()
    assert books_hold()


def test_a_second_later_it_is_too_late(used, azhen, clock):
    """T07."""
    clock.pass_(minutes=10, seconds=1)
    with pytest.raises(undoing.TooLate):
        vouchers.undo(used, "扫错了人", azhen)
    assert used.state == "redeemed"


def test_nobody_takes_back_what_they_spent_themselves(used, xiaoman, tea_house):
    """T07: not even as one of the counter's people."""
    partners.invite(tea_house, "小满", "13800000001")
    with pytest.raises(counter.OwnVoucher):
        vouchers.undo(used, "扫错了人", xiaoman)
    assert used.state == "redeemed"


@pytest.mark.parametrize("meanwhile", ["cancelled", "again"])
def test_what_changed_a_moment_ago_is_not_taken_back(used, azhen, tea_house, db, meanwhile):
    """T07, T08: the row itself decides: the redemption that was looked at, and no later one."""
    later = used.redeemed_at + timedelta(seconds=1)
    values = {"redeemed_at": later} if meanwhile == "again" else {"state": "cancelled", "redeemed_at": None}
    assert used.state == "redeemed"
    changed = update(Voucher).where(Voucher.id == used.id).values(**values)
    db.session.execute(changed.execution_options(synchronize_session=False))
    with pytest.raises(undoing.TooLate):
        vouchers.undo(used, "扫错了人", azhen)
    assert ledger.at(ledger.chart.owed(tea_house.id)) == 30


def test_what_the_office_has_decided_stays_decided(used, azhen, office):
    """T07: the counter agrees only with what nobody has answered yet."""
    dispute = vouchers.disputes.say(used)
    settlements.decide(dispute, "本人签了字", office, upheld=False)
    vouchers.undo(used, "扫错了人", azhen)
    assert (dispute.state, dispute.decided_by, dispute.note) == ("dismissed", office.id, "本人签了字")


def test_what_may_stand_on_a_statement_is_not_the_counters_any_more(voucher, azhen, clock):
    """T32: ten minutes do not reach over the end of a month."""
    clock.move("2026-03-31 23:59")
    vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen)
    assert undoing.may_undo(voucher.redeemed_at)
    clock.move("2026-04-01 00:00")
    assert not undoing.may_undo(voucher.redeemed_at)


def test_it_is_shown_and_redeemed_again_and_then_for_good(used, azhen, xiaoman, clock, here, tea_house):
    """T07, ID-14, LG-20: the old code stays dead; the second redemption is told to the holder like the first."""
    vouchers.undo(used, "扫错了人", azhen)
    with pytest.raises(vouchers.NotPresented):
        undone = vouchers.present(used)
        clock.pass_(minutes=6)
        vouchers.redeem(undone.code, "scan-1", azhen)
    clock.pass_(minutes=1)
    vouchers.redeem(vouchers.present(used).code, "scan-2", azhen)
    assert used.state == "redeemed" and ledger.at(ledger.chart.owed(tea_house.id)) == 30
    with pytest.raises(undoing.UndoneBefore):
        vouchers.undo(used, "又错了", azhen)
    here.commit()
    assert books_hold()


def test_an_undone_voucher_can_be_cancelled_or_lapse(used, azhen, xiaoman, here):
    vouchers.undo(used, "扫错了人", azhen)
    vouchers.cancel(used)
    assert ledger.balance(xiaoman.id) == 100
    here.commit()
    assert books_hold()


def test_the_button_stands_at_the_counter_for_ten_minutes(visitor, azhen, baker, used, xiaoman, clock):
    """T07: nobody else's counter has it, and a reason has to be written."""
    till = visitor(azhen)
    address = f"/counter/vouchers/{used.id}/undo"
    assert till.get("/counter").all("form", action=address)
    assert visitor(baker).post(address, {"reason": "扫错了人"}).status_code == 404
    assert visitor(xiaoman).post(address, {"reason": "扫错了人"}).status_code == 403
    assert till.post(address, {"reason": " "}).status_code == 422
    done = till.post(address, {"reason": "扫错了人"}, follow=True)
    assert "撤销了，“凉茶一壶”顾客可以再用。" in done.words
    assert not done.all("form", action=address)
    assert "扫错了人 券又可以用了" in visitor(xiaoman).get("/me/notices").words
    clock.move(clock.pass_(minutes=1) + timedelta(minutes=20))
    assert till.post(address, {"reason": "再来一次"}).status_code == 409


def test_eight_presses_take_it_back_once(app, here, together, used, azhen, db):
    """T07, T08."""
    from tests.races.test_counter import _within, said
    from volunteer import accounts

    voucher_id, staff_id = used.id, azhen.id

    def press():
        voucher = db.session.get(vouchers.Voucher, voucher_id, with_for_update=True, populate_existing=True)
        return vouchers.undo(voucher, "扫错了人", db.session.get_one(accounts.User, staff_id))

    answers = together([_within(app, press) for _ in range(8)])
    assert said(answers) == {"Voucher": 1, "voucher.undone_before": 7}
    assert books_hold()
