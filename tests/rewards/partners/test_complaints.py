"""Complaints: said by anybody, answered by the office, never with a name for the partner; a strike can be a mistake."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rewards import partners
from rewards.partners.application import NotWaiting
from rewards.partners.models import Complaint
from volunteer import accounts, notices
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.i18n import Sentence


def told(person, db):
    """What somebody's inbox says, newest first."""
    found = db.select(notices.Notice).filter_by(user_id=person.id).order_by(notices.Notice.id.desc())
    return [str(Sentence(one.text, one.facts)) for one in db.session.scalars(found)]


@pytest.fixture
def complaint(tea_house, xiaoman):
    return partners.complaints.file(tea_house, "refused", "说没货，可是柜台上摆着。", by=xiaoman)


def test_a_complaint_waits_ten_working_days_and_the_partner_hears_what_not_who(
    complaint, boss_lin, xiaoman, visitor, office
):
    """M8: the clock, and the name that is not told."""
    assert (complaint.state, complaint.due_on) == ("open", date(2026, 3, 20))
    shop = visitor(boss_lin).get(f"/partner-complaints/{complaint.id}")
    assert "柜台上摆着" in shop.words and "说的人" not in shop.words
    assert "小满" not in shop.words and "李*" not in shop.words
    desk = visitor(office).get(f"/partner-complaints/{complaint.id}")
    assert "说的人" in desk.words and xiaoman.name_masked in desk.words


def test_the_same_words_are_one_complaint_and_another_waits_for_the_first(complaint, tea_house, xiaoman):
    again = partners.complaints.file(tea_house, "refused", "说没货，可是柜台上摆着。", by=xiaoman)
    assert again.id == complaint.id
    with pytest.raises(Refusal) as refused:
        partners.complaints.file(tea_house, "price", "还贵了五块", by=xiaoman)
    assert refused.value.code == "partner.complaint_waits"


def test_the_database_holds_one_open_complaint_a_person(complaint, db):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(
            Complaint(
                partner_id=complaint.partner_id, area_path=complaint.area_path, category="other", words="x",
                filed_by=complaint.filed_by, filed_at=complaint.filed_at, due_on=complaint.due_on, state="open",
            )
        )  # fmt: skip
        db.session.flush()


def test_upheld_it_counts_and_both_hear_the_reason(complaint, tea_house, office, xiaoman, boss_lin, here, db):
    """M8: the first is told."""
    partners.complaints.reply(complaint, "那天新来的同事不知道。", by=boss_lin)
    with here.signed_in(office):
        partners.complaints.decide(complaint, "upheld", "店里有货却没有兑换", by=office)
    assert (complaint.state, tea_house.state, partners.strikes.standing(tea_house, date(2026, 3, 7))) == (
        "upheld", "signed", 1,
    )  # fmt: skip
    assert "店里有货却没有兑换" in told(xiaoman, db)[0] and "成立" in told(xiaoman, db)[0]
    assert "经核实成立" in told(boss_lin, db)[0]
    # Pressed twice it is one strike.
    partners.complaints.decide(complaint, "upheld", "店里有货却没有兑换", by=office)
    assert partners.strikes.standing(tea_house, date(2026, 3, 7)) == 1
    with pytest.raises(Refusal):
        partners.complaints.decide(complaint, "dismissed", "不对", by=office)


def test_the_partner_speaks_once_and_not_after_the_answer(complaint, tea_house, office, xiaoman, boss_lin):
    """M8: what the office has read stays as it was read."""
    partners.complaints.reply(complaint, "那天新来的同事不知道。", by=boss_lin)
    with pytest.raises(NotWaiting):
        partners.complaints.reply(complaint, "其实是停电。", by=boss_lin)
    assert complaint.reply == "那天新来的同事不知道。"
    partners.complaints.decide(complaint, "dismissed", "说清楚了", by=office)
    other = partners.complaints.file(tea_house, "price", "贵了五块", by=xiaoman)
    partners.complaints.decide(other, "dismissed", "看过小票", by=office)
    with pytest.raises(NotWaiting):
        partners.complaints.reply(other, "没有的事。", by=boss_lin)
    assert other.reply is None


def test_not_upheld_it_counts_for_nothing(complaint, tea_house, office, xiaoman, db):
    partners.complaints.decide(complaint, "dismissed", "那天确实停电", by=office)
    assert complaint.state == "dismissed" and complaint.strike_id is None
    assert partners.strikes.standing(tea_house, date(2026, 3, 7)) == 0
    assert "停电" in told(xiaoman, db)[0]


