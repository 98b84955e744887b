"""What the holder and the counter see."""

import pytest

from rewards import offers, vouchers
from volunteer import ledger


def read_out(page):
    """The code that the holder of this page reads out."""
    (line,) = page.all("p", class_="typed-code")
    return line[0].text.split()[-1]


@pytest.fixture
def till(visitor, azhen):
    return visitor(azhen)


def test_from_the_shelf_to_the_green_screen(visitor, xiaoman, tea, till, give_points, clock):
    give_points(xiaoman, 100)
    phone = visitor(xiaoman)
    page = phone.get(f"/offers/{tea.id}")
    assert "用 30 分领一份" in page.words
    once = page.all("input", name="once")[0].get("value")
    ticket = phone.post(f"/offers/{tea.id}/vouchers", {"once": once}, follow=True)
    assert "待使用" in ticket.words and "30 分" in ticket.words
    phone.post(f"/offers/{tea.id}/vouchers", {"once": once})
    assert ledger.balance(xiaoman.id) == 70

    address = ticket.request.path
    shown = phone.post(f"{address}/presentation", follow=True)
    assert "出示中" in shown.words and shown.all("p", class_="typed-code")
    typed = read_out(shown)

    assert till.get("/counter").h1 == "核销礼遇券"
    asked = till.post("/counter", {"code": typed, "scan": "scan-1"}, headers={"HX-Request": "true"})
    assert "凉茶一壶" in asked.words and "顾客 小*" in asked.words
    done = till.post("/redemptions", {"code": typed, "scan": "scan-1"})
    assert (done.status_code, done.h1) == (201, "核销好了")
    assert till.post("/redemptions", {"code": typed, "scan": "scan-1"}).status_code == 200

    now = phone.get(f"{address}/now", headers={"HX-Request": "true"})
    assert "已兑换" in now.words and now.headers["X-Live"] == "done"
    assert "已兑换" in phone.get(address).words
    assert "凉茶一壶" in phone.get("/me/vouchers?past=1").words
    assert "凉茶一壶" in till.get("/counter").words


def test_opening_the_page_again_shows_the_same_code(visitor, xiaoman, voucher):
    phone = visitor(xiaoman)
    first = phone.post(f"/vouchers/{voucher.id}/presentation", follow=True)
    again = phone.get(f"/vouchers/{voucher.id}")
    assert read_out(first) == read_out(again)


def test_after_five_minutes_the_code_is_gone(visitor, xiaoman, voucher, clock):
    phone = visitor(xiaoman)
    phone.post(f"/vouchers/{voucher.id}/presentation")
    clock.pass_(minutes=5)
    page = phone.get(f"/vouchers/{voucher.id}")
    assert "待使用" in page.words and not page.all("p", class_="typed-code")


def test_any_other_phone_sees_a_page_that_spends_nothing(visitor, voucher, daming, baker, azhen, xiaoman):
    """T10, T07."""
    shown = vouchers.present(voucher)
    for person in (None, daming, baker):
        page = visitor(person).get(f"/v/{shown.code}")
        assert page.status_code == 200 and "不会用掉它" in page.words
    assert "打开我的券" in visitor(xiaoman).get(f"/v/{shown.code}").words
    assert "不会用掉它" in visitor().get("/v/ABCDEFG").words
    assert voucher.state == "claimed"


def test_the_partners_own_staff_get_the_button(visitor, voucher, till):
    shown = vouchers.present(voucher)
    page = till.get(f"/v/{shown.code}", follow=True)
    assert page.h1 == "凉茶一壶" and page.all("form", action="/redemptions")
    assert voucher.state == "claimed"


def test_a_refusal_fills_the_screen_and_says_what_to_do(visitor, voucher, till, clock):
    shown = vouchers.present(voucher)
    clock.pass_(minutes=6)
    page = till.post("/redemptions", {"code": shown.code, "scan": "s"})
    assert page.status_code == 409
    assert page.h1 == "这张券现在没有出示。" and "请顾客打开券" in page.words


def test_the_counter_refuses_with_a_reason_and_the_points_are_back(visitor, voucher, till, xiaoman):
    shown = vouchers.present(voucher)
    answer = till.post("/redemptions/refusals", {"code": shown.code, "scan": "s", "why": "out_of_stock"})
    assert (answer.status_code, answer.h1) == (201, "已经退给顾客")
    assert ledger.balance(xiaoman.id) == 100
    assert "今天没货了" in visitor(xiaoman).get(f"/vouchers/{voucher.id}").words


def test_without_a_reason_the_counter_is_asked_again(voucher, till, xiaoman):
    shown = vouchers.present(voucher)
    page = till.post("/redemptions/refusals", {"code": shown.code, "scan": "s"})
    assert page.h1 == "凉茶一壶" and voucher.state == "claimed"


def test_the_counter_is_for_counters(visitor, xiaoman, azhen, office, voucher):
    assert visitor(xiaoman).get("/counter").status_code == 403
    assert visitor(office).get("/counter").status_code == 403
    assert visitor().get("/counter").status_code == 302
    assert "camera=(self)" in visitor(azhen).get("/counter").headers["Permissions-Policy"]


def test_cancelling_asks_first_and_gives_back_at_once(visitor, xiaoman, voucher):
    phone = visitor(xiaoman)
    assert "取消这张券，30 分马上退回。" in phone.get(f"/vouchers/{voucher.id}").words
    page = phone.post(f"/vouchers/{voucher.id}/cancellation", follow=True)
    assert "已取消" in page.words and "30 分已经退回来" in page.words


def test_in_english(visitor, xiaoman, voucher, azhen, tea):
    phone, till = visitor(xiaoman, lang="en"), visitor(azhen, lang="en")
    for address in (
        "/offers",
        f"/offers/{tea.id}",
        "/me/vouchers",
        "/me/vouchers?past=1",
        f"/vouchers/{voucher.id}",
    ):
        assert phone.get(address).status_code == 200
    phone.post(f"/vouchers/{voucher.id}/presentation", follow=True)
    shown = vouchers.present(voucher)
    assert till.get("/counter").status_code == 200
    assert till.get(f"/v/{shown.code}", follow=True).status_code == 200
    assert till.post("/redemptions", {"code": shown.code, "scan": "s"}).status_code == 201
    assert till.post("/redemptions", {"code": shown.code, "scan": "t"}).status_code == 409
    assert visitor(lang="en").get(f"/v/{shown.code}").status_code == 200
    offers.pause(tea)
    assert phone.get(f"/offers/{tea.id}").status_code == 200


def test_what_cost_no_points_says_nothing_of_points(visitor, make_offer, xiaoman, here):
    """Nobody is told that 0 points are back."""
    free = vouchers.claim(xiaoman, make_offer(points=0).id)
    here.commit()
    me = visitor(xiaoman)
    assert "0 分" not in me.get(f"/vouchers/{free.id}").words
    assert "0 分" not in me.post(f"/vouchers/{free.id}/cancellation", follow=True).words
    assert "0 分" not in me.get(f"/vouchers/{free.id}").words
