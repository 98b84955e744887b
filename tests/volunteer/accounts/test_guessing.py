"""Guessing, flooding and finding out: what strangers get for many tries (S10, T18, T19, T20)."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import access, accounts
from volunteer.accounts import phone_codes
from volunteer.accounts.models import PhoneCode
from volunteer.events import Happened
from volunteer.limits import DELAY_MAX

KNOWN, NOBODYS = "13800000011", "13800000099"


def test_a_failed_sign_in_is_written_down_without_what_was_typed(visitor, ming, db):
    """S31: one event each, known phone or not; neither phone nor password stands in it."""
    for phone in (KNOWN, NOBODYS):
        visitor().post("/sign-in", {"phone": phone, "password": "猜一个-guess"})
    rows = db.session.scalars(select(Happened).filter_by(kind="accounts.SignInFailed")).all()
    assert [row.whom for row in rows] == [ming.id, None]
    assert not any(word in str(row.facts) for row in rows for word in (KNOWN, NOBODYS, "guess"))


def test_known_and_unknown_get_one_answer_everywhere(visitor, ming):
    """T18: sign-in, code for signing in, code for registering, wrong code: same status, headers, words, statements."""
    asked = (
        ("/sign-in", {"password": "不是这个密码"}),
        ("/sign-in/code/message", {}),
        ("/register/message", {}),
        ("/sign-in/code", {"code": "000000"}),
    )
    for path, body in asked:
        seen = []
        for phone in (KNOWN, NOBODYS):
            answer = visitor().post(path, {"phone": phone, **body})
            said = answer.words.replace(phone, "…").replace(f"{phone[:3]}****{phone[-4:]}", "…")
            # Whether writing is open is looked up every so often, for whoever comes next.
            work = [one for one in answer.statements if "closed_to" not in one and "BEGIN" not in one]
            seen.append((answer.status_code, sorted(answer.headers.keys()), said, work))
        assert seen[0] == seen[1], path


def test_messages_stop_at_the_cap_whoever_floods(visitor, ming, db, clock):
    """T19: per phone 1 a minute, 5 an hour; per browser 5 an hour; per address 20 an hour; a password still works."""
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    browsers = [visitor() for _ in range(8)]
    for _ in range(120):
        phone = f"138{dice.randrange(40):08d}"
        dice.choice(browsers).post("/sign-in/code/message", {"phone": phone})
        clock.pass_(seconds=20)
    sent = db.session.execute(
        select(PhoneCode.phone_index, func.count()).group_by(PhoneCode.phone_index)
    ).all()
    assert 0 < sum(count for _phone, count in sent) <= 20
    assert max(count for _phone, count in sent) <= 5
    assert visitor().post("/sign-in", {"phone": KNOWN, "password": PASSWORD}).status_code == 302


def test_one_browser_gets_five_messages_an_hour(visitor, here, clock, db, eyes):
    """T19: whatever phones it names."""
    browser = visitor()
    said = []
    for n in range(6):
        asked = {"phone": f"1380000012{n}"}
        page = browser.post("/sign-in/code/message", asked)
        if page.status_code == 422:
            page = browser.post("/sign-in/code/message", asked | eyes(page))
        said.append(page.status_code)
        clock.pass_(minutes=2)
    assert said == [200] * 5 + [429]
    assert visitor().post("/sign-in/code/message", {"phone": "13800000129"}).status_code == 200


def test_the_whole_installation_has_a_budget_a_day():
    """T19: hour and day are capped for everybody together, so a flood cannot run up a bill."""
    assert (phone_codes.ALL, phone_codes.DAY_MOST) == ("2000/hour", 10_000)


def test_twenty_wrong_ones_from_one_browser_and_the_owner_still_gets_in(visitor, ming, db):
    """T20: a browser that guesses at many accounts is stopped at twenty; the owner's own browser is not."""
    guesser = visitor()
    said = [
        guesser.post("/sign-in", {"phone": f"1380000{n:04d}", "password": "guess"}).status_code
        for n in range(200, 222)
    ]
    assert said == [422] * 20 + [429] * 2
    assert visitor().post("/sign-in", {"phone": KNOWN, "password": PASSWORD}).status_code == 302


def test_what_guessing_can_come_to_is_computed():
    """T20: six digits, five tries a code, five codes an hour: at most 1 in 40,000 an hour; waits end, nobody is locked."""
    tries, codes = phone_codes.TRIES, int(phone_codes.PER_PHONE.split(";")[1].split("/")[0])
    assert tries * codes / 10**6 <= 1e-4
    assert DELAY_MAX <= 900


@pytest.mark.parametrize("role", ["street_admin", "community_admin", "auditor"])
def test_guarded_rights_are_rights_of_the_office(role):
    """S07: what takes a second factor is something the office may do."""
    assert access.ROLES[role] & access.GUARDED


def test_a_role_that_changes_changes_the_cookie(visitor, xiaoman, lao_wang, team):
    """S04, T12: a team's role gives the browser a new id with its next answer; the copy of the old one is dead."""
    browser = visitor(xiaoman)
    old = browser.browser.get_cookie("sid").value
    accounts.appoint(xiaoman, "gatekeeper", team_id=team.id)
    assert browser.get("/me").status_code == 200
    assert browser.browser.get_cookie("sid").value != old
    thief = visitor()
    thief.browser.set_cookie("sid", old)
    assert thief.get("/me").status_code == 302 and browser.get("/me").status_code == 200


def test_signing_in_again_ends_what_the_browser_had(visitor, ming):
    """T12: a new id at each sign-in; a copy of the one before is worth nothing."""
    browser = visitor(ming)
    old = browser.browser.get_cookie("sid").value
    browser.post("/sign-in", {"phone": KNOWN, "password": PASSWORD})
    thief = visitor()
    thief.browser.set_cookie("sid", old)
    assert thief.get("/me").status_code == 302 and browser.get("/me").status_code == 200
