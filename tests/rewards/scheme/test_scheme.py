"""The page of a scheme: what it is and how it stands, for whoever thinks of joining."""

from __future__ import annotations

from typing import Any

from rewards import cover, partners
from volunteer import accounts, clock, community


def test_everybody_reads_how_the_scheme_stands(
    visitor: Any, make_offer: Any, give_points: Any, xiaoman: accounts.User, tea_house: partners.Partner, here: Any
) -> None:  # fmt: skip
    """Partners by class, rewards on the shelf, the cover; and before there is any, a word instead of a number."""
    page = visitor().get("/scheme").words
    assert "今晚第一次量" in page and "爱心企业" in page and tea_house.name in page
    give_points(xiaoman, 200)
    make_offer(title="凉茶", points=30, stock=9)
    cover.measure(clock.today())
    here.commit()
    assert "135%" in visitor().get("/scheme").words
    partners.pause(tea_house, "停电")
    here.commit()
    page = visitor().get("/scheme").words
    assert "还没有商家加入" in page and "0%" in page


def test_a_street_says_what_its_scheme_is_called(
    visitor: Any, street_office: accounts.User, office: accounts.User, bantian: community.Area
) -> None:
    """Shown to everybody from then on; a community has no say in it, and a name is asked for."""
    desk = visitor(street_office)
    assert "礼遇计划" in desk.get("/office/scheme").text
    english = visitor(street_office, lang="en").get("/office/scheme")
    assert english.all("input", name="name")[0].get("value") == "礼遇计划", "what is kept is no translation"
    assert desk.post("/office/scheme", {"name": ""}).status_code == 422
    said = {"name": "志愿坂田 义爱同行", "about": "谢谢每一位志愿者。", "contact": "坂田街道办 0755-12345678"}
    assert "志愿坂田" in desk.post("/office/scheme", said, follow=True).words
    page = visitor().get("/scheme").words
    assert "谢谢每一位志愿者。" in page and "0755-12345678" in page
    assert visitor(office).get("/office/scheme").status_code == 403
    assert visitor(office).post("/office/scheme", said).status_code == 403


def test_of_several_streets_one_is_chosen_and_ones_own_comes_first(
    visitor: Any, bantian: community.Area, xiaoman: accounts.User, here: Any
) -> None:
    pingdi = community.add("street", "坪地街道")
    here.commit()
    assert "坂田街道" in visitor().get("/scheme").words
    assert "坪地街道" in visitor().get(f"/scheme?street={pingdi.id}").text
    assert "别的街道" in visitor(xiaoman).get("/scheme?street=x").words
