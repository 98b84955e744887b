"""One partner's whole life: from the application to the plaque that says 已终止 for good."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from rewards import offers, partners, settlements, vouchers
from tests.cast import decide, with_factor
from tests.rewards.partners.test_tills import alive
from tests.volunteer.devices.test_devices import Gadget
from volunteer import accounts, checkin, devices, ledger, service_days
from volunteer.db import db


@pytest.fixture
def owner(nankeng):
    return accounts.register(name="林慧", phone="13800000051", home=nankeng)


@pytest.fixture
def deputy(nankeng):
    """郑副主任, the second person of the office."""
    person = accounts.register(name="郑海", phone="13800000053", home=nankeng)
    accounts.appoint(person, "community_admin", area=nankeng)
    with_factor(person)
    return person


def run(command, on, *jobs):
    for job in jobs:
        ran = command("timetable", "run", job, "--on", on)
        assert ran.exit_code == 0, (job, ran.output)


def clean(command):
    """The books prove themselves, as whoever runs the place asks them."""
    ran = command("ledger", "inspect")
    assert ran.exit_code == 0, ran.output


def test_a_partners_whole_life(
    clock,
    command,
    person,
    visitor,
    here,
    nankeng,
    owner,
    office,
    deputy,
    xiaoman,
    daming,
    make_activity,
    make_day,
):
    """M1, M3, M5, M7, M8, M9, LG-36: application to termination; at each end the books prove."""
    # ── a neighbour who earned a hundred points, as points are earned ──
    for starts, ends, points in (("09:15", "10:15", 60), ("10:30", "11:30", 40)):
        morning = make_day("2026-03-07", starts, ends, of=make_activity(pay_kind="flat", flat_points=points))
        service_days.sign_up(xiaoman, morning)
        for moment in (starts, ends):
            clock.move(f"2026-03-07 {moment}")
            checkin.record(xiaoman, checkin.showing(morning).code, f"scan-{moment}")
    here.commit()

    boss, desk, her, stranger = (
        person(owner), person(office), person(xiaoman), person(),
    )  # fmt: skip

    # ── applied, reviewed, signed with the fifth as its day, hung up ──
    boss.open("/partners/apply")
    boss.press(
        "提交申请", name="阿婶糖水铺", kind="caring_enterprise", area_id=str(nankeng.id), address="南坑路 9 号",
        licence_no="91440300MA5EXAMPLE9", contact_name="林慧", contact_phone="13800000051",
        about="凭券喝一碗糖水。", pledged="y",
    )  # fmt: skip
    home = f"/partners/{re.search(r'[0-9]+', boss.address)[0]}"
    shop = db.session.get(partners.Partner, int(home.rsplit("/", 1)[1]))
    desk.open("/office/inbox")
    desk.click("阿婶糖水铺")
    desk.press("通过")
    desk.press("签好了", starts_on="2026-03-07", ends_on="2027-03-06", statement_day="5")
    desk.press("授牌")
    for form, kind in (("pdf", "application/pdf"), ("png", "image/png")):
        assert boss.browser.get(f"{home}/plaque.{form}").mimetype == kind
    desk.click("公开页")
    plaque = desk.address
    stranger.open(plaque)
    stranger.reads("阿婶糖水铺", "合作中")

    # ── staff, and a till that is let in ──
    boss.open(home)
    boss.press("加上", name="陈阿珍", phone="13800000052", role="counter")
    azhen = accounts.by_phone("13800000052")
    gadget = Gadget()
    (place,) = devices.places(azhen)
    till = devices.enrol(azhen, place, name="收银台平板", public_key=gadget.public)
    here.commit()
    boss.open(home)
    boss.press("同意", device=str(till.id))
    boss.press("只用上面同意过的设备核销")
    counter, pocket = person(azhen), person(azhen)
    assert alive(counter.browser, gadget, till).status_code < 300

    # ── something of several kinds on the shelf ──
    common = {"from_on": "2026-03-07", "until_on": "2027-12-31", "value": "12", "detail": "下午来最好。"}
    for title, kind, points, more in (
        ("桂花糖水一碗", "goods", "30", {"stock": "9", "per_person": "9"}),
        ("糖水减五元", "discount", "20", {"stock": "9", "per_person": "9"}),
        ("学做糖水", "venue", "10", {"stock": "9", "per_person": "9", "by_slot": "y"}),
        ("一星打九折", "star", "0", {"stock": "9", "per_person": "2", "least_star": "1"}),
    ):
        boss.open("/office/offers/new")
        boss.press("上架", title=title, kind=kind, points=points, **common, **more)
    shelf = {one.title: one.id for one in db.session.scalars(select(offers.Offer))}
    boss.open(f"/office/offers/{shelf['学做糖水']}/slots")
    boss.press("加上", on="2026-03-20", starts="10:00", ends="11:00", capacity="3")

    # ── claimed, redeemed at the till alone, refused with a reason, undone, “not me” ──
    assert ledger.balance(xiaoman.id) == 100

    def claim(title="桂花糖水一碗", price=30):
        her.open(f"/offers/{shelf[title]}")
        her.press(f"用 {price} 分领一份")
        return int(re.search(r"/vouchers/(\d+)", her.address)[1])

    def show(number):
        her.open(f"/vouchers/{number}")
        her.press("换一个码" if "换一个码" in her.page.words else "出示")
        return vouchers.shown_now(db.session.get(vouchers.Voucher, number)).typed

    def redeem(number):
        counter.open("/counter")
        counter.press("查看", code=show(number))
        counter.press("核销", 201)

    def state(number):
        db.session.expire_all()
        return db.session.get(vouchers.Voucher, number).state

    her.open(f"/offers/{shelf['一星打九折']}")
    her.reads("1 星以上的志愿者")  # hours and half a year are missing yet
    first = claim()
    pocket.open("/counter")
    pocket.press("查看", 403, code=show(first))
    redeem(first)
    refused = claim()
    counter.open("/counter")
    counter.press("查看", code=show(refused))
    counter.press("退给顾客", 201, why=counter.page.all("input", name="why")[0].get("value"))
    mistaken = claim("糖水减五元", 20)
    redeem(mistaken)
    counter.open("/counter")
    counter.press("撤销这次核销", reason="按错了")
    assert (state(first), state(refused), state(mistaken)) == ("redeemed", "refused", "claimed")
    redeem(mistaken)
    clock.pass_(minutes=5)
    doubted = claim()
    redeem(doubted)
    her.open(f"/vouchers/{doubted}")
    her.press("告诉社区", said="那天我在外地")
    desk.open("/office/disputes")
    desk.press("退积分" if "退积分" in desk.page.words else "退回积分", reason="监控里不是本人")
    assert state(doubted) == "cancelled" and ledger.balance(xiaoman.id) == 50

    # ── drawn up on the fifth and not before; a line objected to, confirmed, agreed, part passed on ──
    march = f"{home}/statements/2026-03"
    clock.move("2026-04-01 00:30")
    run(command, "2026-04-01", "statements.draw")
    boss.open(march)
    boss.reads("待出账")
    clock.move("2026-04-05 09:00")
    run(command, "2026-04-05", "statements.draw")
    boss, desk = person(owner), person(office)  # signed in just now: what is money-like asks for that
    boss.open(march)
    boss.click("有出入")
    boss.press("提出", reason="这一张是试机器的")
    boss.reads("等社区答复")
    boss.press("数字没有问题")
    desk.open("/office/inbox")
    desk.reads("账单异议")
    desk.open(march)
    desk.press("核准", 409)
    desk.reads("1 处异议还没有答复")
    desk.open(march)
    desk.press("拿下这一张", reason="看过收银记录")
    desk.reads("待商家确认", "改过了")
    boss.open(march)
    boss.press("数字没有问题")
    desk.open(march)
    desk.press("核准")
    bill = db.session.scalars(select(settlements.Statement).filter_by(partner_id=shop.id)).one()
    assert (bill.state, bill.count, bill.points) == ("agreed", 1, 20)
    boss.open(march)
    boss.click("转赠给自己的志愿者")
    boss.press("提出", **{f"staff-{azhen.id}": "8"})
    desk.open(march)
    desk.press("同意")
    desk.reads("已转赠")
    assert (ledger.balance(azhen.id), ledger.balance(xiaoman.id)) == (8, 80)
    assert ledger.at(ledger.chart.owed(shop.id)) == 0
    clean(command)

    # ── visited; complained of once, then twice: paused, refunded, hidden; back after thirty days ──
    clock.move("2026-05-06 10:00")
    boss, desk, her = person(owner), person(office), person(xiaoman)
    desk.open(f"{home}/visits")
    items = dict.fromkeys(partners.visits.ITEMS, "yes")
    desk.press("记下", on="2026-05-06", result="fine", note="都好", **items)
    desk.reads("都好")

    def complain(who, words):
        who.open(f"{home}/complaint")
        who.press("告诉社区", category="manner", words=words)
        one = db.session.scalars(
            select(partners.Complaint).order_by(partners.Complaint.id.desc()).limit(1)
        ).one()
        desk.open(f"/partner-complaints/{one.id}")
        desk.press("答复", outcome="upheld", reason="问过两边，属实")

    complain(her, "店员不理人")
    boss.open("/me/notices")
    boss.reads("提醒")
    waiting = claim()
    complain(person(daming), "又不肯兑换")
    run(command, "2026-05-06", "vouchers.partner_away")
    assert state(waiting) != "claimed" and ledger.balance(xiaoman.id) == 80
    stranger.open(plaque)
    stranger.reads("已暂停")
    stranger.open("/offers")
    assert "桂花糖水一碗" not in stranger.page.words
    clock.move("2026-06-06 09:00")
    run(command, "2026-06-06", "partners.pauses")
    stranger.open(plaque)
    stranger.reads("合作中")

    # ── what is given to stars: used at the till like the rest, and nothing moves in the books ──
    decide({"star_hours": [2, 300, 600, 1000, 1500]}, date(2026, 10, 1), "两小时一颗星")
    clock.move("2026-10-10 10:00")
    her, counter = person(xiaoman), person(azhen)
    assert alive(counter.browser, gadget, till).status_code < 300
    her.open(f"/offers/{shelf['一星打九折']}")
    her.press("领一份")
    honoured = int(re.search(r"/vouchers/(\d+)", her.address)[1])
    redeem(honoured)
    assert state(honoured) == "redeemed" and ledger.balance(xiaoman.id) == 80
    run(command, "2026-11-05", "statements.draw")

    # ── asked to go on and signed; thanked for the year ──
    clock.move("2027-01-20 09:00")
    boss, desk, her = person(owner), person(office), person(xiaoman)
    boss.open(home)
    boss.press("申请续签", pledged="y")
    desk.open(home)
    desk.press("签好了", starts_on="2027-03-07", ends_on="2028-03-06", statement_day="5")
    boss.open(home)
    run(command, "2027-01-20", "vouchers.honours")
    assert boss.browser.get(f"{home}/thanks/2026.pdf").mimetype == "application/pdf"

    # ── the third within a year ends it for good ──
    clock.move("2027-03-10 09:00")
    desk, her = person(office), person(xiaoman)
    last = claim()
    assert state(last) == "claimed"
    complain(her, "要先消费才给")
    run(command, "2027-03-10", "vouchers.partner_away")
    assert state(last) != "claimed" and ledger.balance(xiaoman.id) == 80
    clock.move("2027-09-01 09:00")
    run(command, "2027-09-01", "partners.pauses", "partners.agreements")
    stranger.open(plaque)
    stranger.reads("已终止")
    stranger.open("/offers")
    assert "桂花糖水一碗" not in stranger.page.words
    second = person(deputy)
    second.open(home)
    assert "恢复合作" not in second.page.words
    clean(command)
