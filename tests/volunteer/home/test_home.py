"""The first page, and the choice of language and 长辈版."""

from __future__ import annotations

from datetime import date

from volunteer import accounts, service_days


def test_a_stranger_learns_what_this_is(visitor, day):
    page = visitor().get("/")
    assert page.h1 == "做一件好事，街坊都记得"
    assert "/register" in page.links and f"/service-days/{day.id}" in page.links
    assert len(page.statements) <= 2


def test_before_anything_is_planned_it_is_not_empty(visitor, nankeng):
    assert "新的服务日排好后会出现在这里" in visitor().get("/").words


def test_a_volunteer_sees_what_comes_next(visitor, xiaoman, day):
    page = visitor(xiaoman).get("/")
    assert page.h1 == "小满，你好" and "可以报名" in page.words
    service_days.sign_up(xiaoman, day)
    page = visitor(xiaoman).get("/")
    assert (
        ("可以报名" not in page.words and "还有" in page.words)
        or "明天" in page.words
        or "今天" in page.words
    )
    assert f"/service-days/{day.id}" in page.links


def test_the_countdown_counts(visitor, xiaoman, day, clock):
    service_days.sign_up(xiaoman, day)
    start = day.starts_at
    for before, says in (
        ({"days": 5}, "还有 5 天"), ({"days": 1}, "明天"), ({"minutes": 95}, "今天，还有 1 小时"),
        ({"minutes": 30}, "还有 30 分钟"), ({"minutes": -10}, "正在进行"),
    ):  # fmt: skip
        from datetime import timedelta

        clock.move(start - timedelta(**before))
        assert says in visitor(xiaoman).get("/").words, says


def test_points_hours_and_what_expires(visitor, xiaoman, give_points, clock):
    give_points(xiaoman, 36)
    page = visitor(xiaoman).get("/")
    assert "36" in page.words and "到期" not in page.words
    clock.move("2028-02-10 09:00")
    assert "36 分在 3月31日(周五) 到期" in visitor(xiaoman).get("/").words


def test_a_child_is_told_who_has_to_agree(visitor, nankeng):
    lele = accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000032",
    )
    assert "/me/guardian" in visitor(lele).get("/").links


def test_the_office_and_the_counter_find_their_way(visitor, office, azhen):
    assert "/office/inbox" in visitor(office).get("/").links
    assert "/counter" in visitor(azhen).get("/").links


def test_four_large_buttons_for_the_elders(visitor, grandma):
    browser = visitor(grandma)
    assert browser.get("/preferences?elder=1&next=/").location == "/"
    page = browser.get("/")
    assert len(page.all("a", class_="tile")) == 4
    assert "elder" in (page.all("html")[0].get("class") or "")
    browser.get("/preferences?elder=0&next=/me")
    assert not browser.get("/").all("a", class_="tile")


def test_english_stays_until_it_is_changed(visitor, grandma):
    browser = visitor(grandma)
    browser.get("/preferences?lang=en&next=/")
    assert browser.browser.get_cookie("lang").value == "en"
    browser.get("/preferences?lang=klingon&next=/")
    assert browser.browser.get_cookie("lang").value == "en"


def test_the_first_page_asks_little_of_the_database(visitor, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    assert len(visitor(xiaoman).get("/").statements) <= 10


def test_the_english_first_page_is_english(visitor, xiaoman, day):
    assert visitor(lang="en").get("/").h1 == "Do a good thing; the neighbourhood remembers"
    assert visitor(xiaoman, lang="en").get("/").status_code == 200


def test_a_refusal_is_a_card_with_one_way_out(visitor, xiaoman):
    page = visitor(xiaoman).get("/office/people")
    assert page.status_code == 403 and len(page.all("h1")) == 1
    assert page.all("section", class_="refusal") and "队长" in page.words
    part = visitor(xiaoman).get("/office/people", headers={"HX-Request": "true"})
    assert "<html" not in part.text and "refusal" in part.text
    missing = visitor().get("/no-such-page")
    assert missing.status_code == 404 and "链接" in missing.words