def test_nobody_decides_about_a_partner_or_a_complaint_of_their_own(
    complaint, tea_house, office, xiaoman, nankeng
):
    """M8: two more eyes, also where somebody of the office runs the shop."""
    accounts.appoint(xiaoman, "community_admin", area=nankeng)
    with pytest.raises(Refusal) as mine:
        partners.complaints.decide(complaint, "upheld", "就是这样", by=xiaoman)
    accounts.appoint(office, "partner_manager", partner_id=tea_house.id)
    with pytest.raises(Refusal) as theirs:
        partners.complaints.decide(complaint, "dismissed", "没有的事", by=office)
    assert [mine.value.code, theirs.value.code] == ["partner.complaint_mine", "partner.hand_in_it"]


def test_the_database_lets_nobody_decide_their_own(complaint, db, xiaoman):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            text("UPDATE partner_complaint SET state = 'dismissed', answer = 'x', decided_by = filed_by")
        )


def test_who_runs_the_shop_never_sees_who_complained_even_from_the_office(
    complaint, tea_house, office, xiaoman, visitor, here
):
    accounts.appoint(office, "partner_manager", partner_id=tea_house.id)
    here.commit()
    page = visitor(office).get(f"/partner-complaints/{complaint.id}")
    assert "说的人" not in page.words and xiaoman.name_masked not in page.words


@pytest.mark.parametrize(
    "act",
    [
        lambda partner: partners.pause(partner, "装修"),
        lambda partner: partners.terminate(partner, "停业"),
        lambda partner: partners.uphold(partner, "搭售"),
        lambda partner: partners.sign(partner, date(2027, 3, 1), date(2028, 2, 28)),
    ],
    ids=["pause", "terminate", "uphold", "sign"],
)
def test_nobody_of_the_office_decides_about_their_own_partner(act, tea_house, office, here):
    accounts.appoint(office, "partner_manager", partner_id=tea_house.id)
    with here.signed_in(office), pytest.raises(Refusal) as refused:
        act(tea_house)
    assert refused.value.code == "partner.hand_in_it"


def test_a_second_press_is_no_second_strike(tea_house):
    assert partners.uphold(tea_house, "搭售") == partners.uphold(tea_house, "搭售") == 1


def test_a_mistaken_strike_is_taken_back_by_another_and_the_pause_that_stood_on_it_ends(
    tea_house, office, street_office, here
):
    """M8: a mistaken decision."""
    with here.signed_in(office):
        partners.uphold(tea_house, "搭售")
        second = partners.strikes.strike_for(tea_house, "又搭售")
    assert tea_house.state == "paused"
    with pytest.raises(Refusal) as same:
        partners.take_back(second, "看错了店", by=office)
    assert same.value.code == "partner.strike_same"
    with here.signed_in(street_office):
        partners.take_back(second, "看错了店", by=street_office)
        partners.take_back(second, "看错了店", by=street_office)
    assert (tea_house.state, tea_house.paused_until) == ("signed", None)
    assert partners.uphold(tea_house, "还搭售") == 2 and tea_house.state == "paused"


def test_nobody_takes_back_a_strike_of_their_own_shop(tea_house, office, street_office, here):
    """M8, T28."""
    with here.signed_in(office):
        strike = partners.strikes.strike_for(tea_house, "搭售")
    accounts.appoint(street_office, "partner_manager", partner_id=tea_house.id)
    with pytest.raises(Refusal) as own:
        partners.take_back(strike, "看错了店", by=street_office)
    assert own.value.code == "partner.hand_in_it" and strike.taken_back_at is None


def test_who_only_applied_has_nothing_to_be_struck_for(boss_lin, nankeng):
    """M8: a shop that promised nothing yet."""
    asked = partners.apply(
        boss_lin, nankeng, name="新茶屋", kind="caring_enterprise", licence_no="91440300MA5EXAMPLE9", address="南坑路 9 号",
        contact_name="林老板", contact_phone="13800000021", pledged=True,
    )  # fmt: skip
    with pytest.raises(NotWaiting):
        partners.uphold(asked, "搭售")
    with pytest.raises(NotWaiting):
        partners.complaints.file(asked, "price", "贵了五块")
    assert asked.state == "applied"


def test_a_pause_for_another_reason_outlasts_the_strike(tea_house, street_office):
    partners.uphold(tea_house, "搭售")
    partners.pause(tea_house, "装修")
    second = partners.strikes.strike_for(tea_house, "又搭售")
    partners.take_back(second, "看错了店", by=street_office)
    assert tea_house.state == "paused"


def test_taking_back_one_of_long_ago_leaves_the_pause_of_the_two_that_count(tea_house, street_office, clock):
    """M8: the pause stands on two others."""
    old = partners.strikes.strike_for(tea_house, "前年的事")
    clock.move("2027-03-20 09:00")
    partners.uphold(tea_house, "搭售")
    partners.uphold(tea_house, "又搭售")
    partners.take_back(old, "看错了店", by=street_office)
    assert tea_house.state == "paused"


