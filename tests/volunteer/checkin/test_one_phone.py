"""One phone checks in one volunteer a day; a family that shares one asks the organiser."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, checkin, service_days
from volunteer.accounts import passwords
from volunteer.db import db


@pytest.fixture
def couple(here: Any, xiaoman: accounts.User, grandma: accounts.User, day: service_days.ServiceDay) -> None:
    for one, words in ((xiaoman, "a-quiet-morning"), (grandma, "another-morning")):
        one.password_hash = passwords.kept(words)
        service_days.sign_up(one, day)
    here.commit()


def _signed_in(browser: Any, phone: str, password: str) -> None:
    browser.get("/sign-in")
    assert browser.post("/sign-in", data={"phone": phone, "password": password}).status_code in (302, 303)
    browser.get("/scan")


def _scan(browser: Any, day: service_days.ServiceDay, scan: str) -> Any:
    return browser.post("/checkins", data={"code": checkin.showing(day).code, "scan": scan})


def test_a_phone_that_checked_in_one_does_not_check_in_another(
    clock: Any, visitor: Any, couple: None, day: service_days.ServiceDay
) -> None:
    """T01, T04: A checks in, signs out, and signs B in on the same phone: `checkin.device_used`."""
    clock.move("2026-03-08 09:00")
    phone = visitor()
    _signed_in(phone, "13800000001", "a-quiet-morning")
    assert _scan(phone, day, "couple-one-in").status_code == 303
    phone.post("/sign-out", data={})
    _signed_in(phone, "13800000003", "another-morning")
    refused = _scan(phone, day, "couple-two-in")
    assert refused.status_code == 409 and "一部手机一场只能签一个人" in refused.words
    assert "出示我的码" in refused.words

    own = visitor()
    _signed_in(own, "13800000003", "another-morning")
    assert _scan(own, day, "couple-two-own").status_code == 303


def test_a_family_that_shares_a_phone_is_let_in_by_the_organiser_and_listed(
    clock: Any,
    visitor: Any,
    couple: None,
    grandma: accounts.User,
    lao_wang: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    """T01: the family exception is the organiser's, with a reason, and stands on the roll."""
    clock.move("2026-03-08 09:00")
    leader = visitor(lao_wang)
    granted = leader.post(
        f"/service-days/{day.id}/shared-phones",
        data={"sharing": str(grandma.id), "why": "祖孙共用一部手机"},
        follow=True,
    )
    assert "可以用家人的手机签到" in granted.words and "祖孙共用一部手机" in granted.words
    phone = visitor()
    for name, password in (("13800000001", "a-quiet-morning"), ("13800000003", "another-morning")):
        _signed_in(phone, name, password)
        assert _scan(phone, day, f"shared-{name}").status_code == 303
        phone.post("/sign-out", data={})
    stays = db.session.scalars(db.select(checkin.Attendance).filter_by(service_day_id=day.id)).all()
    assert len(stays) == 2 and len({one.device for one in stays}) == 1


def test_the_next_day_is_a_new_day(
    clock: Any,
    visitor: Any,
    couple: None,
    grandma: accounts.User,
    make_day: Any,
    day: service_days.ServiceDay,
) -> None:
    later = make_day("2026-03-15")
    service_days.sign_up(grandma, later)
    clock.move("2026-03-08 09:00")
    phone = visitor()
    _signed_in(phone, "13800000001", "a-quiet-morning")
    _scan(phone, day, "first-sunday")
    phone.post("/sign-out", data={})
    clock.move("2026-03-15 09:00")
    _signed_in(phone, "13800000003", "another-morning")
    assert _scan(phone, later, "second-sunday").status_code == 303


def test_nobody_lets_himself_share_a_phone(
    visitor: Any, lao_wang: accounts.User, xiaoman: accounts.User, day: service_days.ServiceDay
) -> None:
    leader = visitor(lao_wang)
    path = f"/service-days/{day.id}/shared-phones"
    assert leader.post(path, data={"sharing": str(lao_wang.id), "why": "我"}).status_code == 403
    assert leader.post(path, data={"sharing": "0", "why": "谁"}).status_code == 422
    assert leader.post(path, data={"sharing": str(xiaoman.id), "why": ""}).status_code == 422


def test_a_number_no_person_has_is_no_crash(visitor, here, lao_wang, day):
    """T17, F20: larger than any database counts, on both forms of the roll that name somebody."""
    here.commit()
    gate = visitor(lao_wang)
    for path, field in (("shared-phones", "sharing"), ("roll/manual", "volunteer")):
        sent = {field: "99999999999999999999", "why": "老两口共用", "reason": "手机没电", "direction": ""}
        assert gate.post(f"/service-days/{day.id}/{path}", sent).status_code == 422, path
