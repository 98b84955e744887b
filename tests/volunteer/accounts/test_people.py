"""The office looks people up: masked, within reach, with a reason for more (T13, T22, S25)."""

from __future__ import annotations

from datetime import date
from urllib.parse import urljoin

import pytest
from sqlalchemy import func, select

from volunteer import accounts, events, privacy
from volunteer.accounts import consents, people, phones, profile
from volunteer.accounts.models import User
from volunteer.events import Happened

ID = "11010519900131002X"


@pytest.fixture
def number():
    """A well-formed number that is nobody's: the check digit is worked out."""
    for digit in "0123456789X":
        try:
            return privacy.normal_id(ID[:17] + digit)
        except privacy.BadIdNumber:
            continue
    raise AssertionError


def test_the_list_shows_masks_only(visitor, office, xiaoman, daming, other_office):
    """T22, S25."""
    page = visitor(office).get("/office/people")
    assert "陈*明" in page.words and "陈大明" not in page.text
    assert "138****0002" in page.words and "13800000002" not in page.text
    assert "杨*" not in page.words, "of the next community"
    assert visitor(office, lang="en").get("/office/people").status_code == 200


@pytest.mark.parametrize("words", ["陈大明", "13800000002", "+86 138 0000 0002", "number"])
def test_somebody_is_found_by_name_number_or_phone(visitor, office, xiaoman, daming, words):
    words = daming.volunteer_no if words == "number" else words
    page = visitor(office).get("/office/people", query_string={"q": words})
    assert "陈*明" in page.words and "小*" not in page.words


def test_what_is_typed_is_only_words(visitor, office, daming):
    """T17."""
    for words in ("%", "_", "'; DROP TABLE account; --", "\\", "😀", "x" * 500):
        page = visitor(office).get("/office/people", query_string={"q": words})
        assert page.status_code == 200 and "陈*明" not in page.words, words


def test_a_long_list_comes_in_parts(visitor, office, make_volunteers):
    make_volunteers(60)
    browser = visitor(office)
    page = browser.get("/office/people")
    following = next(link for link in page.links if "after=" in link)
    rest = browser.get(urljoin("/office/people", following))
    assert rest.status_code == 200, rest.words
    rows = [len(one.all("tr")) - 1 for one in (page, rest)]
    assert rows[0] == 50 and 0 < rows[1] <= 50


def test_suspending_and_restoring_say_why(visitor, office, xiaoman, db):
    """S31."""
    browser = visitor(office)
    assert browser.post(f"/office/people/{xiaoman.id}/suspension", {"reason": ""}).status_code == 422
    assert (
        browser.post(f"/office/people/{xiaoman.id}/suspension", {"reason": "代签，核实中"}).status_code == 302
    )
    assert xiaoman.state == "suspended"
    again = browser.post(f"/office/people/{xiaoman.id}/suspension", {"reason": "代签，核实中"})
    assert again.status_code == 302
    assert (
        browser.post(f"/office/people/{xiaoman.id}/restoration", {"reason": "核实清楚了"}).status_code == 302
    )
    assert xiaoman.state == "active"
    kinds = db.session.scalars(select(Happened.kind).where(Happened.about == f"account:{xiaoman.id}")).all()
    assert kinds.count("accounts.Suspended") == 1 and kinds.count("accounts.Restored") == 1


def test_nobody_suspends_themselves(here, office):
    with here.signed_in(office), pytest.raises(people.NotYourself):
        accounts.suspend(office, "误点")


def test_a_phone_is_opened_for_a_reason_and_that_is_written_down(visitor, office, xiaoman, db):
    """T22, S25, S31."""
    browser = visitor(office)
    assert browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": ""}).status_code == 422
    page = browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知改期"})
    assert "13800000001" in page.words
    told = db.session.scalars(select(Happened).filter_by(kind="accounts.Revealed")).all()
    assert [(one.whom, one.actor_id, one.facts["reason"]) for one in told] == [
        (xiaoman.id, office.id, "通知改期")
    ]


