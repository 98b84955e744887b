"""After a statement is agreed: noted as paid, circulated to the partner's own volunteers, or carried when below zero."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rewards import settlements, vouchers
from rewards.settlements import circulating, ending
from rewards.vouchers import disputes
from tests.rewards.vouchers.test_redemption import books_hold
from volunteer import accounts, ledger
from volunteer.accounts import proposals
from volunteer.db import db


def redeem(voucher, azhen, scan):
    vouchers.redeem(vouchers.present(voucher).code, scan, azhen)
    return voucher


def bill(partner, month="2026-03"):
    return db.session.get(settlements.Statement, settlements.statement(partner, month).id)


@pytest.fixture
def used(xiaoman, azhen, make_offer, give_points, clock):
    """Two teas in March."""
    tea = make_offer(per_person=9)
    give_points(xiaoman, 200)
    clock.move("2026-03-31 15:00")
    return [redeem(vouchers.claim(xiaoman, tea.id), azhen, f"scan-{n}") for n in range(2)]


@pytest.fixture
def agreed(used, tea_house, boss_lin, office, clock, here):
    """March of the tea house, sixty points, signed by two."""
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    settlements.agree(settlements.confirm(bill(tea_house), boss_lin), office)
    here.commit()
    return bill(tea_house)


def broken(name):
    return name in {found.name for found in ledger.inspect(date(2026, 4, 2))}


# ── paid ──


def test_paid_is_a_note_of_who_when_and_what_proves_it(agreed, office, here):
    """M7: nothing moves in the books; the same note again changes nothing."""
    before = ledger.at(ledger.chart.SETTLED)
    settlements.pay(agreed, " 回单 0417 ", office)
    assert (agreed.state, agreed.reference, agreed.ended_by) == ("paid", "回单 0417", office.id)
    assert settlements.pay(agreed, "回单 0417", office) is agreed
    assert ledger.at(ledger.chart.SETTLED) == before == 60
    with pytest.raises(ending.EndedAlready):
        settlements.pay(agreed, "另一张回单", office)
    here.commit()
    assert books_hold()


def test_nothing_is_paid_before_two_have_signed(used, tea_house, office, clock):
    """M7."""
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    with pytest.raises(ending.NotAgreed):
        settlements.pay(bill(tea_house), "回单", office)


@pytest.mark.parametrize(
    "wrong",
    [
        "state = 'paid'",
        "state = 'paid', ended_at = drawn_at, ended_by = agreed_by",
        "state = 'circulated', reference = 'x', ended_at = drawn_at, ended_by = agreed_by",
        "agreed_by = NULL",
        "agreed_by = confirmed_by",
        "state = 'paid', ended_at = drawn_at, ended_by = agreed_by, reference = 'x', points = 0",
        "carried_into = id",
        "state = 'lost'",
    ],
)
def test_the_database_knows_how_a_statement_ends(agreed, here, wrong):
    """M7, T34."""
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE statement SET {wrong}"))
    here.undo()


# ── carried ──


@pytest.fixture
def below_zero(
    agreed, used, xiaoman, office, street_office, azhen, tea_house, boss_lin, clock, here, make_offer
):
    """April: both teas of March were somebody else's, and none was sold. Sixty below zero."""
    clock.move("2026-04-02 09:00")
    for voucher in used:
        dispute = disputes.say(voucher)
        settlements.decide(dispute, "不是本人", office, upheld=True)
        settlements.decide(dispute, "同意", street_office, upheld=True)
    clock.move("2026-05-01 09:00")
    settlements.draw("2026-04")
    april = bill(tea_house, "2026-04")
    settlements.agree(settlements.confirm(april, boss_lin), office)
    here.commit()
    return bill(tea_house, "2026-04")


