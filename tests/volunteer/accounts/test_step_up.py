"""Showing once more that it is you, before an act that matters (S08)."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, checkin, service_days
from volunteer.accounts import factors, passwords
from volunteer.checkin.models import Attendance

#: What asks for a proof not older than five minutes. A line fewer is a decision.
PROVEN = {
    "accounts.approve_import",
    "accounts.approve_proposal",
    "accounts.ask_factor_reset",
    "accounts.ask_import",
    "accounts.begin_factor",
    "accounts.change_phone",
    "accounts.confirm_factor",
    "accounts.edit_phone",
    "accounts.give_role",
    "accounts.refuse_import",
    "accounts.refuse_proposal",
    "accounts.renew_recovery",
    "accounts.reveal_id",
    "accounts.reveal_phone",
    "accounts.send_phone_code",
    "accounts.take_role",
    "accounts.undo_import",
    "adjustments.approve",
    "adjustments.ask",
    "adjustments.refuse",
    "checkin.reverse",
    "circulations.approve",
    "circulations.pay",
    "circulations.propose",
    "circulations.refuse",
    "checkin_api.reverse",
    "dashboards.export_people",
    "closing.approve",
    "closing.ask",
    "disputes.dismiss",
    "disputes.uphold",
    "exports.approve",
    "exports.refuse",
    "giving_office.approve",
    "hours.refuse",
    "ledger.export_year",
    "objections.change",
    "objections.stands",
    "patrols.export",
    "partners.contact",
    "rulebook.adopt",
    "settlements.agree",
    "settlements.confirm",
    "settlements.take",
    "undoing.approve",
    "undoing.refuse",
}


@pytest.fixture
def boss(office):
    """何主任, who has chosen a password; her factor is set up already."""
    office.password_hash = passwords.kept(PASSWORD)
    return office


@pytest.fixture
def leader(lao_wang, team):
    """老王, who leads the team and has a password and no second factor."""
    lao_wang.password_hash = passwords.kept(PASSWORD)
    return lao_wang


@pytest.fixture
def stay(here, db, xiaoman, day, clock):
    """小满 has checked in; it was a mistake."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    here.commit()
    return db.session.get(Attendance, checkin.record(xiaoman, checkin.showing(day).code, "scan-one").id)


def test_what_asks_for_a_proof_is_spelt_out(app):
    """S08: settlement, reversal, reveal and role acts carry `proof=True` on their route line."""
    asking = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "extras", {}).get("proof")
    }
    assert asking == PROVEN


def test_five_minutes_later_it_is_asked_again_and_nothing_typed_is_lost(visitor, leader, stay, clock, db):
    """S08: the form waits in the page that asks; shown by password, the browser sends it again as it was."""
    browser = visitor(leader)
    clock.pass_(minutes=5, seconds=1)
    asked = browser.post(f"/checkins/{stay.id}/reversal", {"reason": "扫错了人"})
    assert asked.status_code == 403 and asked.h1 == "再确认一下是你本人"
    db.session.refresh(stay)
    assert stay.state != "void"
    carried = {one.get("name"): one.get("value") for one in asked.all("input", type="hidden")}
    assert carried["reason"] == "扫错了人"
    wrong = browser.post("/me/proof", {**carried, "proof-password": "不是这个"})
    assert wrong.status_code == 422 and "密码不对" in wrong.words
    assert {one.get("name"): one.get("value") for one in wrong.all("input", type="hidden")}["reason"]
    shown = browser.post("/me/proof", {**carried, "proof-password": PASSWORD})
    assert (shown.status_code, shown.location) == (307, f"/checkins/{stay.id}/reversal")
    assert browser.post(shown.location, carried).status_code == 303
    db.session.refresh(stay)
    assert stay.state == "void"


def test_within_five_minutes_of_signing_in_nobody_is_asked(visitor, leader, stay, clock):
    """S08: a fresh sign-in counts as the proof."""
    browser = visitor(leader)
    clock.pass_(minutes=4, seconds=59)
    assert browser.post(f"/checkins/{stay.id}/reversal", {"reason": "扫错了人"}).status_code == 303


