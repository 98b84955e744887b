"""Once a quarter the office visits a partner: due in the inbox, five things looked at, a photo, a sheet of paper."""

import base64
import io
from datetime import date

import pytest

from rewards import partners
from tests.whole.worlds import PHOTO
from volunteer import accounts
from volunteer.errors import Invalid, Refusal
from volunteer.events import Happened

ALL = dict.fromkeys(partners.visits.ITEMS, "yes")


def test_a_quarter_without_a_visit_waits_in_the_inbox(visitor, tea_house, office, other_office, clock):
    """M9."""

    def waits(person):
        return "商家走访" in visitor(person).get("/office/inbox").words

    clock.move("2026-03-31 09:00")
    assert not waits(office)  # signed within this quarter
    clock.move("2026-04-15 09:00")
    assert not waits(office)  # nobody is asked in the first month
    clock.move("2026-05-02 09:00")
    assert waits(office) and not waits(other_office)
    partners.visits.record(tea_house, date(2026, 5, 2), ALL, "fine", by=office)
    assert not waits(office)
    clock.move("2026-08-01 09:00")
    assert waits(office)


def test_a_visit_by_hand_with_its_photo_and_the_sheet(visitor, tea_house, office, boss_lin, db):
    """M9: the checklist, the result, who went."""
    desk, address = visitor(office), f"/partners/{tea_house.id}/visits"
    assert "便民茶屋" in desk.get(f"{address}/sheet").words
    assert desk.post(address, {"on": "2026-03-07"}).status_code == 422
    form = {**ALL, "stock": "no", "on": "2026-03-07", "result": "follow_up", "note": "凉茶断货三天"}
    sent = {**form, "photo": (io.BytesIO(PHOTO), "shop.png")}
    page = desk.post(address, sent, follow=True)
    assert "要跟进" in page.words and "凉茶断货三天" in page.words and "看照片" in page.words
    visit = db.session.scalars(db.select(partners.Visit)).one()
    assert (visit.items["stock"], visit.visited_by) == ("no", office.id)
    seen = desk.post(f"{address}/{visit.id}/photo")
    assert seen.mimetype == "image/jpeg" and base64.b64encode(seen.data)
    assert (
        db.session.scalars(db.select(Happened).filter_by(kind="photos.PhotoSeen")).one().actor_id == office.id
    )
    assert visitor(boss_lin).get(address).status_code == 403


def test_the_same_twice_is_one_visit_another_of_the_day_and_a_day_to_come_is_none(
    tea_house, office, street_office
):
    first = partners.visits.record(tea_house, date(2026, 3, 7), ALL, "fine", by=office)
    assert partners.visits.record(tea_house, date(2026, 3, 7), ALL, "fine", by=office).id == first.id
    for by, result in ((office, "serious"), (street_office, "fine")):
        with pytest.raises(Refusal) as refused:
            partners.visits.record(tea_house, date(2026, 3, 7), ALL, result, by=by)
        assert refused.value.code == "partner.visit_second"
    for on in (date(2026, 3, 8), date(2026, 1, 1)):
        with pytest.raises(Refusal) as refused:
            partners.visits.record(tea_house, on, ALL, "fine", by=office)
        assert refused.value.code == "partner.visit_day"


def test_thirty_days_back_is_the_furthest(tea_house, office):
    assert partners.visits.record(tea_house, date(2026, 2, 5), ALL, "fine", by=office).id
    with pytest.raises(Refusal) as refused:
        partners.visits.record(tea_house, date(2026, 2, 4), ALL, "fine", by=office)
    assert refused.value.code == "partner.visit_day"


@pytest.mark.parametrize(
    ("items", "result"),
    [
        (ALL, "splendid"),
        ({"plaque": "yes"}, "fine"),
        ({**ALL, "weather": "yes"}, "fine"),
        ({**ALL, "stock": "perhaps"}, "fine"),
    ],
    ids=["result", "too few", "too many", "finding"],
)
def test_five_things_and_what_it_came_to(tea_house, office, items, result):
    """M9: nothing else, and nothing left out."""
    with pytest.raises(Invalid):
        partners.visits.record(tea_house, date(2026, 3, 7), items, result, by=office)


def test_nobody_visits_their_own_shop(tea_house, office):
    accounts.appoint(office, "partner_manager", partner_id=tea_house.id)
    with pytest.raises(Refusal) as refused:
        partners.visits.record(tea_house, date(2026, 3, 7), ALL, "fine", by=office)
    assert refused.value.code == "partner.hand_in_it"


def test_the_managers_hear_of_what_was_not_fine(visitor, tea_house, office, boss_lin):
    """M9: with the words of whoever went; of a good visit nothing is sent."""
    partners.visits.record(tea_house, date(2026, 3, 6), ALL, "fine", "都好", by=office)
    assert "走访了" not in visitor(boss_lin).get("/me/notices").words
    partners.visits.record(tea_house, date(2026, 3, 7), ALL, "serious", "涨价了", by=office)
    told = visitor(boss_lin).get("/me/notices").words
    assert "走访了 便民茶屋：问题严重。涨价了" in told


def test_the_first_day_of_a_quarter_belongs_to_it_and_who_is_paused_is_left_alone(
    tea_house, office, clock, db
):
    """M9."""

    def due():
        found = db.select(partners.Partner.id).where(partners.visits.unseen(date(2026, 5, 2)))
        return db.session.scalars(found).all()

    clock.move("2026-05-02 09:00")
    assert due() == [tea_house.id]
    partners.pause(tea_house, "装修")
    assert due() == []
    partners.resume(tea_house)
    clock.move("2026-04-02 09:00")
    partners.visits.record(tea_house, date(2026, 4, 1), ALL, "fine", by=office)
    assert due() == []


def test_a_photo_is_opened_at_its_own_partner(visitor, tea_house, bakery, office):
    visit = partners.visits.record(tea_house, date(2026, 3, 7), ALL, "fine", by=office, photo=PHOTO)
    desk = visitor(office)
    assert desk.post(f"/partners/{bakery.id}/visits/{visit.id}/photo").status_code == 404
    assert desk.post(f"/partners/{tea_house.id}/visits/{visit.id}/photo").status_code == 200


def test_who_only_applied_is_not_visited(visitor, boss_lin, nankeng, office):
    asked = partners.apply(
        boss_lin, nankeng, name="新茶屋", kind="caring_enterprise", licence_no="91440300MA5EXAMPLE9", address="南坑路 9 号",
        contact_name="林老板", contact_phone="13800000021", pledged=True,
    )  # fmt: skip
    assert visitor(office).get(f"/partners/{asked.id}/visits").status_code == 404


def test_the_sheet_has_the_complaints_that_may_be_so(visitor, tea_house, office, street_office):
    """M9: not those that were found to be none."""
    partners.complaints.file(tea_house, "price", "贵了五块")
    none = partners.complaints.file(tea_house, "manner", "不理人")
    partners.complaints.decide(none, "dismissed", "那天店休", by=street_office)
    page = visitor(office).get(f"/partners/{tea_house.id}/visits/sheet").words
    assert "贵了五块" in page and "不理人" not in page


def test_in_english(visitor, tea_house, office):
    partners.visits.record(tea_house, date(2026, 3, 7), ALL, "fine", by=office)
    for address in (f"/partners/{tea_house.id}/visits", f"/partners/{tea_house.id}/visits/sheet"):
        assert visitor(office, lang="en").get(address).status_code == 200
