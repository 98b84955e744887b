"""How many messages anybody can have sent in somebody's name (T19)."""

from __future__ import annotations

import os
import random
import re
from datetime import date

import pytest
from limits import parse_many
from sqlalchemy import func, select

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, events, notices
from volunteer import clock as time
from volunteer.accounts import phone_codes
from volunteer.events import Happened
from volunteer.limits import Counter

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
MING = "13800000011"


def ask(browser, phone=MING, **more):
    return browser.post("/sign-in/code/message", {"phone": phone, **more})


def test_the_second_message_of_an_hour_asks_what_is_in_a_picture(visitor, ming, sms, clock, eyes):
    """T19: a person reads four digits and gets the message."""
    browser = visitor()
    assert ask(browser).status_code == 200 and sms(MING)
    clock.pass_(minutes=2)
    page = ask(browser)
    assert page.status_code == 422 and sms(MING) and "图里的四个数字" in page.words
    assert page.all("img")[-1].get("src").startswith("data:image/png;base64,")
    assert not page.all("p", class_="field-error"), "nobody has done anything wrong"
    first = sms(MING)
    again = ask(browser, **eyes(page))
    assert again.status_code == 200 and "138****0011" in again.words
    assert sms(MING) != first


def test_a_picture_is_answered_once(visitor, ming, clock, eyes):
    """T19: neither a wrong answer nor a right one can be sent again."""
    browser = visitor()
    ask(browser)
    clock.pass_(minutes=2)
    answer = eyes(ask(browser))
    wrong = ask(browser, **answer | {"picture_answer": "0000"})
    assert wrong.status_code == 422 and "看新的这张" in wrong.words
    assert ask(browser, **answer).status_code == 422, "it was used up by the wrong answer"
    right = eyes(ask(browser))
    assert ask(browser, **right).status_code == 200
    clock.pass_(minutes=2)
    assert ask(browser, **right).status_code == 422, "and by the right one"


def test_who_cannot_read_it_gets_another_and_nothing_is_counted(visitor, ming, clock, eyes):
    """T19."""
    browser = visitor()
    ask(browser)
    clock.pass_(minutes=2)
    pages = [ask(browser), *(ask(browser, another="1") for _n in range(12))]
    assert {page.status_code for page in pages} == {422}
    asked = [next(one.get("value") for one in page.all("input", name="picture")) for page in pages]
    assert len(set(asked)) == len(asked)
    assert ask(browser, **eyes(pages[-1])).status_code == 200


def test_an_old_picture_and_an_invented_one_count_for_nothing(visitor, ming, clock, eyes):
    """T19."""
    browser = visitor()
    ask(browser)
    clock.pass_(minutes=2)
    old = eyes(ask(browser))
    clock.pass_(minutes=11)
    assert ask(browser, **old).status_code == 422
    assert ask(browser, picture="x" * 60, picture_answer="2345").status_code == 422


def test_another_browser_and_the_same_phone_is_asked_too(visitor, ming, clock):
    """T19."""
    ask(visitor())
    clock.pass_(minutes=2)
    assert ask(visitor()).status_code == 422


def test_another_phone_in_the_same_browser_is_asked_too(visitor, ming):
    """T19."""
    browser = visitor()
    ask(browser)
    assert ask(browser, "13800000012").status_code == 422


def test_being_told_to_wait_uses_up_no_picture(visitor, ming, clock, eyes):
    """T19."""
    browser = visitor()
    ask(browser)
    clock.pass_(minutes=2)
    assert ask(browser, **eyes(ask(browser))).status_code == 200
    clock.pass_(minutes=2)
    page = ask(browser)
    kept = eyes(page)
    with_wait = visitor()
    clock.pass_(seconds=1)
    assert ask(with_wait, **eyes(ask(with_wait))).status_code == 200
    held = ask(browser, **kept)
    assert held.status_code == 429, "somebody else asked a second ago"
    clock.pass_(minutes=1)
    assert ask(browser, **kept).status_code == 200


def test_the_guardians_second_message_asks_too(visitor, here, nankeng, clock, eyes, sms):
    """T19."""
    child = accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000032",
    )
    browser = visitor(child)
    browser.post("/me/guardian/message")
    clock.pass_(minutes=2)
    page = browser.post("/me/guardian/message")
    assert page.status_code == 422
    assert browser.post("/me/guardian/message", eyes(page)).status_code == 302


def test_a_storm_sends_exactly_what_the_counts_allow(visitor, ming, capsys, make_app):
    """T19: many phones from few addresses; each address gets its twenty, and not one message more."""
    tries, phones, homes = (10_000, 500, 50) if LONG else (90, 60, 2)
    dice = random.Random(seed := 20260307)
    numbers = [f"139{n:08d}" for n in range(phones)]
    storm = make_app(trusted_proxies=1)
    bare: set[str] = set()
    per_address: dict[str, int] = {}
    expected = 0
    for _n in range(tries):
        phone, home = dice.choice(numbers), f"198.51.100.{dice.randrange(homes)}"
        browser = visitor(app=storm)
        answer = browser.post("/sign-in/code/message", {"phone": phone}, headers={"X-Forwarded-For": home})
        allowed = phone not in bare and per_address.get(home, 0) < 20
        if allowed:
            bare.add(phone)
            per_address[home] = per_address.get(home, 0) + 1
            expected += 1
        assert (answer.status_code == 200) == allowed, (seed, phone, home, answer.status_code)
    sent = len(re.findall(r"\[SMS 139", capsys.readouterr().err))
    assert sent == expected == min(homes * 20, len(bare))
    honest = visitor().post("/sign-in", {"phone": MING, "password": PASSWORD})
    assert honest.status_code == 302


@pytest.mark.parametrize(("week", "cap"), [(0, 2000), (7000, 3000), (100_000, 10_000)])
def test_three_times_the_week_before_is_the_end_and_the_street_is_told(
    visitor, here, db, street_office, ming, clock, week, cap
):
    """T19: the breaker trips with the message after the last one, at once, and says so once."""
    today = time.today()
    for back in range(1, 8):
        day = today.fromordinal(today.toordinal() - back)
        db.session.add(Counter(key=f"sms/{day}", hits=week // 7, ends_at=time.now().timestamp() + 86400))
    begun = time.now().timestamp()
    db.session.add(Counter(key=f"sms/{today}", hits=cap - 3, ends_at=begun + 8 * 86400))
    here.commit()
    answers = [ask(visitor(), f"1390000{n:04d}") for n in range(8)]
    assert [one.status_code for one in answers] == [200] * 3 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) == 15 * 3600
    told = db.session.scalars(select(Happened).where(Happened.kind == "accounts.MessagesStopped")).all()
    assert [one.facts["most"] for one in told] == [cap]
    with here.outside():
        events.deliver()
    assert notices.unread(street_office.id) == 1
    clock.move("2026-03-08 00:00")
    assert ask(visitor(), "13900009999").status_code == 200
    again = select(func.count()).where(Happened.kind == "accounts.MessagesStopped")
    assert db.session.scalar(again) == 1


def test_more_than_an_hours_budget_is_told_too(visitor, here, db, street_office):
    """T19."""
    now = time.now().timestamp()
    key = parse_many(phone_codes.ALL)[0].key_for("sms_all", "all")
    db.session.add(Counter(key=key, hits=2000, ends_at=now + 3600))
    here.commit()
    assert ask(visitor(), "13900000099").status_code == 429
    told = db.session.scalars(select(Happened).where(Happened.kind == "accounts.MessagesStopped")).all()
    assert [one.facts["most"] for one in told] == [2000]
