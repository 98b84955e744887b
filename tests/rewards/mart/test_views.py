"""A mart on the phone, at the counter, and in the back room."""

from __future__ import annotations

from sqlalchemy import select

from rewards import partners
from rewards.mart import Basket, Count, CountLine, baskets, deliveries
from volunteer import clock as wall
from volunteer import ledger
from volunteer.db import db


def test_everybody_sees_the_shelf_and_who_gave(visitor, love_mart, rice, keeper):
    """S0-36: the donor stands there as they want to be read."""
    deliveries.take_in(rice, "坂田粮油店", 5, wall.today(), by=keeper)
    deliveries.take_in(rice, "陈淑珍", 5, wall.today(), by=keeper, named="nameless")
    assert "南坑爱心超市" in visitor().get("/marts").words
    page = visitor().get(f"/marts/{love_mart.id}")
    assert "大米一袋" in page.words and "还剩 20 份" in page.words
    assert "坂田粮油店" in page.words and "爱心人士" in page.words and "陈淑珍" not in page.words
    assert "登录" in page.words and not page.all("input", name=f"n-{rice.id}")


def test_an_ordinary_shop_is_no_mart(visitor, xiaoman, tea_house, tea):
    assert visitor(xiaoman).get(f"/marts/{tea_house.id}").status_code == 404


def test_a_volunteer_fills_a_basket_and_shows_one_code(
    visitor, xiaoman, keeper, love_mart, rice, oil, give_points, here
):
    """S0-36: from the shelf to the till, with one code and one press; a second tap changes nothing."""
    give_points(xiaoman, 100)
    me = visitor(xiaoman)
    shelf = me.get(f"/marts/{love_mart.id}")
    (once,) = [field.get("value") for field in shelf.all("input", name="once")]
    chosen = {f"n-{rice.id}": "2", f"n-{oil.id}": "1", "once": once}
    for _again in range(2):
        answer = me.post(f"/marts/{love_mart.id}/baskets", chosen)
        assert answer.status_code == 303
    assert db.session.scalars(select(Basket)).one().volunteer_id == xiaoman.id
    assert "一篮 3 件" in me.get(answer.location).words
    ticket = me.post(f"{answer.location}/presentation", follow=True)
    assert "出示中" in ticket.words
    shown = baskets.shown_now(db.session.scalars(select(Basket)).one())
    here.commit()

    till = visitor(keeper)
    ahead = till.post("/counter", {"code": shown.code, "scan": "scan-1"})
    assert (
        "一篮 3 件" in ahead.words
        and "70" in ahead.words
        and "小*" in ahead.words
        and "李" not in ahead.words
    )
    assert "全部核销" in till.get(f"/counter/vouchers/{shown.code}").words
    for status in (201, 200):
        done = till.post("/baskets/redemptions", {"code": shown.code, "scan": "scan-1"})
        assert done.status_code == status and "核销好了" in done.words
    assert "取走了" in me.get(answer.location).words
    assert me.get(f"{answer.location}/now", headers={"HX-Request": "true"}).headers["X-Live"] == "done"


def test_what_was_typed_stays_when_it_does_not_fit(visitor, xiaoman, love_mart, rice, oil, give_points, here):
    """Nothing is claimed, and the page says which item it was."""
    give_points(xiaoman, 100)
    here.commit()
    page = visitor(xiaoman).post(f"/marts/{love_mart.id}/baskets", {f"n-{rice.id}": "3", f"n-{oil.id}": "1"})
    assert page.status_code == 409 and "大米一袋" in page.words and "积分都在" in page.words
    assert [field.get("value") for field in page.all("input", name=f"n-{rice.id}")] == ["3"]
    assert ledger.balance(xiaoman.id) == 100


def test_too_few_points_says_how_many(visitor, xiaoman, love_mart, rice, oil, give_points, here):
    give_points(xiaoman, 60)
    here.commit()
    page = visitor(xiaoman).post(f"/marts/{love_mart.id}/baskets", {f"n-{rice.id}": "2", f"n-{oil.id}": "1"})
    assert page.status_code == 409 and "还差 10 分" in page.words


def test_numbers_that_are_none_are_left_out(visitor, xiaoman, love_mart, rice):
    answer = visitor(xiaoman).post(
        f"/marts/{love_mart.id}/baskets", {f"n-{rice.id}": "-1", "n-x": "2", f"n-{rice.id}٣": "1"}
    )
    assert answer.status_code == 422 and "先选几样" in answer.words


def test_a_basket_is_its_holders_alone(visitor, daming, basket):
    other = visitor(daming)
    assert other.get(f"/baskets/{basket.id}").status_code == 404
    assert other.post(f"/baskets/{basket.id}/presentation").status_code == 404
    assert other.post(f"/baskets/{basket.id}/cancellation").status_code == 404


def test_another_shops_counter_hears_that_there_is_none(visitor, azhen, shown, here):
    here.commit()
    till = visitor(azhen)
    assert till.post("/counter", {"code": shown.code}).status_code == 404
    assert till.post("/baskets/redemptions", {"code": shown.code, "scan": "s-1"}).status_code == 404


def test_typed_baskets_stand_before_the_guard_too(visitor, keeper, love_mart, here):
    """T08: five misses, and who typed them waits, whichever door they try."""
    here.commit()
    till = visitor(keeper)
    answers = [
        till.post("/baskets/redemptions", {"code": "00000-00000", "scan": f"s-{n}"}).status_code
        for n in range(6)
    ]
    assert answers[-1] == 429 and set(answers[:5]) == {404}


