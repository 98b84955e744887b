"""“有出入”: the partner objects to a line before confirming, the office answers, and every voucher keeps its place."""

from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from rewards import settlements, vouchers
from rewards.partners.hands import HandInIt
from rewards.settlements import agreeing, objections
from rewards.settlements.decisions import OwnDispute
from rewards.settlements.nightly import draw as night
from rewards.vouchers import disputes
from tests.rewards.vouchers.test_redemption import books_hold
from volunteer import accounts, ledger, notices
from volunteer import clock as wall_clock
from volunteer.db import db


@pytest.fixture
def march(xiaoman, azhen, make_offer, give_points, clock, tea_house, here):
    """March with two teas, drawn up and not looked at yet."""
    tea = make_offer(per_person=9)
    give_points(xiaoman, 100)
    clock.move("2026-03-31 15:00")
    for n in range(2):
        voucher = vouchers.claim(xiaoman, tea.id)
        vouchers.redeem(vouchers.present(voucher).code, f"scan-{n}", azhen)
    clock.move("2026-04-01 09:00")
    night(date(2026, 4, 1))
    here.commit()
    return db.session.scalars(select(settlements.Statement).filter_by(partner_id=tea_house.id)).one()


@pytest.fixture
def first(march):
    return db.session.scalars(select(vouchers.Voucher).order_by(vouchers.Voucher.id)).first()


def told(person):
    mine = db.session.scalars(select(notices.Notice).filter_by(user_id=person.id))
    return " ".join(str(notices.shown(one)) for one in mine)


def test_taken_off_the_holder_has_the_points_and_the_partner_confirms_anew(
    march, first, boss_lin, office, xiaoman, tea_house, here
):
    """LG-36: what is off the statement is off what is owed, and nothing is used without standing on one."""
    said = objections.object_to(march, "那天是试机器", boss_lin, voucher_id=first.id)
    settlements.confirm(march, boss_lin)
    with pytest.raises(agreeing.ObjectionOpen):
        settlements.agree(march, office)
    objections.answer(said, "看了监控，是试机器", office, changed=True)
    assert (march.state, march.confirmed_by, march.count, march.points) == ("draft", None, 1, 30)
    assert (first.state, first.reason) == ("cancelled", "statement.objected")
    assert ledger.balance(xiaoman.id) == 70 and ledger.at(ledger.chart.owed(tea_house.id)) == 30
    assert "商家说核错了" in told(xiaoman) and "拿下了你们说的那一张" in told(boss_lin)
    settlements.agree(settlements.confirm(march, boss_lin), office)
    here.commit()
    assert march.state == "agreed" and ledger.at(ledger.chart.owed(tea_house.id)) == 0 and books_hold()


def test_it_stands_with_a_reason(march, first, boss_lin, office, here):
    said = objections.object_to(march, "没有这位顾客", boss_lin, voucher_id=first.id)
    settlements.confirm(march, boss_lin)
    objections.answer(said, "顾客有小票", office, changed=False)
    assert (march.state, march.count, said.state) == ("confirmed", 2, "stands")
    assert "顾客有小票" in told(boss_lin)
    with pytest.raises(objections.AnsweredAlready):
        objections.answer(said, "再想想", office, changed=True)
    settlements.agree(march, office)
    here.commit()
    assert books_hold()


def test_one_open_objection_a_line(march, first, boss_lin, here):
    """Said again it is the same; the database keeps to it whoever writes."""
    said = objections.object_to(march, "没有这位顾客", boss_lin, voucher_id=first.id)
    assert objections.object_to(march, "再说一次", boss_lin, voucher_id=first.id) is said
    missing = objections.object_to(march, "少了一杯", boss_lin)
    assert missing is not said and objections.object_to(march, "少了", boss_lin) is missing
    for one in (said, missing):
        row = {
            name: getattr(one, name)
            for name in (
                "statement_id",
                "voucher_id",
                "partner_id",
                "area_path",
                "said",
                "said_by",
                "said_at",
            )
        }
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(
                insert(settlements.Objection).values(row | {"due_on": one.due_on, "state": "open"})
            )


def test_only_while_it_is_a_draft_and_only_its_own_lines(march, first, boss_lin):
    with pytest.raises(objections.NoSuchLine):
        objections.object_to(march, "不对", boss_lin, voucher_id=first.id + 999)
    settlements.confirm(march, boss_lin)
    with pytest.raises(objections.NotDraft):
        objections.object_to(march, "不对", boss_lin, voucher_id=first.id)