def test_who_has_a_second_factor_shows_it_by_code(visitor, boss, xiaoman, clock):
    """S08: the proof is the authenticator's code where there is one; the password alone is not asked."""
    browser = visitor(boss)
    clock.pass_(minutes=6)
    asked = browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知改期"})
    assert asked.status_code == 403 and asked.all("input", name="proof-code")
    assert not asked.all("input", name="proof-password")
    carried = {one.get("name"): one.get("value") for one in asked.all("input", type="hidden")}
    assert browser.post("/me/proof", {**carried, "proof-password": PASSWORD}).status_code == 422
    from volunteer import clock as wall

    app = pyotp.TOTP(factors.opened(boss, factors.begun(boss)))
    shown = browser.post("/me/proof", {**carried, "proof-code": app.at(wall.now())})
    assert shown.status_code == 307
    assert "13800000001" in browser.post(shown.location, carried).words.replace(" ", "")


def test_a_long_file_is_taken_away_by_who_shows_themselves(
    visitor, office, voucher, tea_house, monkeypatch, clock
):
    """S08: an export of more than 500 rows goes by a form that asks, and by no link; a short one does not ask."""
    from rewards.settlements import sheet

    browser = visitor(office)
    clock.pass_(minutes=6)
    address = f"/partners/{tea_house.id}/statements/2026-03/lines.csv"
    assert browser.get(address).status_code == 200
    rows = sheet.rows
    monkeypatch.setattr(sheet, "rows", lambda *a: list(rows(*a)) * 0 + [["x"]] * 501)
    assert browser.get(address).status_code == 409
    asked = browser.post(address.removesuffix(".csv"), {"reason": "年底对账"})
    assert asked.status_code == 403 and asked.h1 == "再确认一下是你本人"
    assert {one.get("value") for one in asked.all("input", name="reason")} == {"年底对账"}


def test_a_page_to_read_that_asks_leads_to_the_proof_and_back(visitor, office, clock):
    """S08: there is nothing typed to carry along, so the browser is sent there."""
    browser = visitor(office)
    clock.pass_(minutes=6)
    asked = browser.get("/me/phone")
    assert asked.status_code == 302 and asked.location.startswith("/me/proof?next=")
    assert browser.get(asked.location).h1 == "再确认一下是你本人"


def test_a_token_stands_for_its_person_half_a_day(device, leader, stay, clock):
    """S08: a script's token proves for twelve hours from its issue; later 403 auth.stepup and nothing done."""
    fresh, old = device(leader), device(leader)
    clock.pass_(hours=12, seconds=1)
    refused = old.post(f"/api/v1/checkins/{stay.id}/reversal", json={"reason": "扫错了人"})
    assert (refused.status_code, refused.json["code"]) == (403, "auth.stepup")
    fresh.headers["Authorization"] = f"Bearer {accounts.tokens.issue(leader)}"
    done = fresh.post(f"/api/v1/checkins/{stay.id}/reversal", json={"reason": "扫错了人"})
    assert done.status_code == 201


def test_who_has_neither_is_told_to_sign_in_again(visitor, lao_wang, team, stay, clock):
    """S08: without password and factor a fresh sign-in by SMS is the proof; a first password is none."""
    browser = visitor(lao_wang)
    clock.pass_(minutes=6)
    asked = browser.post(f"/checkins/{stay.id}/reversal", {"reason": "扫错了人"})
    assert asked.status_code == 403 and "短信验证码" in asked.words
    chosen = browser.post("/me/password", {"new": PASSWORD, "again": PASSWORD})
    assert chosen.status_code == 403 and not lao_wang.password_hash


def test_guessing_the_password_there_is_slowed(visitor, leader, stay, clock):
    """T20: the page that asks again is no place to guess: after five wrong ones each wait doubles."""
    browser = visitor(leader)
    clock.pass_(minutes=6)
    said = [browser.post("/me/proof", {"proof-password": f"猜{n}", "proof-next": "/me"}) for n in range(8)]
    assert [one.status_code for one in said[:6]] == [422] * 6
    assert said[-1].status_code == 429 and said[-1].headers["Retry-After"]


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"]
)
def test_the_way_back_leads_nowhere_else(visitor, leader, wanted):
    """T10: the page sends nobody, and no form, off this site."""
    browser = visitor(leader)
    for act in ("", "1"):
        sent = browser.post("/me/proof", {"proof-password": PASSWORD, "proof-next": wanted, "proof-act": act})
        assert sent.location == "/"


def test_the_page_tells_no_secret_of_the_form_it_carries(visitor, leader, stay, clock):
    """S08: neither the token of the old page nor a password typed before is copied into the new one."""
    browser = visitor(leader)
    clock.pass_(minutes=6)
    asked = browser.post(f"/checkins/{stay.id}/reversal", {"reason": "x", "proof-password": "secret-typed"})
    assert "secret-typed" not in asked.text
    assert len(re.findall(r'name="csrf_token"', asked.text)) == len(asked.all("form"))
