"""The application, the office's decisions, the plaque."""

import pytest

from rewards import partners
from volunteer.events import Happened


@pytest.fixture
def form(nankeng):
    return {
        "name": "南坑便利店", "kind": "caring_enterprise", "area_id": nankeng.id, "address": "南坑路 3 号",
        "licence_no": "91440300NK0001", "contact_name": "周小兰", "contact_phone": "13900001111", "pledged": "y",
    }  # fmt: skip


def test_the_whole_way_by_hand(visitor, form, passer_by, office, here, db):
    shop, desk = visitor(passer_by), visitor(office)
    assert shop.get("/partners/apply").h1 == "加入礼遇计划"
    page = shop.post("/partners/apply", form, follow=True)
    assert page.h1 == "南坑便利店" and "社区正在审核" in page.words
    assert "周小兰" in page.words  # what one has typed oneself is read whole
    address = page.request.path

    assert "南坑便利店" in desk.get("/partners?state=applied").words
    desk.post(f"{address}/review")
    answer = desk.post(f"{address}/agreements", {"starts_on": "2026-03-07", "ends_on": "2027-04-01"})
    assert answer.status_code == 422 and "最长 12 个月" in answer.words
    desk.post(f"{address}/agreements", {"starts_on": "2026-03-07", "ends_on": "2027-03-06"})
    desk.post(f"{address}/plaque")
    partner = db.session.scalar(db.select(partners.Partner).filter_by(name="南坑便利店"))
    assert partner.state == "signed" and partner.plaque_no

    plaque = visitor().get(f"/p/{partner.plaque_no}")
    assert plaque.h1 == "南坑便利店" and "合作中" in plaque.words
    assert "南坑便利店" in visitor().get(f"/p/{partner.plaque_no}/print").words
    assert "周小兰" not in plaque.words and "1390000" not in plaque.text

    manager = visitor(passer_by)
    page = manager.post(
        f"{address}/staff", {"name": "小李", "phone": "13900002222", "role": "counter"}, follow=True
    )
    assert "小李" in page.words and "139****2222" in page.words


def test_a_mistake_loses_nothing_that_was_typed(visitor, form, passer_by):
    page = visitor(passer_by).post("/partners/apply", {**form, "contact_phone": "12", "pledged": ""})
    assert page.status_code == 422
    assert page.all("input", name="name")[0].get("value") == "南坑便利店"
    assert page.all("div", class_="error-summary")


def test_opening_the_number_is_written_down(visitor, tea_house, office, db, boss_lin):
    desk = visitor(office)
    assert "138****0021" in desk.get(f"/partners/{tea_house.id}").words
    assert "13800000021" in desk.post(f"/partners/{tea_house.id}/contact").words
    opened = db.session.scalars(db.select(Happened).filter_by(kind="partners.ContactOpened")).all()
    assert [event.actor_id for event in opened] == [office.id]
    assert visitor(boss_lin).post(f"/partners/{tea_house.id}/contact").status_code == 403


def test_an_ended_partnership_shows_on_the_plaque(visitor, tea_house, office):
    visitor(office).post(f"/partners/{tea_house.id}/termination", {"reason": "停业"})
    assert "已终止" in visitor().get(f"/p/{tea_house.plaque_no}").words
    assert visitor().get(f"/p/{tea_house.plaque_no}/print").status_code == 404


@pytest.mark.parametrize("number", ["%00", "a%00b", "%ED%A0%80", "..", "%F0%9F%8E%81"])
def test_a_number_that_no_plaque_could_have_is_nobodys(visitor, number):
    """F20: the database is not asked for what it cannot hold."""
    assert visitor().get(f"/p/{number}/print").status_code == 404


def test_a_decision_needs_its_reason(visitor, tea_house, office):
    assert visitor(office).post(f"/partners/{tea_house.id}/pause", {"reason": ""}).status_code == 422
    assert tea_house.state == "signed"


def test_next_door_it_does_not_exist(visitor, tea_house, other_office, passer_by, azhen, auditor):
    for person, status in [(other_office, 404), (passer_by, 404), (azhen, 200), (auditor, 200)]:
        assert visitor(person).get(f"/partners/{tea_house.id}").status_code == status
    assert visitor(other_office).post(f"/partners/{tea_house.id}/pause", {"reason": "x"}).status_code == 404
    assert visitor(auditor).post(f"/partners/{tea_house.id}/pause", {"reason": "x"}).status_code == 403


def test_in_english(visitor, tea_house, office, boss_lin):
    desk, shop = visitor(office, lang="en"), visitor(boss_lin, lang="en")
    for address in ("/partners", f"/partners/{tea_house.id}", "/partners/apply", f"/p/{tea_house.plaque_no}",
                    f"/p/{tea_house.plaque_no}/print"):  # fmt: skip
        assert desk.get(address).status_code == 200
    assert shop.get(f"/partners/{tea_house.id}").status_code == 200
    partners.pause(tea_house, "paint")
    assert desk.get(f"/partners/{tea_house.id}").status_code == 200


def test_an_application_waits_in_the_inbox_of_its_own_community(
    visitor, form, passer_by, office, other_office
):
    visitor(passer_by).post("/partners/apply", form)
    assert "南坑便利店" in visitor(office).get("/office/inbox").words
    assert "南坑便利店" not in visitor(other_office).get("/office/inbox").words
