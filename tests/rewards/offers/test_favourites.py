"""Favourites and filters: kept with one tap, told once, found by kind, place, points and words."""

from datetime import date

import pytest

from rewards import offers
from rewards.offers import favourites, nightly
from volunteer import accounts, community


def test_one_tap_keeps_it_and_another_lets_go(visitor, xiaoman, tea):
    """Issue 5: a heart, kept once however often it is tapped."""
    phone = visitor(xiaoman)
    here = f"/offers/{tea.id}"
    for _ in range(2):
        assert "收藏了" in phone.post(f"{here}/favourite", {"keep": "1"}, follow=True).words
    assert favourites.kept(xiaoman.id) == {tea.id}
    assert "已收藏" in phone.get("/offers?kept=1").words
    for _ in range(2):
        phone.post(f"{here}/favourite", {"keep": "0"})
    assert favourites.kept(xiaoman.id) == set()
    assert "凉茶一壶" not in phone.get("/offers?kept=1").words
    assert phone.post("/offers/999/favourite", {"keep": "1"}).status_code == 404


def test_what_is_back_is_told_once(visitor, xiaoman, daming, make_offer):
    """Issue 5: only to those who keep it, only when it was gone."""
    gone = make_offer(title="雨伞", stock=0)
    favourites.keep(xiaoman, gone.id)
    offers.restock(gone, 5)
    offers.restock(gone, 5)
    assert visitor(xiaoman).get("/me/notices").words.count("“雨伞”补货了，现在有 5 份") == 1
    assert "雨伞" not in visitor(daming).get("/me/notices").words


def test_what_ends_in_a_week_is_told_once(visitor, clock, xiaoman, make_offer):
    """Issue 5: a week before, and not when there is none left."""
    ending = make_offer(title="春茶", until_on=date(2026, 3, 14))
    gone = make_offer(title="秋茶", until_on=date(2026, 3, 14), stock=0)
    for offer in (ending, gone):
        favourites.keep(xiaoman, offer.id)
    assert nightly.tell(date(2026, 3, 6)) == 0
    assert nightly.tell(date(2026, 3, 7)) == 1 and nightly.tell(date(2026, 3, 7)) == 1
    words = visitor(xiaoman).get("/me/notices").words
    assert words.count("“春茶”领到") == 1 and "秋茶" not in words


def test_near_me_is_my_own_area_first(
    visitor, make_offer, bakery, bantian, nankeng, yangmei, passer_by, daming, db
):
    """Issue 5: by the home the reader registered, own grid, community, street; no location is asked for."""
    grid = community.add("grid", "第一网格", nankeng)
    neighbour = accounts.register(name="邻居", phone="13800000078", home=grid, birth_on=date(1990, 1, 1))
    make_offer(title="社区的茶")
    in_grid = make_offer(bakery, title="网格的面包")
    in_grid.area_path = grid.path
    away = make_offer(title="杨美的花")
    away.area_path = yangmei.path
    db.session.flush()
    phone = visitor(neighbour)

    def titles(query):
        return [item["title"] for item in _items(phone, query)]

    assert titles("sort=near") == ["网格的面包", "社区的茶", "杨美的花"]
    assert titles("near=grid") == ["网格的面包"]
    assert set(titles("near=community")) == {"网格的面包", "社区的茶"}
    assert len(titles("near=street")) == 3
    assert "我的网格" not in visitor(daming).get("/offers").words
    assert visitor().get("/offers?near=grid&sort=near&kept=1").status_code == 200


def _items(phone, query):
    cards = phone.get(f"/offers?{query}").all("a", class_="item-cover")
    return [{"title": card.text.strip() if hasattr(card, "text") else str(card)} for card in cards]


def test_the_cheapest_first_page_after_page(visitor, make_offer, xiaoman):
    """Issue 5: sorted lists turn their pages without skipping or repeating."""
    for n in range(30):
        make_offer(title=f"礼物{n:02}", points=(n * 7) % 10)
    api = {"Authorization": f"Bearer {accounts.tokens.issue(xiaoman)}"}
    browser, found, after = visitor(), [], ""
    first = browser.get("/offers?sort=points")
    onward = next(link for link in first.links if "after=" in link)
    assert browser.get("/offers" + onward).status_code == 200
    for _ in range(3):
        page = browser.get(f"/api/v1/offers?sort=points{after}", headers=api).json
        found += [(item["points"], item["id"]) for item in page["items"]]
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    assert found == sorted(found) and len(found) == 30


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=micro", {"法律咨询", "社保咨询"}), ("kind=micro&category=legal", {"法律咨询"}),
        ("q=茶屋", {"法律咨询", "社保咨询", "早茶"}), ("category=nonsense", set()), ("kept=1", set()),
    ],
)  # fmt: skip
def test_json_takes_the_same_filters(visitor, make_offer, xiaoman, query, titles):
    make_offer(title="早茶")
    for title, category in (("法律咨询", "legal"), ("社保咨询", "insurance")):
        make_offer(title=title, kind="micro", points=0, category=category)
    api = {"Authorization": f"Bearer {accounts.tokens.issue(xiaoman)}"}
    items = visitor().get(f"/api/v1/offers?{query}", headers=api).json["items"]
    assert {item["title"] for item in items} == titles
