"""Becoming a volunteer (V1, V3, V4)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from volunteer import accounts, identity
from volunteer.accounts import consents, guardians, passwords
from volunteer.accounts.models import Consent, PhoneCode, User
from volunteer.events import Happened


def test_a_neighbour_registers(db, nankeng, real_hashes):
    ming = accounts.register(name="王小明", phone="138 0000 0011", home=nankeng, password="一杯桂花茶 慢慢喝")
    assert (ming.name, ming.phone_masked, ming.area_path) == ("王小明", "138****0011", nankeng.path)
    assert len(ming.volunteer_no) == 12 and ming.volunteer_no.isdecimal()
    assert ming.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert db.session.scalars(select(Consent.purpose)).all() == ["basic"]
    columns = [getattr(ming, column.key) for column in User.__table__.columns]
    assert not any("13800000011" in str(value) for value in columns)


def test_the_same_phone_in_another_spelling_is_the_same_person(db, nankeng):
    first = accounts.register(name="小满", phone="13800000001", home=nankeng)
    for spelling in ("+86 138-0000-0001", "008613800000001", "１３８０００００００１"):
        with pytest.raises(accounts.PhoneTaken):
            accounts.register(name="别人", phone=spelling, home=nankeng)
    assert accounts.by_phone("+86 138 0000 0001") is first
    assert accounts.by_number(first.volunteer_no) is first
    assert accounts.by_public(first.public) is first
    assert accounts.by_phone("13800000002") is None
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_what_is_refused_leaves_nothing(db, nankeng):
    for wrong, refusal in (
        ({"name": "小\u202e满"}, identity.BadName),
        ({"phone": "0755-8888888"}, identity.BadPhone),
        ({"password": "12345678"}, passwords.TooCommon),
        ({"password": "a1b2c3"}, passwords.Weak),
        ({"consents": ()}, consents.NeedsBasic),
        ({"birth_on": date(2021, 3, 8)}, guardians.TooYoung),
        ({"birth_on": date(2008, 3, 8)}, guardians.GuardianNeeded),
        ({"birth_on": date(2008, 3, 8), "guardian_phone": "13800000001"}, guardians.OwnGuardian),
    ):
        with pytest.raises(refusal):
            accounts.register(**({"name": "小满", "phone": "13800000001", "home": nankeng} | wrong))
    assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_what_happened_names_nobody(db, xiaoman):
    """S32."""
    told = db.session.scalars(select(Happened).where(Happened.whom == xiaoman.id)).all()
    assert {"accounts.Registered", "accounts.ConsentGiven"} <= {one.kind for one in told}
    assert not any("小满" in str(one.facts) or "1380000" in str(one.facts) for one in told)


# ── passwords ──


@pytest.mark.parametrize(
    "word", ["password", "Password1", "12345678", "87654321", "hgfedcba", "aaaaaaaa", "woaini1314"]
)
def test_what_anybody_would_try_first_is_no_password(word):
    """S06."""
    with pytest.raises(passwords.TooCommon):
        passwords.kept(word)


def test_ones_own_phone_is_no_password():
    """S06."""
    with pytest.raises(passwords.TooCommon):
        passwords.kept("13912345678x", phone="13912345678")


def test_any_characters_make_a_password_and_none_is_cut_off():
    """S06."""
    long = "茶" * 60 + "香飘满屋x"
    kept = passwords.kept(long)
    assert passwords.fits(kept, long) and not passwords.fits(kept, long[:-1])
    assert passwords.fits(passwords.kept("ｆｕｌｌｗｉｄｔｈ 7"), "fullwidth 7")
    assert not passwords.fits(None, long)
    with pytest.raises(passwords.Weak):
        passwords.kept("字x" * 65)


# ── the page ──


def fill(nankeng, **more):
    return {
        "phone": "13800000021", "code": "", "name": "买买提·吐尔逊", "home": nankeng.id, "birth_on": "1990-01-31",
        "guardian_phone": "", "password": "", "basic": "y", **more,
    }  # fmt: skip


def test_one_page_one_code_and_in(visitor, nankeng, sms, db):
    browser = visitor()
    assert browser.get("/register").h1 == "注册志愿者"
    page = browser.post("/register/message", fill(nankeng))
    assert page.status_code == 200 and page.all("input", name="name")[0].get("value") == "买买提·吐尔逊"
    done = browser.post("/register", fill(nankeng, code=sms("13800000021"), others=["photo", "merchant"]))
    assert done.location == "/"
    assert "买买提·吐尔逊" in browser.get("/").words
    user = accounts.by_phone("13800000021")
    assert set(consents.in_force(user)) == {"basic", "photo", "merchant"} and user.password_hash is None


def test_the_english_page_says_the_same(visitor, nankeng):
    page = visitor(lang="en").get("/register")
    assert page.h1 == "Become a volunteer"


def test_each_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(visitor, nankeng, sms):
    browser = visitor()
    browser.post("/register/message", fill(nankeng))
    code = sms("13800000021")
    for wrong, says in (
        ({"name": "小\u202e明"}, "看不见"),
        ({"name": ""}, "这一项要填"),
        ({"birth_on": "1990-02-31"}, "这个日期不对"),
        ({"birth_on": "2030-01-01"}, "今天之后"),
        ({"birth_on": "2021-01-01"}, "满6岁"),
        ({"birth_on": "2012-01-01"}, "监护人"),
        ({"home": "999999"}, ""),
        ({"password": "password"}, "太常见"),
        ({"basic": None}, "要先同意"),
    ):
        typed = {key: value for key, value in fill(nankeng, code=code, **wrong).items() if value is not None}
        page = browser.post("/register", typed)
        assert page.status_code == 422 and says in page.words, (wrong, page.words[:400])
        assert page.all("input", name="phone")[0].get("value") == "13800000021"
        assert accounts.by_phone("13800000021") is None
        assert not page.all("input", name="code"), "the code was right and need not be typed again"
    assert browser.post("/register", fill(nankeng)).status_code == 302
    assert visitor().post("/register", fill(nankeng, code=code)).status_code == 422


def test_somebody_who_has_an_account_is_simply_let_in(visitor, nankeng, xiaoman, sms):
    browser = visitor()
    browser.post("/register/message", fill(nankeng, phone="13800000001"))
    done = browser.post("/register", fill(nankeng, phone="13800000001", code=sms("13800000001")))
    assert done.location == "/" and "小满" in browser.get("/").words


def test_more_than_the_form_asks_for_changes_nothing(visitor, nankeng, sms):
    """T21."""
    browser = visitor()
    browser.post("/register/message", fill(nankeng))
    code = sms("13800000021")
    browser.post(
        "/register", fill(nankeng, code=code, role="street_admin", points="9999", state="closed", id="1")
    )
    user = accounts.by_phone("13800000021")
    assert user.holds == () and user.state == "active"


def test_a_code_is_kept_as_a_hash(visitor, nankeng, sms, db):
    """T20."""
    visitor().post("/register/message", fill(nankeng))
    code = sms("13800000021")
    row = db.session.scalar(select(PhoneCode))
    assert code not in str(vars(row)) and len(row.code_hash) == 64


def test_a_scan_completes_after_registering(visitor, nankeng, sms):
    browser = visitor()
    browser.get("/register")
    with browser.browser.session_transaction() as kept:
        kept["claim"] = {"code": "KEPTCODE", "at": "2026-03-07T08:58:00+08:00"}
    browser.post("/register/message", fill(nankeng))
    assert browser.post("/register", fill(nankeng, code=sms("13800000021"))).location == "/c/KEPTCODE"


def test_two_phones_of_one_person_register_at_once(app, visitor, nankeng, sms, together):
    visitor().post("/register/message", fill(nankeng))
    code = sms("13800000021")
    # No more than the tries a code allows: each counts before any of them is looked at.
    browsers = [visitor() for _ in range(4)]
    for browser in browsers:
        browser.get("/register")
    typed = fill(nankeng, code=code)
    answers = together([lambda browser=browser: browser.post("/register", typed) for browser in browsers])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert sorted({answer.status_code for answer in answers} - {503}) in ([302], [302, 422])
    assert sum(answer.status_code == 302 for answer in answers) == 1