def test_nobody_answers_about_a_partner_of_their_own(
    march, first, boss_lin, office, xiaoman, azhen, tea_house, here
):
    """T28: nor what they said themselves, nor a voucher of theirs; in the database too."""
    said = objections.object_to(march, "不对", boss_lin, voucher_id=first.id)
    with pytest.raises(objections.OwnObjection):
        objections.answer(said, "同意", boss_lin, changed=True)
    accounts.appoint(office, "partner_manager", partner_id=tea_house.id)
    with pytest.raises(HandInIt):
        objections.answer(said, "同意", office, changed=False)
    for one in (xiaoman, azhen):
        with pytest.raises(OwnDispute), db.session.begin_nested():
            objections.answer(said, "同意", one, changed=True)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        said.state, said.answer, said.answered_by = "stands", "好", boss_lin.id
        said.answered_at = wall_clock.now()
        db.session.flush()


def test_missing_because_it_was_being_looked_at(xiaoman, azhen, march, first, boss_lin, office, clock, here):
    """A voucher that left while its holder asked goes on again, and there is nothing else to add."""
    dispute = disputes.say(first)
    here.commit()
    settlements.decide(dispute, "本人签了字", office, upheld=False)
    here.commit()
    db.session.refresh(march)
    assert march.count == 1
    said = objections.object_to(march, "少了一杯", boss_lin)
    settlements.confirm(march, boss_lin)
    objections.answer(said, "补上了", office, changed=True)
    assert (march.count, march.state, march.confirmed_by) == (2, "draft", None)
    again = objections.object_to(march, "还少一杯", boss_lin)
    with pytest.raises(objections.NothingMissing), db.session.begin_nested():
        objections.answer(again, "没有", office, changed=True)
    here.commit()
    assert books_hold()


def test_what_the_holder_disputes_meanwhile_needs_no_answer(march, first, boss_lin, office, here):
    said = objections.object_to(march, "不对", boss_lin, voucher_id=first.id)
    disputes.say(first)
    here.commit()
    db.session.refresh(said)
    assert said.state == "gone"
    with pytest.raises(objections.AnsweredAlready):
        objections.answer(said, "好", office, changed=True)
    settlements.agree(settlements.confirm(march, boss_lin), office)
    here.commit()
    assert books_hold()


def test_what_the_holder_disputes_in_the_same_moment_is_answered_with_it(
    march, first, boss_lin, office, xiaoman, here
):
    """T28, LG-36: both say the same; nobody has to decide again, and the points come back once."""
    said = objections.object_to(march, "那天是试机器", boss_lin, voucher_id=first.id)
    dispute = disputes.say(first)
    objections.answer(said, "看了监控", office, changed=True)
    db.session.refresh(dispute)
    assert (dispute.state, dispute.decided_by, dispute.note) == ("upheld", office.id, "看了监控")
    here.commit()
    assert said.state == "changed" and ledger.balance(xiaoman.id) == 70 and books_hold()


def test_an_agreed_statement_with_an_open_objection_is_found(march, first, boss_lin, office, here):
    said = objections.object_to(march, "不对", boss_lin, voucher_id=first.id)
    objections.answer(said, "没有", office, changed=False)
    settlements.agree(settlements.confirm(march, boss_lin), office)
    said.state, said.answer, said.answered_by, said.answered_at = "open", None, None, None
    here.commit()
    assert "statements.objections" in {found.name for found in ledger.inspect()}


def test_on_the_pages(visitor, march, first, boss_lin, azhen, office, auditor, tea_house, bakery, here):
    """Said beside the line, seen by the office with the day it is due, answered, and read in the history."""
    month = f"/partners/{tea_house.id}/statements/2026-03"
    shop, desk = visitor(boss_lin), visitor(office)
    assert "有出入" in shop.get(month).words
    assert not [a for a in desk.get(month).all("a") if "objections" in (a.get("href") or "")]
    form = shop.get(f"/statements/{march.id}/objections/new?voucher={first.id}")
    assert "凉茶" in form.words and not form.all("input", name="voucher", type="text")
    sent = {"voucher": str(first.id), "reason": ""}
    assert shop.post(f"/statements/{march.id}/objections", sent).status_code == 422
    assert (
        shop.post(f"/statements/{march.id}/objections", {"voucher": "x1", "reason": "不对"}).status_code
        == 422
    )
    assert visitor(azhen).post(f"/statements/{march.id}/objections", sent).status_code == 403
    done = shop.post(f"/statements/{march.id}/objections", sent | {"reason": "试机器"}, follow=True)
    assert "试机器" in done.words and "等社区答复" in done.words and "4月8日" in done.words
    assert "账单异议" in desk.get("/office/inbox").words
    said = db.session.scalars(select(settlements.Objection)).one()
    assert shop.post(f"/objections/{said.id}/stands", {"reason": "自己答复"}).status_code == 403
    assert "商家重新核对" in desk.get(month).words
    desk.post(f"/objections/{said.id}/change", {"reason": "看过监控"})
    page = shop.get(month).words
    assert "改过了" in page and "看过监控" in page and "账单异议" not in desk.get("/office/inbox").words
