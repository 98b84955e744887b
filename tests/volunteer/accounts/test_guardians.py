"""Minors: who may have an account, and who has to agree (T38)."""

from __future__ import annotations

from datetime import date

import pytest

from volunteer import accounts, clock
from volunteer.accounts import consents, guardians, profile


@pytest.fixture
def lele(here, nankeng):
    """乐乐, who is eleven."""
    return accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000032",
    )


def test_until_the_guardian_agrees_a_child_cannot_serve(lele, xiaoman):
    """T38."""
    assert accounts.needs_guardian(lele) and not accounts.needs_guardian(xiaoman)


def test_the_guardian_gives_the_code_and_the_child_may(visitor, lele, sms, db):
    """T38."""
    browser = visitor(lele)
    assert "监护人" in browser.get("/").words
    page = browser.get("/me/guardian")
    assert "138****0032" in page.words and "13800000032" not in page.text
    assert browser.post("/me/guardian/message").location == "/me/guardian"
    wrong = browser.post("/me/guardian/confirmation", {"code": "000000"})
    assert wrong.status_code == 422 and accounts.needs_guardian(lele)
    done = browser.post("/me/guardian/confirmation", {"code": sms("13800000032")})
    assert done.location == "/"
    assert not accounts.needs_guardian(lele)
    assert "guardian" in consents.in_force(lele)


def test_a_code_to_the_childs_own_phone_confirms_nothing(visitor, lele, sms):
    """T38."""
    browser = visitor(lele)
    visitor().post("/sign-in/code/message", {"phone": "13800000031"})
    page = browser.post("/me/guardian/confirmation", {"code": sms("13800000031")})
    assert page.status_code == 422 and accounts.needs_guardian(lele)


def test_the_message_to_the_guardian_is_counted_too(visitor, lele):
    """T19."""
    browser = visitor(lele)
    browser.post("/me/guardian/message")
    held = browser.post("/me/guardian/message")
    assert held.status_code == 429 and "Retry-After" in held.headers


def test_nobody_is_their_own_guardian(visitor, lele):
    """T38."""
    page = visitor(lele).post("/me/guardian", {"phone": "+86 138 0000 0031"})
    assert page.status_code == 422 and "不一样" in page.words


def test_another_phone_can_be_named(visitor, lele, sms):
    browser = visitor(lele)
    assert browser.post("/me/guardian", {"phone": "13800000033"}).location == "/me/guardian"
    browser.post("/me/guardian/message")
    assert sms("13800000033") and not sms("13800000032")


@pytest.mark.parametrize(
    ("birth", "needs"),
    [(date(2008, 3, 8), True), (date(2008, 3, 7), False), (date(2019, 3, 7), True), (None, False)],
)
def test_eighteen_is_the_day_of_the_birthday(birth, needs):
    assert clock.today() == date(2026, 3, 7)
    assert guardians.is_minor(birth) is needs


def test_six_is_the_youngest(here, nankeng):
    with pytest.raises(guardians.TooYoung):
        guardians.check(date(2020, 3, 8), "13800000032")
    guardians.check(date(2020, 3, 7), "13800000032")


def test_a_child_does_not_grow_up_by_typing(visitor, lele, nankeng, here):
    """T38."""
    with pytest.raises(profile.BirthIsFixed):
        profile.change(lele, name="乐乐", home=nankeng, birth_on=date(1990, 1, 1))
    page = visitor(lele).post("/me/profile", {"name": "乐乐", "home": nankeng.id, "birth_on": "1990-01-01"})
    assert page.status_code == 422 and accounts.needs_guardian(lele)


def test_an_account_without_birthday_that_turns_out_to_be_a_childs_needs_a_guardian(visitor, here, nankeng):
    """T38."""
    someone = accounts.register(name="小宇", phone="13800000034", home=nankeng)
    page = visitor(someone).post(
        "/me/profile", {"name": "小宇", "home": nankeng.id, "birth_on": "2014-06-01"}
    )
    assert page.status_code == 422 and "监护人" in page.words


def test_children_hold_no_office(lele, nankeng):
    """T38."""
    with pytest.raises(accounts.TooYoungForOffice):
        accounts.appoint(lele, "gatekeeper", team_id=1)


def test_at_eighteen_nobody_has_to_agree_any_more(lele, clock):
    clock.move("2032-06-01 09:00")
    assert not accounts.needs_guardian(lele)
