"""The second factor: six digits of an app, thirty seconds, each once; ten codes for the day it is lost (S07)."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, clock
from volunteer.access import GUARDED
from volunteer.accounts import factors
from volunteer.accounts.credential_models import RecoveryCode, SecondFactor
from volunteer.accounts.models import SignIn


@pytest.fixture
def app_of(here):
    """`app_of(person)` is the authenticator on their phone."""

    def on_the_phone(person):
        return pyotp.TOTP(factors.opened(person, factors.begun(person)))

    return on_the_phone


@pytest.fixture
def hui(here, nankeng):
    """慧姐, who has just become an administrator of 南坑 and has a password only."""
    person = accounts.register(name="刘慧", phone="13800000061", home=nankeng, password=PASSWORD)
    accounts.appoint(person, "community_admin", area=nankeng)
    return person


def set_up(browser, hui, app_of):
    """Walk through setting it up; return the ten codes that were shown."""
    assert browser.post("/me/factor").location == "/me/factor"
    done = browser.post("/me/factor/confirmation", {"code": app_of(hui).at(clock.now())})
    assert done.status_code == 200, done.words
    return ["".join(code.itertext()) for code in done.all("code")]


def sign_in(browser):
    """Give the password, and stand before the page that asks for more."""
    answer = browser.post("/sign-in", {"phone": "13800000061", "password": PASSWORD})
    browser.get(answer.location)
    return answer


def test_without_it_the_office_reads_but_decides_nothing_that_matters(visitor, hui, xiaoman):
    """S07: an administrator without a second factor gets 403 access.factor_needed, and the way to set it up."""
    browser = visitor(hui)
    for page in (
        "/office",
        "/office/inbox",
        "/office/people",
        f"/office/people/{xiaoman.id}",
        "/settlements",
    ):
        assert browser.get(page).status_code == 200, page
    for act in ("roles", "suspension", "id-number", "phone"):
        said = browser.post(f"/office/people/{xiaoman.id}/{act}", {"reason": "看看", "role": "auditor"})
        assert said.status_code == 403 and "第二步验证" in said.words
        assert "/me/factor" in said.links
    assert browser.post("/settlements", {"month": "2026-02"}).status_code == 403
    assert xiaoman.state == "active" and "role.give" in GUARDED


def test_the_code_of_the_refusal_is_stable(here, hui):
    """S07: scripts read access.factor_needed, status 403."""
    from volunteer import access
    from volunteer.errors import FactorNeeded

    with here.signed_in(hui), pytest.raises(FactorNeeded) as refused:
        access.require("person.reveal")
    assert (refused.value.code, refused.value.status) == ("access.factor_needed", 403)


def test_volunteers_shops_and_teams_need_none(visitor, xiaoman, lao_wang, team, azhen):
    """S07: it is asked of the office; whoever volunteers or stands at a counter signs in as before."""
    for person in (xiaoman, lao_wang, azhen):
        assert not person.factor_missing
        assert "第二步验证" in visitor(person).get("/me").words


def test_setting_it_up_opens_the_rights_and_gives_ten_codes_once(visitor, hui, xiaoman, app_of, db):
    """S07: ten recovery codes, shown once, kept as hashes only."""
    browser = visitor(hui)
    codes = set_up(browser, hui, app_of)
    assert len(set(codes)) == 10 and all(re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code) for code in codes)
    kept = set(db.session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == 10 and not any(code.replace("-", "") in row for code in codes for row in kept)
    page = browser.get("/me/factor").words
    assert "已经设好" in page and "10 个" in page and codes[0] not in page
    assert browser.post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知改期"}).status_code == 200


def test_the_secret_is_sealed_and_shown_only_until_it_counts(visitor, hui, app_of, db):
    """S07: the secret is encrypted at rest; once confirmed no page and no verb tells it again."""
    browser = visitor(hui)
    browser.post("/me/factor")
    key = app_of(hui).secret
    page = browser.get("/me/factor")
    assert key in "".join("".join(one.itertext()) for one in page.all("code")).replace(" ", "")
    sealed = db.session.scalar(select(SecondFactor.secret_sealed))
    assert key.encode() not in sealed
    browser.post("/me/factor/confirmation", {"code": app_of(hui).at(clock.now())})
    assert key not in browser.get("/me/factor").text.replace(" ", "")
    with pytest.raises(factors.AlreadySet):
        factors.secret(hui, factors.begun(hui))


def test_a_wrong_first_code_sets_nothing_up(visitor, hui, app_of):
    browser = visitor(hui)
    assert browser.post("/me/factor/confirmation", {"code": "123456"}).status_code == 409
    browser.post("/me/factor")
    wrong = str((int(app_of(hui).at(clock.now())) + 1) % 1_000_000).zfill(6)
    page = browser.post("/me/factor/confirmation", {"code": wrong})
    assert page.status_code == 422 and "验证码不对" in page.words
    assert not factors.enrolled(hui)


def test_the_password_alone_opens_only_the_page_that_asks(visitor, hui, app_of, clock, db):
    """S07: between password and code the browser is a stranger everywhere but on the page that asks."""
    set_up(visitor(hui), hui, app_of)
    browser = visitor()
    asked = sign_in(browser)
    assert asked.location.startswith("/sign-in/factor")
    assert browser.get(asked.location).h1 == "第二步验证"
    for page in ("/me", "/office", "/me/factor", "/api/v1/me"):
        assert browser.get(page).status_code in (302, 401), page
    before = browser.browser.get_cookie("sid").value
    clock.pass_(seconds=30)
    entered = browser.post("/sign-in/factor", {"code": app_of(hui).at(clock_now()), "next": "/office"})
    assert entered.location == "/office" and browser.get("/office").status_code == 200
    # T12: a new id at the factor; the half-open one is dead.
    after = browser.browser.get_cookie("sid").value
    assert after != before
    thief = visitor()
    thief.browser.set_cookie("sid", before)
    assert thief.get("/sign-in/factor").status_code == 302 and thief.get("/me").status_code == 302


def clock_now():
    return clock.now()


def test_a_code_works_one_step_early_or_late_and_once(here, hui, app_of, clock):
    """S07: thirty seconds, one step of drift either way, each code once."""
    factors.begin(hui)
    app = app_of(hui)
    clock.move("2026-03-07 10:00:00")
    factors.confirm(hui, app.at(clock_now()))
    with pytest.raises(factors.WrongFactor):
        factors.check(hui, app.at(clock_now()))  # it confirmed the set-up; it opens no door
    for seconds, good in ((-90, False), (-60, False), (60, False), (90, False), (30, True)):
        moment = clock_now().timestamp() + seconds
        if good:
            factors.check(hui, app.at(int(moment)))
        else:
            with pytest.raises(factors.WrongFactor):
                factors.check(hui, app.at(int(moment)))
    clock.pass_(minutes=5)
    late = app.at(int(clock_now().timestamp()) - 30)
    factors.check(hui, late)
    with pytest.raises(factors.WrongFactor):
        factors.check(hui, late)
    factors.check(hui, app.at(clock_now()))
    with pytest.raises(factors.WrongFactor):
        factors.check(hui, app.at(int(clock_now().timestamp()) - 30))  # an older step never comes back


def test_two_browsers_with_the_same_six_digits(visitor, hui, app_of, clock, together):
    """S07: the same code typed in two browsers at one instant lets one of them in."""
    set_up(visitor(hui), hui, app_of)
    clock.pass_(minutes=1)
    code = app_of(hui).at(clock_now())
    browsers = [visitor() for _ in range(4)]
    for browser in browsers:
        assert sign_in(browser).status_code == 302
    answers = together(
        [
            lambda one=browser: one.post("/sign-in/factor", {"code": code, "next": "/me"})
            for browser in browsers
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]


def test_a_recovery_code_stands_in_for_the_phone_once(visitor, hui, app_of, db):
    """S07: recovery codes are single use, typed in any spelling."""
    codes = set_up(visitor(hui), hui, app_of)
    browser = visitor()
    sign_in(browser)
    typed = codes[3].lower().replace("-", " ")
    assert browser.post("/sign-in/factor", {"recovery": typed}).status_code == 302
    assert browser.get("/me").status_code == 200 and factors.left(hui) == 9
    again = visitor()
    sign_in(again)
    assert again.post("/sign-in/factor", {"recovery": codes[3]}).status_code == 422
    assert again.post("/sign-in/factor", {"recovery": codes[4]}).status_code == 302


def test_new_recovery_codes_end_the_old_ones(visitor, hui, app_of):
    """S07: renewing gives ten others; the old ones are dead."""
    browser = visitor(hui)
    old = set_up(browser, hui, app_of)
    shown = browser.post("/me/factor/codes")
    new = ["".join(code.itertext()) for code in shown.all("code")]
    assert len(new) == 10 and not set(old) & set(new)
    with pytest.raises(factors.WrongFactor):
        factors.check(hui, old[0])
    factors.check(hui, new[0])


def test_guessing_is_slowed_per_person(visitor, hui, app_of, clock):
    """T20: after five wrong codes each wait doubles, whichever browser guesses; never a permanent lock."""
    set_up(visitor(hui), hui, app_of)
    clock.pass_(minutes=1)
    wrong = str((int(app_of(hui).at(clock_now())) + 5) % 1_000_000).zfill(6)
    said = []
    for _ in range(8):
        browser = visitor()
        sign_in(browser)
        said.append(browser.post("/sign-in/factor", {"code": wrong}))
    assert [one.status_code for one in said[:6]] == [422] * 6 and said[-1].status_code == 429
    assert int(said[-1].headers["Retry-After"]) >= 1
    clock.pass_(minutes=16)
    browser = visitor()
    sign_in(browser)
    assert browser.post("/sign-in/factor", {"code": app_of(hui).at(clock_now())}).status_code == 302


def test_the_page_that_asks_waits_ten_minutes(visitor, hui, app_of, clock):
    set_up(visitor(hui), hui, app_of)
    browser = visitor()
    sign_in(browser)
    clock.pass_(minutes=10, seconds=1)
    said = browser.post("/sign-in/factor", {"code": app_of(hui).at(clock_now())})
    assert said.location == "/sign-in" and browser.get("/me").status_code == 302


def test_a_suspended_administrator_does_not_come_in_by_code(visitor, hui, office, app_of, here, clock):
    set_up(visitor(hui), hui, app_of)
    browser = visitor()
    sign_in(browser)
    with here.signed_in(office):
        accounts.suspend(hui, "核实中")
    clock.pass_(minutes=1)
    assert browser.post("/sign-in/factor", {"code": app_of(hui).at(clock_now())}).location == "/sign-in"


def test_a_script_sends_the_code_with_the_password(device, visitor, hui, app_of, clock):
    """S07: POST /tokens of somebody with a second factor: without otp 401 auth.factor, a wrong one too."""
    body = {"phone": "13800000061", "password": PASSWORD}
    assert device().post("/api/v1/tokens", json=body).status_code == 201  # before it is set up
    set_up(visitor(hui), hui, app_of)
    clock.pass_(minutes=1)
    for more in ({}, {"otp": "000000"}):
        refused = device().post("/api/v1/tokens", json=body | more)
        assert (refused.status_code, refused.json["code"]) == (401, "auth.factor")
    made = device().post("/api/v1/tokens", json=body | {"otp": app_of(hui).at(clock_now())})
    assert made.status_code == 201


def test_the_sample_street_needs_only_its_password(visitor, nankeng, here, xiaoman):
    """S07: invented people of the sample are let off; nobody else ever is."""
    sample = accounts.register(name="样例", phone="13800000062", home=nankeng, password=PASSWORD)
    accounts.appoint(sample, "community_admin", area=nankeng)
    assert sample.factor_missing
    sample.sample = True
    sample.__dict__.pop("factor_missing")
    assert not sample.factor_missing
    revealed = visitor(sample).post(f"/office/people/{xiaoman.id}/phone", {"reason": "通知改期"})
    assert revealed.status_code == 200


def test_only_loading_the_sample_says_that_somebody_is_one():
    """S07: no form, no verb and no call sets `sample`; the words stand in the sample street's own file alone."""
    from tests.chinese import ROOT

    # A roll-call's form is called so too; what is meant is a column that is set, by name or in a row.
    says = re.compile(r"\bsample\s*=\s*True|\"sample\"\s*(:\s*True|\]|,|\))")
    found = {
        path.relative_to(ROOT).as_posix()
        for part in ("volunteer", "rewards", "app.py")
        for path in ((ROOT / part).rglob("*.py") if (ROOT / part).is_dir() else [ROOT / part])
        if says.search(path.read_text())
    }
    assert found == {"rewards/demo/people.py"}