def test_taking_back_leaves_an_ended_partner_ended(tea_house, street_office):
    for reason in ("搭售", "又搭售"):
        partners.uphold(tea_house, reason)
    last = partners.strikes.strike_for(tea_house, "还搭售")
    partners.take_back(last, "看错了店", by=street_office)
    assert tea_house.state == "terminated"


def test_from_the_plaque_without_an_account_and_not_too_often(visitor, tea_house, db):
    """M8: anybody at the counter can say it."""
    browser = visitor()
    page = browser.get(f"/p/{tea_house.plaque_no}/complaint")
    assert page.h1 == "投诉 便民茶屋" and "没法告诉你结果" in page.words
    for n in range(3):
        answer = browser.post(
            f"/p/{tea_house.plaque_no}/complaint",
            {"category": "charged", "words": f"多收了 {n} 块"},
            follow=True,
        )
        assert "社区会核实" in answer.words
    assert browser.post(
        f"/p/{tea_house.plaque_no}/complaint", {"category": "charged", "words": "又多收了"}
    ).status_code == 429  # fmt: skip
    said = db.session.scalars(db.select(Complaint)).all()
    assert [one.filed_by for one in said] == [None] * 3


def test_from_saying_to_answering_by_hand(visitor, xiaoman, boss_lin, office, tea_house, voucher, here, db):
    """M8: the whole way through the pages."""
    here.commit()
    holder = visitor(xiaoman)
    assert (
        f"/partners/{tea_house.id}/complaint"
        in holder.post(f"/vouchers/{voucher.id}/cancellation", follow=True).text
    )
    assert holder.post(f"/partners/{tea_house.id}/complaint", {"words": ""}).status_code == 422
    page = holder.post(
        f"/partners/{tea_house.id}/complaint", {"category": "manner", "words": "不理人"}, follow=True
    )
    assert "3月20日" in page.words and "社区正在办" in page.words
    one = db.session.scalars(db.select(Complaint)).one()
    shop = visitor(boss_lin)
    assert (
        "不理人" in shop.get(f"/partners/{tea_house.id}").words
        or "态度不好" in shop.get(f"/partners/{tea_house.id}").words
    )
    assert (
        "当时太忙"
        in shop.post(f"/partner-complaints/{one.id}/reply", {"reason": "当时太忙"}, follow=True).words
    )
    assert (
        shop.post(
            f"/partner-complaints/{one.id}/answer", {"outcome": "dismissed", "reason": "没有"}
        ).status_code
        == 403
    )
    desk = visitor(office)
    assert (
        "便民茶屋" in desk.get("/office/inbox").words and "便民茶屋" in desk.get("/partner-complaints").words
    )
    assert (
        desk.post(f"/partner-complaints/{one.id}/answer", {"outcome": "", "reason": "看过"}).status_code
        == 422
    )
    done = desk.post(
        f"/partner-complaints/{one.id}/answer", {"outcome": "upheld", "reason": "道过歉了"}, follow=True
    )
    assert "成立" in done.words and "道过歉了" in holder.get(f"/partners/{tea_house.id}/complaint").words
    assert "撤销这一次" not in desk.get(f"/partners/{tea_house.id}").words
    kinds = db.session.scalars(
        db.select(Happened.kind).where(Happened.about == f"partner_complaint:{one.id}")
    )
    assert set(kinds) == {"partners.Complained", "partners.Replied", "partners.Decided"}


def test_who_runs_the_shop_cannot_complain_of_it(tea_house, boss_lin):
    with pytest.raises(Refusal) as refused:
        partners.complaints.file(tea_house, "other", "隔壁太吵", by=boss_lin)
    assert refused.value.code == "partner.complaint_own"


def test_in_english(visitor, complaint, xiaoman, boss_lin, office, here):
    here.commit()
    for person, address in (
        (xiaoman, f"/partners/{complaint.partner_id}/complaint"), (boss_lin, f"/partner-complaints/{complaint.id}"),
        (office, f"/partner-complaints/{complaint.id}"), (office, "/partner-complaints"),
    ):  # fmt: skip
        assert visitor(person, lang="en").get(address).status_code == 200


def test_a_manager_let_go_is_not_back_with_the_renewal(tea_house, boss_lin, xiaoman):
    """M1: a renewal gives nobody a role that was taken away."""
    partners.invite(tea_house, "李小满", "13800000001", "partner_manager")
    partners.dismiss(tea_house, boss_lin, "partner_manager")
    partners.sign(tea_house, date(2027, 3, 1), date(2028, 2, 28))
    assert "partner_manager" not in {hold.role for hold in boss_lin.holds}
