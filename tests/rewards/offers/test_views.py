"""The shelf as volunteers see it, and as those who fill it do."""

from rewards import offers, partners


def test_the_shelf_says_what_is_missing(visitor, xiaoman, tea, make_offer, give_points, day):
    make_offer(title="理发一次", kind="service", points=10)
    give_points(xiaoman, 18)
    phone = visitor(xiaoman)
    assert "还差 12 分" in phone.get("/offers").words
    affordable = phone.get("/offers?affordable=1").words
    assert "理发一次" in affordable and "凉茶一壶" not in affordable
    assert "理发一次" not in phone.get("/offers?kind=goods").words
    assert "凉茶一壶" in phone.get("/offers?q=茶").words
    assert "还差 12 分。下一个服务日是 3月8日(周日)。" in phone.get(f"/offers/{tea.id}").words


def test_wildcards_are_words(visitor, tea):
    assert "凉茶一壶" not in visitor().get("/offers?q=%25").words


def test_strangers_may_look(visitor, tea):
    assert "凉茶一壶" in visitor().get("/offers").words
    assert "登录以后用积分来领" in visitor().get(f"/offers/{tea.id}").words


def test_the_shelf_goes_on_behind_the_first_page(visitor, make_offer):
    for n in range(30):
        make_offer(title=f"礼物{n:02}")
    first = visitor().get("/offers")
    onward = next(link for link in first.links if "after=" in link)
    second = visitor().get("/offers" + onward)
    assert "礼物29" in first.words and "礼物00" in second.words and "礼物29" not in second.words


def test_a_manager_publishes_edits_restocks_and_takes_off(visitor, boss_lin, tea_house, db):
    desk = visitor(boss_lin)
    form = {
        "partner_id": tea_house.id, "title": "早茶一份", "kind": "goods", "picture": "tea", "points": "25",
        "stock": "10", "per_person": "1", "value": "12.50", "from_on": "2026-03-07", "until_on": "2026-12-31",
    }  # fmt: skip
    assert desk.get("/office/offers/new").status_code == 200
    assert "早茶一份" in desk.post("/office/offers/new", form, follow=True).words
    offer = db.session.scalar(db.select(offers.Offer).filter_by(title="早茶一份"))
    assert (offer.stock, offer.value_cents, offer.per_person) == (10, 1250, 1)

    here = f"/office/offers/{offer.id}"
    assert "早茶一份" in desk.get(here).words
    assert desk.post(here, {**form, "points": "20"}, follow=True).status_code == 200
    assert offer.points == 20
    assert "现在架上有 15 份" in desk.post(f"{here}/stock", {"n": "5"}, follow=True).words
    assert desk.post(f"{here}/stock", {"n": "-50"}).status_code == 422
    for act, state in (("pause", "paused"), ("resumption", "published"), ("withdrawal", "withdrawn")):
        desk.post(f"{here}/{act}")
        assert offer.state == state


def test_what_is_wrong_is_said_beside_the_field(visitor, boss_lin, tea_house):
    desk = visitor(boss_lin)
    answer = desk.post("/office/offers/new", {"partner_id": tea_house.id, "title": "", "points": "x"})
    assert answer.status_code == 422 and answer.all("div", class_="error-summary")


def test_another_partners_shelf_is_not_there(visitor, tea, bakery, daming, other_office, azhen):
    for person, status in [(daming, 404), (other_office, 404), (azhen, 403)]:
        assert visitor(person).post(f"/office/offers/{tea.id}/pause").status_code == status
    assert "凉茶一壶" not in visitor(daming).get("/office/offers").words


def test_a_paused_partners_offers_are_hidden(visitor, tea, tea_house, here):
    partners.pause(tea_house, "装修")
    assert "凉茶一壶" not in visitor().get("/offers").words


def test_in_english(visitor, boss_lin, tea):
    desk = visitor(boss_lin, lang="en")
    for address in ("/office/offers", "/office/offers/new", f"/office/offers/{tea.id}"):
        assert desk.get(address).status_code == 200


def test_a_search_without_a_hit_says_so(visitor, office, tea):
    """An empty shelf is one thing, words that nothing has another."""
    desk = visitor(office)
    for page in ("/office/offers", "/partners"):
        assert "没有找到" in desk.get(f"{page}?q=月球").words