def test_closing_an_account_takes_its_factor_away(here, hui, app_of, db):
    from volunteer.accounts import closing

    factors.begin(hui)
    factors.confirm(hui, app_of(hui).at(clock_now()))
    closing.close(hui)
    assert db.session.scalar(select(SecondFactor.user_id)) is None
    assert db.session.scalar(select(RecoveryCode.id)) is None


def test_the_sign_in_that_waits_is_no_device_of_theirs(visitor, hui, app_of, db):
    """S04: the list of devices shows whole sessions only."""
    mine = visitor(hui)
    set_up(mine, hui, app_of)
    sign_in(visitor())
    assert db.session.scalar(select(SignIn.id).where(SignIn.waiting, SignIn.ended_at.is_(None)))
    assert mine.get("/me/sessions").words.count("登录 最近一次") == 1


def test_the_secret_moves_with_its_owner_and_with_the_keys(here, hui, app_of, yangmei, db, clock):
    """S07, S22: moving to another community, or sealing everything anew, leaves the app on the phone working."""
    from volunteer import vault
    from volunteer.accounts import profile

    factors.begin(hui)
    factors.confirm(hui, app_of(hui).at(clock_now()))
    before = factors.begun(hui).secret_sealed
    profile.change(hui, name="刘慧", home=yangmei, birth_on=None)
    assert factors.begun(hui).secret_sealed != before
    vault.renew(vault.scope_of(hui.area_path))
    column = next(one for one in vault.COLUMNS if one.table == "second_factor")
    assert vault.reseal(column, 0, 10)[1:] == (1, [])
    db.session.expire_all()
    clock.pass_(minutes=1)
    factors.check(hui, app_of(hui).at(clock_now()))
