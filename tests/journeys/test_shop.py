"""Journey 4: a shop joins, offers something, and hands it over the counter once."""

from __future__ import annotations

import re

import pytest

from rewards import vouchers
from volunteer import accounts, ledger


@pytest.fixture
def owner(here, nankeng):
    return accounts.register(name="林慧", phone="13800000051", home=nankeng)


def test_from_an_application_to_the_months_statement(
    clock, person, here, sms, nankeng, owner, office, street_office, xiaoman, give_points
):
    boss, desk, stranger = person(owner), person(office), person()
    boss.open("/partners/apply")
    boss.press(
        "提交申请",
        name="阿婶糖水铺",
        kind="caring_enterprise",
        area_id=str(nankeng.id),
        address="南坑路 9 号",
        licence_no="91440300MA5EXAMPLE9",
        contact_name="林慧",
        contact_phone="13800000051",
        about="凭券喝一碗糖水。",
        pledged="y",
    )
    boss.reads("阿婶糖水铺", "正在审核")

    desk.open("/office/inbox")
    desk.click("阿婶糖水铺")
    desk.press("通过")
    desk.press("签好了", starts_on="2026-03-07", ends_on="2027-03-06")
    desk.press("授牌")
    desk.click("公开页")
    stranger.open(desk.address)
    stranger.reads("阿婶糖水铺")
    shop = vouchers.Voucher and re.search(r"\d+", boss.address)[0]

    boss.open(f"/partners/{shop}")
    boss.press("加上", name="陈阿珍", phone="13800000052", role="counter")
    boss.reads("陈阿珍")
    boss.open("/office/offers/new")
    boss.press(
        "上架",
        title="桂花糖水一碗",
        kind="goods",
        points="30",
        stock="2",
        per_person="2",
        from_on="2026-03-07",
        until_on="2026-12-31",
        value="12",
        detail="下午来最好。",
    )

    give_points(xiaoman, 100)
    her = person(xiaoman)
    her.open("/offers")
    her.click("桂花糖水一碗")
    her.press("用 30 分领一份")
    her.reads("桂花糖水一碗", "待使用")
    her.press("出示")
    her.reads("出示中")
    typed = vouchers.shown_now(vouchers.Voucher.query.one()).typed

    counter = person(accounts.by_phone("13800000052"))
    counter.open("/counter")
    counter.press("查看", code=typed)
    counter.reads("桂花糖水一碗", "小*")
    assert "小满" not in counter.page.words
    counter.press("核销", 201)
    counter.reads("小*")
    her.open("/me/vouchers?past=1")
    her.click("桂花糖水一碗")
    her.reads("已兑换", "阿婶糖水铺")

    counter.open("/counter")
    counter.press("查看", 409, code=typed)
    counter.reads("已经在阿婶糖水铺用过了")

    boss.open(f"/partners/{shop}/statements/2026-03")
    boss.reads("桂花糖水一碗", "30", "小*")
    assert {finding.name for finding in ledger.inspect()} <= {"hours.award_has_record"}


def test_what_is_not_used_goes_back(clock, person, here, xiaoman, azhen, tea, give_points):
    """Cancelled by her, refused at the counter with a reason: the points are back in the purse they left."""
    give_points(xiaoman, 100)
    before = ledger.purses(xiaoman.id)
    her, counter = person(xiaoman), person(azhen)

    her.open(f"/offers/{tea.id}")
    her.press("用 30 分领一份")
    her.press("取消这张券")
    her.reads("已取消", "30 分已经退回来")

    her.open(f"/offers/{tea.id}")
    her.press("用 30 分领一份")
    her.press("出示")
    code = vouchers.shown_now(vouchers.Voucher.query.filter_by(state="claimed").one()).code
    counter.open("/counter")
    counter.press("查看", code=code)
    reason = counter.page.all("input", name="why")[0].get("value")
    counter.press("退给顾客", 201, why=reason)
    her.open(her.address)
    her.reads("没有办成")
    her.open("/me/notices")
    her.reads("没有办成")
    assert ledger.purses(xiaoman.id) == before and tea.stock == 5


def test_not_enough_points_says_how_many_and_the_way_there(person, here, xiaoman, tea, day, give_points):
    give_points(xiaoman, 18)
    her = person(xiaoman)
    her.open(f"/offers/{tea.id}")
    her.reads("还差 12 分", "3月8日")
    her.click("去报名")
    her.reads("清洁家园")


def test_the_back_button_and_a_second_press_are_one_voucher(person, here, xiaoman, tea, give_points):
    """The name of the tap stands in the form: the same form sent twice is one claim."""
    give_points(xiaoman, 100)
    her = person(xiaoman)
    her.open(f"/offers/{tea.id}")
    form = her.page
    first = her.press("用 30 分领一份").request.path
    her.page, her.address = form, f"/offers/{tea.id}"
    assert her.press("用 30 分领一份").request.path == first
    assert (ledger.balance(xiaoman.id), tea.stock) == (70, 4)


def test_a_voucher_in_strangers_hands_spends_nothing(person, here, xiaoman, daming, voucher):
    """T10: opened with any other phone it is a page with a kind word."""
    code = vouchers.present(voucher).code
    for who in (None, daming):
        other = person(who)
        assert other.open(f"/v/{code}").status_code == 200
        assert not other.page.all("form", action="/redemptions") and "凉茶" not in other.page.words
    assert voucher.state == "claimed"
