"""Another number for the same account (S08)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, notices
from volunteer.accounts import guardians, phones, tokens
from volunteer.accounts.models import Guardian
from volunteer.events import Happened

OLD, NEW = "13800000011", "13800000055"


@pytest.fixture
def move(sms):
    def change(browser, phone=NEW, code=None):
        browser.post("/me/phone/message", {"phone": phone})
        return browser.post("/me/phone", {"phone": phone, "code": code or sms(phone)})

    return change


def test_the_new_number_signs_in_and_the_old_one_does_not(visitor, ming, move, db, capsys):
    """S08: proven by a code to the new number; event, notice and a message to the old one."""
    elsewhere, token = visitor(ming), tokens.issue(ming)
    browser = visitor(ming)
    assert "138****0011" in browser.get("/me/phone").words
    assert move(browser).location == "/me"
    assert "138****0055" in browser.get("/me").words, "who changed it stays"
    assert f"[SMS {OLD}]" in capsys.readouterr().err
    assert elsewhere.get("/me").status_code == 302
    api = visitor().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert api.status_code == 401
    assert visitor().post("/sign-in", {"phone": NEW, "password": PASSWORD}).status_code == 302
    assert visitor().post("/sign-in", {"phone": OLD, "password": PASSWORD}).status_code == 422
    db.session.expire_all()
    assert accounts.by_phone(NEW).id == ming.id and accounts.by_phone(OLD) is None
    assert phones.of(ming) == NEW
    told = db.session.scalars(select(Happened).filter_by(kind="accounts.PhoneChanged")).one()
    assert told.actor_id == told.whom == ming.id and NEW not in str(told.facts)
    assert notices.unread(ming.id) == 1


def test_five_minutes_after_signing_in_it_asks_who_it_is(visitor, ming, clock, db):
    """S08: change of phone takes a step-up, on every one of its routes."""
    browser = visitor(ming)
    clock.pass_(minutes=5, seconds=1)
    assert "/me/proof" in browser.get("/me/phone").location
    for path in ("/me/phone/message", "/me/phone"):
        refused = browser.post(path, {"phone": NEW, "code": "123456"})
        assert refused.status_code == 403 and refused.h1 == "再确认一下是你本人"
    db.session.expire_all()
    assert accounts.by_phone(OLD).id == ming.id


def test_without_the_right_code_nothing_changes(visitor, ming, move, sms, db):
    """S08: nor with a code that was sent for something else."""
    browser = visitor(ming)
    assert move(browser, code="000000").status_code == 422
    visitor().post("/sign-in/code/message", {"phone": "13800000056"})
    other = browser.post("/me/phone", {"phone": "13800000056", "code": sms("13800000056")})
    assert other.status_code == 422
    db.session.expire_all()
    assert accounts.by_phone(OLD).id == ming.id


def test_somebody_elses_number_is_told_only_to_who_holds_it(visitor, ming, xiaoman, move, db):
    """S08, T18: asking for the code says the same; with the code from that phone it is refused."""
    taken, free = (
        visitor(ming).post("/me/phone/message", {"phone": phone}) for phone in ("13800000001", "13800000057")
    )
    assert taken.status_code == free.status_code == 200
    assert taken.words.replace("0001", "") == free.words.replace("0057", "")


def test_a_number_that_has_an_account_is_refused_with_its_code_too(visitor, ming, xiaoman, move, db):
    """S08: no account is taken over, none is lost."""
    refused = move(visitor(ming), phone="13800000001")
    assert refused.status_code == 422 and "已经有账号" in refused.words
    db.session.expire_all()
    assert accounts.by_phone("13800000001").id == xiaoman.id


def test_a_parents_children_follow(visitor, ming, nankeng, here, move, db):
    """S08, T38: what is confirmed stays confirmed, and the next message goes to the new number."""
    child = accounts.register(
        name="乐乐", phone="13800000031", home=nankeng, birth_on=date(2014, 6, 1), guardian_phone=OLD
    )
    guardians.confirm(child, guardians.named(child))
    assert move(visitor(ming)).status_code == 302
    db.session.expire_all()
    row = db.session.scalars(select(Guardian).filter_by(minor_id=child.id)).one()
    assert phones.of_guardian(row, child) == NEW and row.confirmed_at is not None
    assert row.phone_masked == "138****0055" and not accounts.needs_guardian(child)


def test_a_child_does_not_take_the_guardians_number(visitor, nankeng, here, move):
    """S08, T38."""
    child = accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000032",
    )
    refused = move(visitor(child), phone="13800000032")
    assert refused.status_code == 422 and "不一样" in refused.words