def test_one_item_is_given_back_at_the_counter(visitor, keeper, shown, basket, here):
    here.commit()
    till = visitor(keeper)
    bottle = baskets.contents(basket)[-1]
    said = {"code": shown.code, "scan": "s-1", "why": "out_of_stock", "voucher_id": str(bottle.id)}
    answer = till.post("/baskets/refusals", said)
    assert answer.status_code == 201 and "花生油一瓶" in answer.words and "再扫一次" in answer.words
    assert till.post("/baskets/refusals", said).status_code == 200
    assert till.post("/baskets/redemptions", {"code": shown.code, "scan": "s-2"}).status_code == 201


def test_the_holder_gives_it_all_back(visitor, xiaoman, basket):
    page = visitor(xiaoman).post(f"/baskets/{basket.id}/cancellation", follow=True)
    assert "都退了" in page.words and ledger.balance(xiaoman.id) == 100


def test_a_donation_is_taken_in(visitor, keeper, boss_lin, love_mart, rice, office, grandma):
    """The mart's manager and the office do it; a counter's staff and another shop do not."""
    till = visitor(grandma)
    page = till.get(f"/office/marts/{love_mart.id}")
    (once,) = [field.get("value") for field in page.all("input", name="once")]
    sent = {"offer_id": rice.id, "quantity": "8", "donor": "坂田粮油店", "named": "full", "on": "2026-03-07", "once": once}  # fmt: skip
    for _again in range(2):
        assert till.post(f"/office/marts/{love_mart.id}/deliveries", sent).status_code == 303
    assert rice.stock == 18 and "坂田粮油店" in visitor(office).get(f"/office/marts/{love_mart.id}").words
    late = till.post(f"/office/marts/{love_mart.id}/deliveries", {**sent, "on": "2026-01-01", "once": "x"})
    assert late.status_code == 422 and "最近 31 天" in late.words
    nameless = till.post(f"/office/marts/{love_mart.id}/deliveries", {**sent, "donor": "", "once": "y"})
    assert nameless.status_code == 422 and "谁捐的" in nameless.words
    assert visitor(boss_lin).get(f"/office/marts/{love_mart.id}").status_code in (403, 404)
    assert visitor(keeper).get(f"/office/marts/{love_mart.id}").status_code == 403


def test_labels_carry_the_address_of_each_item(visitor, grandma, love_mart, rice, oil):
    """S0-36: name and points in large type, and a code any phone opens."""
    page = visitor(grandma).get(f"/office/marts/{love_mart.id}/labels")
    assert "大米一袋" in page.words and "20 分" in page.words and page.text.count('class="qr"') == 2


def test_stock_is_taken_by_two_where_much_differs(visitor, grandma, love_mart, rice, oil, office):
    """S0-36: seen before it is booked, a reason each, a second person for much."""
    boss = visitor(grandma)
    assert "账上应有" in boss.get(f"/office/marts/{love_mart.id}/sheet").words
    address = f"/office/marts/{love_mart.id}/counts"
    assert boss.post(address, {}).status_code == 422
    answer = boss.post(address, {f"n-{rice.id}": "2", f"n-{oil.id}": ""})
    assert answer.status_code == 303
    assert boss.post(address, {f"n-{rice.id}": "2"}).status_code == 409
    page = boss.get(answer.location)
    assert "−8" in page.words and "花生油一瓶" not in page.words and rice.stock == 10
    for sent in ({}, {"r-²": "lost"}, {"r-" + "9" * 30: "lost"}):
        assert boss.post(f"{answer.location}/booking", sent).status_code == 422
    (reason,) = [one.get("name") for one in page.all("select")]
    asked = boss.post(f"{answer.location}/booking", {reason: "lost"}, follow=True)
    assert "自己数的，自己不能确认" in asked.words
    assert boss.post(f"{answer.location}/confirmation").status_code == 403
    assert "盘点记好了" in visitor(office).post(f"{answer.location}/confirmation", follow=True).words
    assert rice.stock == 2
    made = db.session.scalars(select(Count)).one()
    assert (made.counted_by, made.confirmed_by) == (grandma.id, office.id)
    assert boss.post(f"{answer.location}/end").status_code == 409


def test_a_reason_that_was_chosen_stays_chosen_while_another_is_missing(
    visitor, grandma, love_mart, rice, oil
):
    boss = visitor(grandma)
    counted = {f"n-{rice.id}": "9", f"n-{oil.id}": "1"}
    answer = boss.post(f"/office/marts/{love_mart.id}/counts", counted)
    first, _second = [one.get("name") for one in boss.get(answer.location).all("select")]
    half = boss.post(f"{answer.location}/booking", {first: "lost"})
    assert half.status_code == 422
    chosen = [option.get("value") for option in half.all("option") if option.get("selected") is not None]
    assert chosen == ["lost"]
    assert db.session.scalars(select(CountLine.reason)).all() == [None, None]


def test_a_count_can_be_dropped(visitor, grandma, love_mart, rice):
    boss = visitor(grandma)
    made = boss.post(f"/office/marts/{love_mart.id}/counts", {f"n-{rice.id}": "2"}).location
    assert boss.post(f"{made}/end", follow=True).status_code == 200
    assert rice.stock == 10 and "作废" in boss.get(made).words


def test_a_mart_that_left_is_no_longer_there(visitor, xiaoman, love_mart, rice):
    partners.terminate(love_mart, "搬走了")
    assert visitor(xiaoman).get(f"/marts/{love_mart.id}").status_code == 404
