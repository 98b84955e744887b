"""Sessions are rows: listed, ended, ending at once (T12, S04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, clock, signing
from volunteer.accounts import sessions
from volunteer.accounts.models import SignIn


def test_the_session_and_its_person_come_in_one_statement(visitor, ming):
    """S04."""
    page = visitor(ming).get("/me/guardian")
    about = [said for said in page.statements if "sign_in" in said]
    assert len(about) == 1 and "JOIN account" in about[0]
    assert not any(said.startswith("SELECT account") for said in page.statements)


def test_only_the_fingerprint_of_a_cookie_is_kept(db, ming):
    """S04, T12."""
    cookie = sessions.open(ming, "微信 · Android")
    row = db.session.scalar(select(SignIn).order_by(SignIn.id.desc()))
    assert row.token_hash == signing.fingerprint(cookie) and cookie not in str(vars(row))
    assert len(cookie) == 43


def test_a_stolen_copy_is_worth_nothing_after_signing_out(visitor, ming, app):
    """T12, S04."""
    browser, thief = visitor(ming), visitor()
    name = app.config["SESSION_ROW_COOKIE"]
    thief.browser.set_cookie(name, browser.browser.get_cookie(name).value)
    assert thief.get("/me").status_code == 200
    assert browser.post("/sign-out").location == "/"
    assert browser.browser.get_cookie(name) is None
    assert thief.get("/me").status_code == 302


def test_a_new_password_ends_every_session_but_makes_a_new_one_here(visitor, ming, app):
    """T12, S04."""
    browser, other = visitor(ming), visitor(ming)
    name = app.config["SESSION_ROW_COOKIE"]
    before = browser.browser.get_cookie(name).value
    done = browser.post(
        "/me/password", {"old": PASSWORD, "new": "七点半 操场 见面", "again": "七点半 操场 见面"}
    )
    assert done.location == "/me" and browser.browser.get_cookie(name).value != before
    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 302
    replay = visitor()
    replay.browser.set_cookie(name, before)
    assert replay.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"old": "wrong", "new": "七点半 操场 见面", "again": "七点半 操场 见面"}, "现在的密码不对"),
        ({"old": PASSWORD, "new": "七点半 操场 见面", "again": "七点半 操场"}, "两次输入的不一样"),
        ({"old": PASSWORD, "new": "12345678", "again": "12345678"}, "太常见"),
        ({"old": PASSWORD, "new": "短", "again": "短"}, "8 到 128"),
    ],
)
def test_a_password_that_will_not_do(visitor, ming, typed, says):
    """S06."""
    page = visitor(ming).post("/me/password", typed)
    assert page.status_code == 422 and says in page.words


def test_a_suspension_shuts_every_door_at_once(visitor, ming, office, here):
    """T12, S04."""
    browser = visitor(ming)
    token = accounts.tokens.issue(ming)
    assert browser.get("/me").status_code == 200
    with here.signed_in(office):
        accounts.suspend(ming, "核实中")
    assert browser.get("/me").status_code == 302
    assert visitor().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_state_alone_shuts_the_door(visitor, ming, db):
    """Even where a session was left open: being let in is asked anew at each request."""
    browser, token = visitor(ming), accounts.tokens.issue(ming)
    ming.state = "suspended"
    db.session.flush()
    assert browser.get("/me").status_code == 302
    assert visitor().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_ones_devices_are_listed_and_can_be_sent_away(visitor, ming, db):
    """S04."""
    phone, lost = visitor(ming), visitor(ming)
    here = db.session.scalars(select(SignIn).order_by(SignIn.id)).all()
    page = phone.get("/me/sessions")
    endings = [
        form for form in page.all("form") if (form.get("action") or "").endswith(f"/{here[1].id}/ending")
    ]
    assert len(endings) == 1 and "这一台" in page.words
    assert phone.post(f"/me/sessions/{here[1].id}/ending").location == "/me/sessions"
    assert lost.get("/me").status_code == 302
    assert phone.get("/me").status_code == 200


def test_nobody_sends_other_peoples_devices_away(visitor, ming, xiaoman, db):
    """T13, S04."""
    mine, hers = visitor(ming), visitor(xiaoman)
    row = db.session.scalar(select(SignIn).filter_by(user_id=xiaoman.id))
    assert mine.post(f"/me/sessions/{row.id}/ending").status_code == 404
    assert hers.get("/me").status_code == 200


def test_everywhere_else_at_once(visitor, ming):
    """S04, T28."""
    phone, others = visitor(ming), [visitor(ming) for _ in range(3)]
    phone.post("/me/sessions/ending")
    assert [other.get("/me").status_code for other in others] == [302, 302, 302]
    assert phone.get("/me").status_code == 200


def test_a_volunteers_session_lives_on_while_it_is_used_and_ninety_days_at_most(visitor, ming, clock):
    """T12, S04."""
    browser = visitor(ming)
    for _ in range(4):
        clock.pass_(days=20)
        assert browser.get("/me").status_code == 200
    clock.pass_(days=9, hours=23)
    assert browser.get("/me").status_code == 200
    clock.pass_(hours=2)
    assert browser.get("/me").status_code == 302


def test_a_session_left_alone_for_thirty_days_is_over(visitor, ming, clock):
    """T12, S04."""
    browser = visitor(ming)
    clock.pass_(days=30, seconds=1)
    assert browser.get("/me").status_code == 302


def test_people_of_the_office_sign_in_every_day(visitor, office, clock):
    """T12: however busy, an office's session ends after twelve hours."""
    browser = visitor(office)
    for _ in range(28):
        clock.pass_(minutes=25)
        assert browser.get("/me").status_code == 200
    clock.pass_(minutes=21)
    assert browser.get("/me").status_code == 302


def test_an_office_desk_left_alone_for_half_an_hour_is_locked(visitor, office, xiaoman, clock):
    """T12: thirty minutes without a touch for the office, thirty days for a volunteer."""
    desk, phone = visitor(office), visitor(xiaoman)
    clock.pass_(minutes=29)
    assert desk.get("/office/people").status_code == 200
    clock.pass_(minutes=30, seconds=1)
    assert desk.get("/office/people").status_code == 302
    assert phone.get("/me").status_code == 200


def test_who_comes_into_the_office_gets_its_shorter_sessions(visitor, ming, nankeng, clock):
    """T12."""
    browser = visitor(ming)
    accounts.appoint(ming, "auditor", area=nankeng)
    clock.pass_(hours=13)
    assert browser.get("/me").status_code == 302


def test_last_seen_is_written_at_most_every_ten_minutes(visitor, ming, db, clock):
    browser = visitor(ming)

    def seen():
        return db.session.scalar(select(SignIn.seen_at))

    began = seen()
    clock.pass_(minutes=9)
    browser.get("/me")
    assert seen() == began
    clock.pass_(minutes=2)
    page = browser.get("/me")
    assert seen() == began + timedelta(minutes=11)
    assert sum("UPDATE sign_in" in said for said in page.statements) == 1
    assert not any("UPDATE sign_in" in said for said in browser.get("/me").statements)


def test_what_an_hour_ago_was_a_session_is_kept_to_be_seen(db, ming):
    sessions.open(ming)
    sessions.close_all(ming)
    assert sessions.mine(ming) == []
    assert db.session.scalar(select(SignIn)).ended_at == clock.now()