def test_below_zero_is_carried_and_never_paid(below_zero, agreed, office, here, visitor, tea_house):
    """LG-36, M7: “下月扣回”; the earlier one is not paid either while nothing is left of it."""
    assert below_zero.points == -60
    with pytest.raises(ending.NothingDue):
        settlements.pay(below_zero, "回单", office)
    here.undo()
    with pytest.raises(ending.NothingDue):
        settlements.pay(agreed, "回单", office)
    here.undo()
    page = visitor(office).get(f"/partners/{tea_house.id}/statements/2026-04")
    assert "下月扣回" in page.words and "记为已付" not in page.words and "差 60 分" in page.words
    assert books_hold()


def test_the_next_one_pays_the_difference(
    below_zero, xiaoman, azhen, make_offer, tea_house, boss_lin, office, clock, here, visitor
):
    """LG-36: three teas in May less two; taken off once."""
    tea = make_offer(title="大碗茶", points=100, per_person=9)
    redeem(vouchers.claim(xiaoman, tea.id), azhen, "scan-may")
    clock.move("2026-06-01 09:00")
    settlements.draw("2026-05")
    may = bill(tea_house, "2026-05")
    settlements.agree(settlements.confirm(may, boss_lin), office)
    here.commit()
    may = bill(tea_house, "2026-05")
    assert settlements.due(may) == 40
    page = visitor(office).get(f"/partners/{tea_house.id}/statements/2026-05")
    assert "这次按 40 分结" in page.words
    settlements.pay(may, "回单 5", office)
    here.commit()
    assert db.session.get(settlements.Statement, below_zero.id).carried_into == may.id
    assert settlements.due(bill(tea_house, "2026-05")) == 40
    assert settlements.due(bill(tea_house)) == 60, "nothing is left to take off March"
    assert books_hold()
    db.session.execute(text("UPDATE statement SET state = 'draft' WHERE month = '2026-04'"))
    assert broken("statements.carried")


# ── circulated ──


def test_half_may_go_to_the_partners_own_volunteers(
    agreed, azhen, grandma, boss_lin, office, tea_house, here
):
    """M7: staff as they are; who is not of the staff says so first; the rest is settled; the books hold."""
    assert circulating.most(agreed) == (30, 50)
    made = circulating.propose(agreed, {azhen.id: 10, grandma.id: 15}, boss_lin)
    with pytest.raises(circulating.NotAllAgreed):
        circulating.decide(made, "", office, agreed=True)
    share = next(row.Share for row in circulating.shares_of(made) if row.Share.volunteer_id == grandma.id)
    circulating.take(share)
    circulating.take(share)
    circulating.decide(made, "", office, agreed=True)
    here.commit()
    assert (ledger.balance(azhen.id), ledger.balance(grandma.id)) == (10, 15)
    assert (ledger.at(ledger.chart.SETTLED), ledger.at(ledger.chart.owed(tea_house.id))) == (35, 0)
    assert bill(tea_house).state == "circulated" and books_hold()
    with pytest.raises(proposals.DecidedAlready):
        circulating.decide(made, "", office, agreed=True)
    with pytest.raises(ending.EndedAlready):
        settlements.pay(bill(tea_house), "回单", office)


def test_what_circulating_refuses(agreed, azhen, grandma, boss_lin, office, here):
    """M7: too much, nobody, nothing, twice, oneself."""
    for shares in ({azhen.id: 31}, {azhen.id: 20, grandma.id: 11}):
        with pytest.raises(circulating.TooMuchShared):
            circulating.propose(agreed, shares, boss_lin)
    for shares in ({}, {azhen.id: 0}, {999999: 5}, {azhen.id: -5, grandma.id: 9}):
        with pytest.raises(circulating.NobodyNamed):
            circulating.propose(agreed, shares, boss_lin)
    made = circulating.propose(agreed, {azhen.id: 10}, boss_lin)
    with pytest.raises(circulating.ProposedAlready):
        circulating.propose(agreed, {azhen.id: 10}, boss_lin)
    with pytest.raises(ending.CirculationWaits):
        settlements.pay(agreed, "回单", office)
    with pytest.raises(proposals.TakesAnother):
        circulating.decide(made, "", boss_lin, agreed=True)
    with pytest.raises(circulating.OwnShare):
        circulating.decide(made, "", azhen, agreed=True)
    circulating.decide(made, "先别转", office, agreed=False)
    assert ledger.balance(azhen.id) == 0 and agreed.state == "agreed"
    settlements.pay(agreed, "回单", office)
    here.commit()
    assert books_hold()


