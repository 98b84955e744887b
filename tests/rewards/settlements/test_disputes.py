"""“不是我用的”: the voucher leaves the settlement, the office decides, and points go back by linked transfers."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rewards import settlements, vouchers
from rewards.settlements import decisions
from rewards.settlements.nightly import draw as night
from rewards.vouchers import disputes
from tests.rewards.vouchers.test_redemption import books_hold
from volunteer import ledger
from volunteer.db import db
from volunteer.ledger import Posting


def held(address):
    return ledger.at(address)


def redeem(voucher, azhen, scan):
    vouchers.redeem(vouchers.present(voucher).code, scan, azhen)
    return voucher


@pytest.fixture
def used(xiaoman, azhen, make_offer, give_points, clock):
    """Two teas on the last afternoon of March; the first is the one somebody else drank."""
    tea = make_offer(per_person=5)
    give_points(xiaoman, 100)
    clock.move("2026-03-31 15:00")
    made = [redeem(vouchers.claim(xiaoman, tea.id), azhen, f"scan-{n}") for n in range(2)]
    return made[0]


@pytest.fixture
def march(used, tea_house):
    """March drawn up."""

    def found():
        return db.session.scalar(
            select(settlements.Statement).filter_by(partner_id=tea_house.id, month="2026-03")
        )

    return found


def test_the_database_wants_another_to_agree_than_asked(used, office):
    """T28, T34."""
    dispute = disputes.say(used)
    wrong = {"state": "upheld", "asked_by": office.id, "decided_by": office.id, "decided_at": dispute.said_at}
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(update(vouchers.Dispute).where(vouchers.Dispute.id == dispute.id).values(**wrong))


def test_what_was_dismissed_is_not_upheld_afterwards(used, office, xiaoman):
    """T07, T28: an answer is one; who thinks otherwise says so as an appeal."""
    dispute = disputes.say(used)
    settlements.decide(dispute, "本人签了字", office, upheld=False)
    with pytest.raises(decisions.DecidedAlready):
        settlements.decide(dispute, "再想想", office, upheld=True)
    assert (dispute.state, used.state, ledger.balance(xiaoman.id)) == ("dismissed", "redeemed", 40)


def test_the_database_claws_nothing_back_for_one_person(used, office, tea_house):
    """T28, T34."""
    one = settlements.models.ClawBack(
        voucher_id=used.id, partner_id=tea_house.id, points=30, value_cents=0,
        asked_by=office.id, approved_by=office.id, at=used.redeemed_at,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.add(one)
        db.session.flush()


def test_the_holder_may_say_so_for_72_hours(used, clock):
    """T07."""
    clock.move("2026-04-03 15:00")
    assert disputes.may_say(used)
    clock.move("2026-04-03 15:00:01")
    with pytest.raises(disputes.NotDisputable):
        disputes.say(used)


def test_a_disputed_voucher_leaves_the_month_and_the_bill(used, tea_house, here, march, clock):
    """T07: live, drawn up, and in what the books look at."""
    assert settlements.statement(tea_house, "2026-03").count == 2
    first = disputes.say(used, "那天我在外地")
    assert disputes.say(used).id == first.id
    assert settlements.statement(tea_house, "2026-03").count == 1
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    here.commit()
    assert (march().count, march().points) == (1, 30)
    assert books_hold()


def test_it_leaves_a_bill_that_the_shop_has_confirmed(used, boss_lin, here, march, clock):
    """T07: the shop confirms anew what is left."""
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    settlements.confirm(march(), boss_lin)
    disputes.say(used)
    here.commit()
    db.session.expire_all()
    assert (march().state, march().confirmed_by, march().count, march().points) == ("draft", None, 1, 30)
    assert books_hold()


def test_upheld_the_points_are_back_in_their_purse(used, xiaoman, office, tea_house, here):
    """T07: back by transfers that name what they reverse."""
    dispute = disputes.say(used)
    settlements.decide(dispute, "监控里不是本人", office, upheld=True)
    assert (used.state, used.reason, dispute.state) == ("cancelled", "dispute.upheld", "upheld")
    assert ledger.balance(xiaoman.id) == 70 and held(ledger.chart.owed(tea_house.id)) == 30
    keys = db.session.scalars(select(Posting.key).where(Posting.reverses_id.is_not(None))).all()
    assert keys == [f"unredeem:{used.id}", f"release:{used.id}"]
    with pytest.raises(decisions.DecidedAlready):
        settlements.decide(dispute, "再来", office, upheld=True)
    here.commit()
    assert books_hold()


def test_what_the_counter_takes_back_nobody_has_to_decide(used, azhen, office, here):
    """T07: the counter agreed that it was not the holder; the next redemption is another matter."""
    dispute = disputes.say(used, "不是我")
    vouchers.undo(used, "扫错了人", azhen)
    here.commit()
    db.session.refresh(dispute)
    assert (dispute.state, dispute.decided_by, dispute.note) == ("upheld", azhen.id, "扫错了人")
    assert not decisions.waiting() and disputes.say(used) is dispute and books_hold()

    with pytest.raises(decisions.DecidedAlready):
        settlements.decide(dispute, "监控里不是本人", office, upheld=True)


def test_a_second_redemption_can_be_disputed_again(used, azhen, xiaoman, office, clock, here):
    """T07: what was said of the first is not taken for an answer about the second."""
    first = disputes.say(used, "不是我")
    vouchers.undo(used, "扫错了人", azhen)
    clock.pass_(minutes=1)
    redeem(used, azhen, "scan-again")
    assert disputes.about(used) is None
    again = disputes.say(used, "这次也不是我")
    assert (again.id, again.state, again.said) == (first.id, "open", "这次也不是我")
    settlements.decide(again, "监控里不是本人", office, upheld=True)
    assert (used.state, ledger.balance(xiaoman.id)) == ("cancelled", 70)
    here.commit()
    assert books_hold()


def test_dismissed_it_goes_on_the_next_bill(used, office, boss_lin, here, clock, march, tea_house):
    """T07."""
    dispute = disputes.say(used)
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    settlements.confirm(march(), boss_lin)
    settlements.agree(march(), office)
    settlements.decide(dispute, "本人签了字", office, upheld=False)
    here.commit()
    assert (used.state, dispute.state) == ("redeemed", "dismissed") and books_hold()
    clock.move("2026-05-01 09:00")
    night(date(2026, 5, 1))
    assert settlements.statement(tea_house, "2026-04").points == 30
    here.commit()
    assert books_hold()


def test_once_it_is_paid_two_of_the_office_claw_it_back(
    used, azhen, xiaoman, office, street_office, boss_lin, here, clock, march, tea_house, tea
):
    """T32, LG-36: one asks, another agrees; the next bill has a line below zero, and the books hold throughout."""
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    settlements.confirm(march(), boss_lin)
    settlements.agree(march(), office)
    assert held(ledger.chart.SETTLED) == 60
    dispute = disputes.say(used)
    settlements.decide(dispute, "监控里不是本人", office, upheld=True)
    assert (dispute.state, used.state) == ("asked", "redeemed") and ledger.balance(xiaoman.id) == 40
    with pytest.raises(decisions.TakesAnother):
        settlements.decide(dispute, "我来同意", office, upheld=True)
    settlements.decide(dispute, "同意", street_office, upheld=True)
    assert ledger.balance(xiaoman.id) == 70 and used.state == "cancelled"
    assert (held(ledger.chart.SETTLED), held(ledger.chart.owed(tea_house.id))) == (30, 0)
    here.commit()
    assert books_hold()

    redeem(vouchers.claim(xiaoman, tea.id), azhen, "scan-april")
    clock.move("2026-05-01 09:00")
    assert night(date(2026, 5, 1)) == 1
    april = db.session.scalar(select(settlements.Statement).filter_by(month="2026-04"))
    assert (april.count, april.points, april.value_cents) == (1, 0, 0)
    settlements.confirm(april, boss_lin)
    settlements.agree(april, office)
    assert held(ledger.chart.SETTLED) == march().points + april.points == 60
    assert held(ledger.chart.owed(tea_house.id)) == 0
    here.commit()
    assert books_hold()


def test_a_claw_back_stands_on_a_bill_of_its_own_when_nothing_else_happened(
    used, office, street_office, boss_lin, here, clock, march, tea_house
):
    """T32: the shop had no customers; the bill is below zero and nothing is settled in the books."""
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    settlements.agree(settlements.confirm(march(), boss_lin), office)
    dispute = disputes.say(used)
    settlements.decide(dispute, "不是本人", office, upheld=True)
    settlements.decide(dispute, "同意", street_office, upheld=True)
    clock.move("2026-06-02 09:00")
    assert night(date(2026, 6, 2)) == 1 and night(date(2026, 6, 2)) == 0
    april = db.session.scalar(select(settlements.Statement).filter_by(month="2026-04"))
    assert (april.count, april.points) == (0, -30)
    settlements.agree(settlements.confirm(april, boss_lin), office)
    here.commit()
    assert books_hold()


def test_a_refund_after_payment_is_not_the_counters_or_one_persons(
    used, azhen, visitor, office, march, clock, boss_lin, xiaoman
):
    """T32: refused for the shop; asked, not done, for the office."""
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    settlements.agree(settlements.confirm(march(), boss_lin), office)
    assert visitor(azhen).post(f"/counter/vouchers/{used.id}/undo", {"reason": "退"}).status_code == 409
    dispute = disputes.say(used)
    page = visitor(office).post(f"/disputes/{dispute.id}/upheld", {"reason": "不是本人"}, follow=True)
    assert "等另一位同事同意" in page.words and "请另一位同事来办" in page.words
    assert used.state == "redeemed" and ledger.balance(xiaoman.id) == 40


def test_nobody_decides_about_what_they_redeemed_or_own(used, azhen, xiaoman, nankeng):
    """T07, T06."""
    dispute = disputes.say(used)
    for person in (azhen, xiaoman):
        with pytest.raises(decisions.OwnDispute):
            settlements.decide(dispute, "没问题", person, upheld=False)


def test_the_pages(visitor, used, xiaoman, office, other_office, azhen, auditor):
    """T07: the button on the voucher, the notice, the office's inbox and page; next door sees nothing."""
    phone = visitor(xiaoman)
    assert "不是我用的" in phone.get(f"/vouchers/{used.id}").words
    said = phone.post(f"/vouchers/{used.id}/dispute", {"said": "那天我在外地"}, follow=True)
    assert "正在核实" in said.words and "告诉社区了" in said.words
    assert visitor(azhen).post(f"/vouchers/{used.id}/dispute").status_code == 404
    desk = visitor(office)
    assert "不是本人用的券" in desk.get("/office/inbox").words
    page = desk.get("/office/disputes")
    assert "那天我在外地" in page.words and "便民茶屋" in page.words and "陈大明" not in page.words
    assert "凉茶一壶" not in visitor(other_office).get("/office/disputes").words
    assert visitor(auditor).get("/office/disputes").status_code == 403
    dispute = disputes.of(used.id)
    assert visitor(other_office).post(f"/disputes/{dispute.id}/upheld", {"reason": "x"}).status_code == 404
    assert desk.post(f"/disputes/{dispute.id}/upheld", {"reason": " "}).status_code == 422
    done = desk.post(f"/disputes/{dispute.id}/dismissed", {"reason": "本人签了字"}, follow=True)
    assert "核销有效" in done.words and "没有等着核实的券" in done.words
    assert "核销有效：本人签了字" in phone.get(f"/vouchers/{used.id}").words
    assert "没有改动：本人签了字" in phone.get("/me/notices").words