def test_the_thirty_first_of_a_day_is_not_opened(visitor, office, xiaoman, db):
    """T22, S25."""
    browser = visitor(office)
    answers = [browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知"}) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert "13800000001" not in answers[-1].text
    opened = select(func.count()).select_from(Happened).where(Happened.kind == "accounts.Revealed")
    assert db.session.scalar(opened) == 30


def test_who_tries_to_open_too_much_raises_an_alarm(visitor, office, street_office, xiaoman, db, here):
    """T22, S25: the 31st is told to those who watch, once a day however often it is tried."""
    browser = visitor(office)
    for _n in range(34):
        browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知"})
    alarms = db.session.scalars(select(Happened).filter_by(kind="accounts.RevealsExceeded")).all()
    assert [(one.actor_id, one.facts) for one in alarms] == [(office.id, {"user_id": office.id})]
    with here.outside():
        events.deliver()
    page = visitor(street_office).get("/me/notices")
    assert "何*兰 今天查看个人信息超过 30 次" in page.words


def test_an_id_number_is_opened_for_a_reason_and_that_is_written_down(visitor, office, xiaoman, number, db):
    """S25, S08: in full only on this page, only after proof, and the person is told."""
    browser = visitor(office)
    assert browser.post(f"/office/people/{xiaoman.id}/id-number/view", {"reason": "投保"}).status_code == 409
    consents.give(xiaoman, ["id"])
    profile.prove(xiaoman, number)
    assert browser.post(f"/office/people/{xiaoman.id}/id-number/view", {"reason": ""}).status_code == 422
    page = browser.post(f"/office/people/{xiaoman.id}/id-number/view", {"reason": "投保"})
    assert number in page.words
    told = db.session.scalars(select(Happened).filter_by(kind="accounts.Revealed")).all()
    assert [(one.whom, one.facts["field"], one.facts["reason"]) for one in told] == [
        (xiaoman.id, "id_number", "投保")
    ]
    assert "查看了你的身份证号" in visitor(xiaoman).get("/me/notices").words


def test_lists_of_people_are_leafed_through_slowly(visitor, office, street_office):
    """T22: sixty pages of people in ten minutes, then a pause; nobody else waits."""
    browser = visitor(office)
    answers = [browser.get("/office/people").status_code for _n in range(61)]
    assert answers == [200] * 60 + [429]
    assert visitor(street_office).get("/office/people").status_code == 200


def test_rolls_and_members_are_lists_of_people_too(visitor, here, lao_wang, make_day, activity, clock):
    """T22: sixty different rolls in ten minutes; the one that stands on the table is opened as often as it takes."""
    days = [
        make_day(f"2026-{month:02}-{day:02}", of=activity) for month in (4, 5, 6) for day in range(1, 22)
    ][:61]
    here.commit()
    gate = visitor(lao_wang)
    assert {gate.get(f"/service-days/{days[0].id}/roll").status_code for _again in range(20)} == {200}
    answers = [gate.get(f"/service-days/{one.id}/roll").status_code for one in days[1:]]
    assert answers == [200] * 59 + [429]
    assert gate.get(f"/teams/{activity.team_id}/members").status_code == 429
    assert gate.get(f"/service-days/{days[0].id}/roll").status_code == 200
    clock.pass_(minutes=11)
    assert visitor(lao_wang).get(f"/teams/{activity.team_id}/members").status_code == 200


# ── ID numbers ──


def test_an_id_card_is_seen_and_its_number_sealed(visitor, office, xiaoman, number, here):
    """S20."""
    browser = visitor(office)
    refused = browser.post(f"/office/people/{xiaoman.id}/id-number", {"number": number})
    assert refused.status_code == 422 and "同意" in refused.words
    consents.give(xiaoman, ["id"])
    assert (
        browser.post(f"/office/people/{xiaoman.id}/id-number", {"number": number.lower()}).status_code == 302
    )
    assert xiaoman.id_masked == privacy.mask_id(number) and xiaoman.birth_on == date(1990, 1, 31)
    kept = [getattr(xiaoman, column.key) for column in User.__table__.columns]
    assert not any(
        number in str(value) or number.encode() in (value if isinstance(value, bytes) else b"")
        for value in kept
    )
    assert phones.id_of(xiaoman) == number
    page = browser.get(f"/office/people/{xiaoman.id}")
    assert number not in page.text and privacy.mask_id(number) in page.words


def test_one_number_is_one_person(here, xiaoman, daming, number, nankeng):
    for person in (xiaoman, daming):
        consents.give(person, ["id"])
    profile.prove(xiaoman, number)
    profile.prove(xiaoman, number)
    with pytest.raises(profile.IdTaken):
        profile.prove(daming, number)
    with pytest.raises(profile.NameIsProven):
        profile.change(xiaoman, name="别的名字", home=nankeng, birth_on=xiaoman.birth_on)


def test_a_mistyped_number_is_told(visitor, office, xiaoman, number):
    consents.give(xiaoman, ["id"])
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    page = visitor(office).post(f"/office/people/{xiaoman.id}/id-number", {"number": wrong})
    assert page.status_code == 422 and "不对" in page.words and xiaoman.id_index is None