def test_only_people_in_use_are_named_and_not_too_many(agreed, azhen, boss_lin, make_volunteers):
    """M7: somebody suspended gets nothing, and a list stays one that somebody can look through."""
    accounts.suspend(azhen, "核实情况")
    for shares in ({azhen.id: 10}, {one.id: 1 for one in make_volunteers(51)}):
        with pytest.raises(circulating.NobodyNamed):
            circulating.propose(agreed, shares, boss_lin)


def test_a_statement_that_ended_meanwhile_is_not_circulated(agreed, azhen, boss_lin, office):
    """M7, T34: whatever path ended it, what is over is not settled a second time."""
    made = circulating.propose(agreed, {azhen.id: 10}, boss_lin)
    ended = "UPDATE statement SET state = 'paid', reference = 'x', ended_at = drawn_at, ended_by = agreed_by"
    db.session.execute(text(ended))
    with pytest.raises(ending.EndedAlready), db.session.begin_nested():
        circulating.decide(made, "", office, agreed=True)
    assert ledger.balance(azhen.id) == 0


def test_nothing_is_proposed_of_a_statement_that_is_not_agreed_or_is_over(
    used, tea_house, azhen, boss_lin, office, clock, here
):
    """M7: only what two have signed can be circulated, and what was paid cannot."""
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    for step in (lambda: None, lambda: settlements.confirm(bill(tea_house), boss_lin)):
        step()
        with pytest.raises(ending.NotAgreed):
            circulating.propose(bill(tea_house), {azhen.id: 10}, boss_lin)
    settlements.pay(settlements.agree(bill(tea_house), office), "回单", office)
    with pytest.raises(ending.EndedAlready):
        circulating.propose(bill(tea_house), {azhen.id: 10}, boss_lin)


def test_nobody_holds_more_than_one_may(agreed, azhen, boss_lin, office, give_points):
    """M7."""
    give_points(azhen, ledger.tariff(date(2026, 4, 1), "/").balance_cap_points)
    made = circulating.propose(agreed, {azhen.id: 10}, boss_lin)
    with pytest.raises(circulating.OverCap):
        circulating.decide(made, "", office, agreed=True)


@pytest.mark.parametrize(
    "fraud",
    [
        "UPDATE circulation_share SET points = points + 1",
        "UPDATE circulation_share SET agreed_at = NULL",
        "DELETE FROM circulation_share",
        "UPDATE circulation SET points = points - 1",
        "UPDATE statement SET state = 'paid', reference = 'x'",
        "UPDATE circulation SET state = 'refused'",
    ],
)
def test_every_fraud_with_a_circulation_is_found(agreed, azhen, boss_lin, office, here, fraud):
    """M7, T34."""
    circulating.decide(circulating.propose(agreed, {azhen.id: 10}, boss_lin), "", office, agreed=True)
    here.commit()
    assert not broken("statements.circulated") and not broken("statements.settled")
    db.session.execute(text(fraud))
    assert broken("statements.circulated")


@pytest.mark.parametrize(
    "fraud", ["UPDATE statement_line SET points = 31", "UPDATE statement SET state = 'draft'"]
)
def test_what_is_settled_is_what_was_agreed(agreed, here, fraud):
    """M7, T34."""
    assert not broken("statements.settled")
    db.session.execute(text(fraud))
    assert broken("statements.settled")


