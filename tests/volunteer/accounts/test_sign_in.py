"""Signing in by password or by code (T10, T12, T18, T20)."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest
from sqlalchemy import func, select, text

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, clock
from volunteer.accounts import passwords
from volunteer.accounts.models import SignIn


def sign_in(browser, phone="13800000011", password=PASSWORD, **more):
    return browser.post("/sign-in", {"phone": phone, "password": password, **more})


def test_a_password_opens_the_door(visitor, ming):
    browser = visitor()
    assert sign_in(browser, phone="+86 138 0000 0011").location == "/"
    assert browser.get("/").h1 == "王小明，你好"


def test_every_page_of_ones_own_opens(visitor, ming):
    mine = (
        "",
        "/profile",
        "/password",
        "/sessions",
        "/consents",
        "/guardian",
        "/copy",
        "/closing",
        "/notices",
    )
    for lang in ("zh", "en"):
        browser = visitor(ming, lang=lang)
        for path in mine:
            assert browser.get(f"/me{path}").status_code == 200, path


def test_a_stranger_is_asked_in_and_comes_back_to_the_page(visitor, ming):
    browser = visitor()
    asked = browser.get("/me/sessions")
    assert asked.status_code == 302 and asked.location.startswith("/sign-in?next=")
    page = browser.get(asked.location)
    wanted = page.all("input", name="next")[0].get("value")
    assert sign_in(browser, next=wanted).location == "/me/sessions"


def test_a_wrong_password_and_an_unknown_phone_read_the_same(visitor, ming):
    """T18."""
    wrong = sign_in(visitor(), password="不是这个密码")
    nobody = sign_in(visitor(), phone="13800000099", password="不是这个密码")
    landline = sign_in(visitor(), phone="13800000098", password=PASSWORD)
    assert wrong.status_code == nobody.status_code == landline.status_code == 422
    said = [
        one.words.replace("13800000099", "").replace("13800000098", "") for one in (wrong, nobody, landline)
    ]
    assert said[0] == said[1] == said[2] and "手机号或密码不对" in said[0]
    assert set(wrong.headers.keys()) == set(nobody.headers.keys())


def test_what_was_typed_is_not_lost(visitor, ming):
    page = sign_in(visitor(), password="x")
    assert page.all("input", name="phone")[0].get("value") == "13800000011"
    assert page.all("input", name="password")[0].get("value") in (None, "")


def test_ten_wrong_ones_and_each_waits_twice_as_long(visitor, ming, clock):
    """T20, S10."""
    browser = visitor()
    for _ in range(10):
        assert sign_in(browser, password="wrong").status_code == 422
    assert sign_in(browser, password="wrong").status_code == 422  # the eleventh begins the first wait
    held = sign_in(browser, password=PASSWORD)
    assert held.status_code == 429 and int(held.headers["Retry-After"]) == 1
    waits = []
    for _ in range(6):
        clock.pass_(seconds=int(held.headers["Retry-After"]) + 1)
        assert sign_in(browser, password="wrong").status_code == 422
        held = sign_in(browser, password="wrong")
        waits.append(int(held.headers["Retry-After"]))
    assert waits == [2, 4, 8, 16, 32, 64]
    clock.pass_(seconds=65)
    assert sign_in(browser).status_code == 302, "never locked for good"


def test_strangers_who_guess_do_not_keep_the_owner_out(visitor, ming):
    """T20."""
    own = visitor()
    assert sign_in(own).status_code == 302
    own.post("/sign-out")
    thief = visitor()
    for _ in range(13):
        sign_in(thief, password="wrong")
    assert sign_in(thief).status_code == 429
    assert sign_in(own).status_code == 302


def test_a_right_one_gives_the_tries_back(visitor, ming):
    browser = visitor()
    for _ in range(4):
        for _ in range(9):
            sign_in(browser, password="wrong")
        assert sign_in(browser).status_code == 302
        browser.post("/sign-out")


def test_a_suspended_person_is_told_so_only_with_the_right_password(visitor, ming, office, here):
    with here.signed_in(office):
        accounts.suspend(ming, "核实中")
    assert "手机号或密码不对" in sign_in(visitor(), password="wrong").words
    told = sign_in(visitor())
    assert told.status_code == 403 and "停用" in told.words


def test_a_cookie_from_before_is_worth_nothing_after(visitor, ming, app, db):
    """T12, S04."""
    browser = visitor()
    name = app.config["SESSION_ROW_COOKIE"]
    browser.browser.set_cookie(name, "planted-by-somebody-else")
    assert sign_in(browser).status_code == 302
    kept = browser.browser.get_cookie(name).value
    assert kept != "planted-by-somebody-else" and len(kept) == 43
    other = visitor()
    other.browser.set_cookie(name, "planted-by-somebody-else")
    assert other.get("/me").status_code == 302
    assert kept not in str([vars(row) for row in db.session.scalars(select(SignIn))])


def test_what_the_browser_carried_before_stays_outside(visitor, ming):
    """T12."""
    browser = visitor()
    browser.get("/sign-in")
    with browser.browser.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    sign_in(browser)
    with browser.browser.session_transaction() as kept:
        assert "planted" not in kept


def test_asking_for_nobody_is_the_same_work(ming, monkeypatch, real_hashes):
    """T18, S06: nobody, a volunteer and an administrator cost one light and one strong comparison alike."""
    office = passwords.hashed(PASSWORD, strong=True)
    compared = []
    real = argon2.PasswordHasher.verify

    def watched(self, kept, password):
        compared.append(argon2.extract_parameters(kept))
        return real(self, kept, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    costs = []
    for kept in (None, ming.password_hash, office):
        compared.clear()
        assert not passwords.fits(kept, "not the one")
        costs.append(sorted((one.memory_cost, one.time_cost, one.parallelism) for one in compared))
    assert costs == [[(19456, 2, 1), (65536, 3, 1)]] * 3


def test_the_cookie_is_out_of_reach_of_scripts(visitor, ming):
    """S03."""
    header = next(
        value for key, value in sign_in(visitor()).headers if key == "Set-Cookie" and "sid=" in value
    )
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Path=/" in header and "Secure" not in header


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(visitor, ming, make_app):
    """S03."""
    secure = make_app(base_url="https://liyu.example")
    browser = visitor(app=secure)
    page = browser.get("/sign-in", base_url="https://liyu.example")
    token = page.all("input", name="csrf_token")[0].get("value")
    answer = browser.post(
        "/sign-in",
        {"phone": "13800000011", "password": PASSWORD, "csrf_token": token},
        base_url="https://liyu.example",
        headers={"Referer": "https://liyu.example/sign-in"},
    )
    assert answer.status_code == 302
    header = next(value for key, value in answer.headers if key == "Set-Cookie" and "__Host-sid=" in value)
    assert "Secure" in header and "Domain" not in header


def test_without_the_form_of_our_own_page_nothing_is_signed_in(visitor, ming, db):
    """T14."""
    refused = visitor().post("/sign-in", {"phone": "13800000011", "password": PASSWORD}, csrf=False)
    assert refused.status_code == 400
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0


# ── by code ──


def test_a_code_opens_the_door_once(visitor, ming, sms):
    """T20."""
    browser = visitor()
    page = browser.post("/sign-in/code/message", {"phone": "138 0000 0011", "code": ""})
    assert page.status_code == 200 and "138****0011" in page.words
    code = sms("13800000011")
    typed = {"phone": "138 0000 0011", "code": code}
    assert browser.post("/sign-in/code", typed).location == "/"
    assert visitor().post("/sign-in/code", typed).status_code == 422


def test_five_wrong_tries_and_the_code_is_dead(visitor, ming, sms):
    """T20."""
    browser = visitor()
    browser.post("/sign-in/code/message", {"phone": "13800000011"})
    code = sms("13800000011")
    for _ in range(5):
        wrong = str((int(code) + 1) % 1_000_000).zfill(6)
        assert "验证码不对" in browser.post("/sign-in/code", {"phone": "13800000011", "code": wrong}).words
    assert browser.post("/sign-in/code", {"phone": "13800000011", "code": code}).status_code == 422


def test_a_code_lives_five_minutes(visitor, ming, sms, clock):
    """T20."""
    browser = visitor()
    browser.post("/sign-in/code/message", {"phone": "13800000011"})
    code = sms("13800000011")
    clock.pass_(minutes=5)
    assert "过期" in browser.post("/sign-in/code", {"phone": "13800000011", "code": code}).words


def test_a_code_for_signing_in_registers_nobody(visitor, ming, sms, nankeng):
    browser = visitor()
    browser.post("/sign-in/code/message", {"phone": "13800000077"})
    typed = {
        "phone": "13800000077", "code": sms("13800000077"), "name": "阿强", "home": nankeng.id,
        "birth_on": "1990-01-01", "basic": "y",
    }  # fmt: skip
    assert visitor().post("/register", typed).status_code == 422


def test_an_unknown_phone_gets_a_code_too_and_then_the_way_to_register(visitor, ming, sms, nankeng, here):
    """T18."""
    known, unknown = (
        visitor().post("/sign-in/code/message", {"phone": phone}) for phone in ("13800000011", "13800000012")
    )
    assert known.status_code == unknown.status_code == 200
    assert known.words.replace("0011", "") == unknown.words.replace("0012", "")

    browser = visitor()
    code = sms("13800000012")
    page = browser.post("/sign-in/code", {"phone": "13800000012", "code": code})
    assert page.h1 == "注册志愿者" and not page.all("input", name="code")
    done = browser.post(
        "/register",
        {"phone": "13800000012", "name": "阿强", "home": nankeng.id, "birth_on": "1990-01-01", "basic": "y"},
    )
    assert done.status_code == 302 and accounts.by_phone("13800000012").name == "阿强"


def test_a_proof_for_one_phone_is_none_for_another(visitor, sms, nankeng):
    """T20."""
    browser = visitor()
    browser.post("/sign-in/code/message", {"phone": "13800000012"})
    browser.post("/sign-in/code", {"phone": "13800000012", "code": sms("13800000012")})
    stolen = browser.post(
        "/register",
        {"phone": "13800000013", "name": "阿强", "home": nankeng.id, "birth_on": "1990-01-01", "basic": "y"},
    )
    assert stolen.status_code == 422 and accounts.by_phone("13800000013") is None


def test_one_message_a_minute_five_an_hour_ten_a_day(visitor, ming, sms, clock, eyes):
    """T19."""

    def ask():
        browser = visitor()
        page = browser.post("/sign-in/code/message", {"phone": "13800000011"})
        if page.status_code == 422:
            page = browser.post("/sign-in/code/message", {"phone": "13800000011", **eyes(page)})
        return page

    sent = 0
    for minute in range(0, 24 * 60, 3):
        clock.move("2026-03-07 00:00") if minute == 0 else clock.pass_(minutes=3)
        answers = [ask() for _ in range(2)]
        sent += sum(answer.status_code == 200 for answer in answers)
        assert answers[1].status_code == 429 and int(answers[1].headers["Retry-After"]) > 0
        if minute == 57:
            assert sent == 5
        if sent == 10 and minute > 5 * 60:
            break
    assert sent == 10


def test_where_no_messages_are_sent_it_says_so(visitor, ming, make_app):
    answer = visitor(app=make_app(sms_provider="none")).post(
        "/sign-in/code/message", {"phone": "13800000011"}
    )
    assert answer.status_code == 503 and "密码" in answer.words


# ── where to go then ──

ELSEWHERE = [
    "https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "\\/evil.example", "/%5cevil.example",
    "/%2fevil.example", "/%2F%2Fevil.example", "/%5C%5Cevil.example", "/..//evil.example", "/.//evil.example",
    "/me//evil.example", "/./evil", "/../evil", "https:evil.example", "https:/evil.example", "https:///evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "/\tevil.example",
    "/\n/evil.example", "/\r\nSet-Cookie: a=b", "\t//evil.example", " //evil.example", "/ /evil.example",
    "/\u200b/evil.example", "／／evil.example", "/\u2028/evil.example", "evil.example", "@evil.example", "?next=//evil",
    "#//evil.example", "/\x00/evil.example", "ftp://evil.example", "//evil.example@localhost", "/" + "a" * 900,
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_led_elsewhere(address):
    """T10."""
    assert accounts.safe_next(address) == "/"


@pytest.mark.parametrize(
    "address", ["/", "/me", "/c/ABC-123", "/calendar?from=2026-03-01&to=2026-04-01#x", "/search?q=%E7%8E%8B"]
)
def test_our_own_addresses_are_gone_to(address):
    """T10."""
    assert accounts.safe_next(address) == address


def test_each_next_stays_here(visitor, ming):
    """T10."""
    for address in ELSEWHERE[::4]:
        assert sign_in(visitor(), next=address).location == "/"
        assert visitor().get("/preferences", query_string={"lang": "en", "next": address}).location == "/"
        assert visitor(ming).get("/sign-in", query_string={"next": address}).location == "/"


def test_a_scan_kept_before_signing_in_comes_first(visitor, ming, clock):
    for age, where in ((0, "/c/KEPTCODE"), (299, "/c/KEPTCODE"), (301, "/me")):
        browser = visitor()
        browser.get("/sign-in")
        at = _ago(age)
        with browser.browser.session_transaction() as kept:
            kept["claim"] = {"code": "KEPTCODE", "at": at}
        assert sign_in(browser, next="/me").location == where, age
        with browser.browser.session_transaction() as kept:
            assert kept["claim"]["code"] == "KEPTCODE"


def _ago(seconds):
    return (clock.now() - timedelta(seconds=seconds)).isoformat()


def test_counters_out_of_reach_mean_no(visitor, ming, db, here):
    """S10."""
    db.session.execute(text("ALTER TABLE rate_limit RENAME TO rate_limit_gone"))
    refused = sign_in(visitor())
    assert refused.status_code == 503 and "Retry-After" in refused.headers