def test_the_database_keeps_the_share_and_the_two_people(agreed, azhen, boss_lin, here):
    """M7, T34."""
    circulating.propose(agreed, {azhen.id: 30}, boss_lin)
    here.commit()
    for wrong in (
        "points = 31",
        "percent = 51",
        "state = 'done'",
        "state = 'done', decided_by = proposed_by, decided_at = proposed_at",
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(text(f"UPDATE circulation SET {wrong}"))
        here.undo()


def test_the_database_keeps_one_live_circulation_and_one_share_a_person(agreed, azhen, boss_lin, here):
    """M7, T34: past our code nobody proposes beside what waits, nor gets two shares of it."""
    circulating.propose(agreed, {azhen.id: 10}, boss_lin)
    here.commit()
    whole = "statement_id, partner_id, area_path, statement_points, percent, points, state, proposed_by, proposed_at"
    for table, columns in (
        ("circulation", whole),
        ("circulation_share", "circulation_id, volunteer_id, points"),
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}"))
        here.undo()


# ── pages ──


def test_the_pages_of_a_circulation(
    visitor, agreed, azhen, grandma, xiaoman, boss_lin, office, other_office, daming, bakery, tea_house
):
    """M7: the manager names people, the volunteer says yes, the office agrees."""
    shop, desk = visitor(boss_lin), visitor(office)
    at = f"/statements/{agreed.id}/circulation"
    page = shop.get(at)
    assert "最多 30 分" in page.words
    assert page.text.count('<input class="input"') > 4
    assert " required" not in page.text, "whoever gets nothing stays empty, and the browser sends the form"
    assert visitor(daming).get(at).status_code == 404 and visitor(azhen).get(at).status_code == 403
    wrong = shop.post(at, {"number-0": "000000000000", "points-0": "5"})
    assert wrong.status_code == 422 and "没有找到志愿者编号" in wrong.words
    assert shop.post(at, {f"staff-{azhen.id}": "many"}).status_code == 422
    assert shop.post(at, {f"staff-{azhen.id}": "500"}).status_code == 422
    form = {f"staff-{azhen.id}": "10", "number-0": grandma.volunteer_no, "points-0": "15"}
    assert "等社区同意" in shop.post(at, form, follow=True).words
    made = circulating.live(bill(tea_house))
    share = next(row.Share for row in circulating.shares_of(made) if row.Share.volunteer_id == grandma.id)
    phone = visitor(grandma)
    assert "请点进去确认" in phone.get("/me/notices").words
    assert visitor(xiaoman).get(f"/shares/{share.id}").status_code == 404
    assert visitor(xiaoman).post(f"/shares/{share.id}/agreement").status_code == 404
    assert "我在那里帮忙" in phone.get(f"/shares/{share.id}").words
    assert "账单转赠" in desk.get("/office/inbox").words
    assert desk.post(f"/circulations/{made.id}/approval").status_code == 409
    assert "等社区同意" in phone.post(f"/shares/{share.id}/agreement", follow=True).words
    assert visitor(other_office).post(f"/circulations/{made.id}/approval").status_code == 404
    assert shop.post(f"/circulations/{made.id}/approval").status_code == 403
    assert "已转赠" in desk.post(f"/circulations/{made.id}/approval", follow=True).words
    assert "谢谢你在那里帮忙" in phone.get(f"/shares/{share.id}").words
    assert "便民茶屋" in phone.get("/me/points").words


def test_the_page_of_a_paid_statement(visitor, agreed, boss_lin, office, azhen, other_office, tea_house):
    """M7."""
    at, desk = f"/statements/{agreed.id}/payment", visitor(office)
    assert "记为已付" in desk.get(f"/partners/{tea_house.id}/statements/2026-03").words
    assert visitor(boss_lin).post(at, {"reference": "x"}).status_code == 403
    assert visitor(other_office).post(at, {"reference": "x"}).status_code == 404
    assert desk.post(at, {"reference": " "}).status_code == 422
    page = desk.post(at, {"reference": "转账回单 0417"}, follow=True)
    assert "已付" in page.words and "转账回单 0417" in page.words
    assert "转账回单 0417" in visitor(boss_lin).get("/me/notices").words
    assert desk.post(at, {"reference": "另一张"}).status_code == 409
    english = visitor(office, lang="en").get(f"/partners/{tea_house.id}/statements/2026-03")
    assert "Paid" in english.words
