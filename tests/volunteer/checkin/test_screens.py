"""A wall on a TV: no keyboard, nobody signed in, one day and nothing else, taken back at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from volunteer import accounts, checkin, qr, service_days
from volunteer.checkin import screens
from volunteer.checkin.screen_models import Screen


@pytest.fixture
def tv(visitor: Any) -> Any:
    """A TV whose browser has asked for a code."""
    browser = visitor()
    page = browser.get("/wall")
    assert page.all("form", action="/wall/screens")
    browser.post("/wall/screens", data={})
    return browser


def _code(tv: Any) -> str:
    found = re.search(r'screen-typed">([0-9A-Z]{6})<', tv.get("/wall").text)
    assert found is not None
    return found[1]


def test_an_organiser_lends_a_tv_the_wall_of_a_day_and_takes_it_back(
    clock: Any, here: Any, visitor: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-01: the TV shows the codes that check in, and loses them in the next four seconds."""
    here.commit()
    clock.move("2026-03-08 08:40")
    tv.post("/wall/screens", data={})
    code, leader = _code(tv), visitor(lao_wang)
    assert tv.get("/wall/now").status_code == 204
    offered = leader.get(f"/screens/{code}")
    assert "清洁家园" in offered.words and code in offered.words
    paired = leader.post(f"/service-days/{day.id}/screens", data={"code": f" {code.lower()} "}, follow=True)
    assert "收回" in paired.words
    assert "清洁家园" in tv.get("/wall").words
    assert tv.get("/wall/now").json["code"] == checkin.showing(day).code
    (screen,) = screens.of(day)
    leader.post(f"/service-days/{day.id}/screens/{screen.id}/end", data={})
    assert tv.get("/wall/now").status_code == 410
    page = tv.get("/wall")
    assert "收回了" in page.words and checkin.showing(day).code not in page.text


def test_the_tv_shows_it_until_the_day_is_over(
    clock: Any, here: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-01."""
    screens.pair(_code(tv), day, by=lao_wang)
    here.commit()
    clock.move("2026-03-08 12:30")
    assert tv.get("/wall/now").status_code == 200
    clock.move("2026-03-08 12:30:01")
    assert tv.get("/wall/now").status_code == 410


def test_a_code_is_good_once_and_for_five_minutes(
    clock: Any, here: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T03."""
    code = _code(tv)
    clock.pass_(minutes=5, seconds=1)
    with pytest.raises(screens.UnknownCode):
        screens.pair(code, day, by=lao_wang)
    tv.post("/wall/screens", data={})
    code = _code(tv)
    screens.pair(code, day, by=lao_wang)
    with pytest.raises(screens.UnknownCode):
        screens.pair(code, day, by=lao_wang)


def test_only_who_may_show_the_wall_lends_it(
    here: Any,
    visitor: Any,
    tv: Any,
    xiaoman: accounts.User,
    other_office: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    """T13: looked at when it is paired."""
    here.commit()
    code = _code(tv)
    assert visitor(xiaoman).post(f"/service-days/{day.id}/screens", data={"code": code}).status_code == 403
    assert (
        visitor(other_office).post(f"/service-days/{day.id}/screens", data={"code": code}).status_code == 404
    )
    assert "清洁家园" not in visitor(other_office).get(f"/screens/{code}").words
    assert tv.get("/wall/now").status_code == 204


def test_a_screen_of_another_day_is_not_mine_to_take_back(
    here: Any, visitor: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay, make_day: Any
) -> None:
    """T13."""
    other = make_day("2026-03-09")
    screen = screens.pair(_code(tv), other, by=lao_wang)
    here.commit()
    assert (
        visitor(lao_wang).post(f"/service-days/{day.id}/screens/{screen.id}/end", data={}).status_code == 404
    )


def test_the_table_tells_nobody_how_to_be_a_screen(
    db: Any, here: Any, tv: Any, visitor: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """S06: neither the code nor the token is kept; another browser has nothing."""
    code = _code(tv)
    screens.pair(code, day, by=lao_wang)
    here.commit()
    row = db.session.scalars(select(Screen)).one()
    kept = f"{row.code_print} {row.token_print}"
    token = tv.browser.get_cookie("screen").value
    assert code not in kept and token not in kept and screens.code_of(token) == code
    stranger = visitor()
    assert (stranger.get("/wall/now").status_code, stranger.get("/wall/now").data) == (204, b"")
    stranger.browser.set_cookie("screen", row.token_print)
    assert stranger.get("/wall/now").status_code == 204


def test_a_tv_signs_nobody_in_and_writes_nothing_by_looking(
    db: Any, here: Any, visitor: Any, tv: Any
) -> None:
    """T12: its cookie is no session, and GET makes no row."""
    assert tv.get("/me").status_code in (302, 303)
    before = db.session.scalar(select(func.count(Screen.id)))
    visitor().get("/wall")
    tv.get("/wall/now")
    assert db.session.scalar(select(func.count(Screen.id))) == before == 1


def test_the_picture_on_the_tv_opens_the_organisers_choice(tv: Any) -> None:
    """CK-01."""
    code = _code(tv)
    assert str(qr.svg(f"http://localhost/screens/{code}", title="配对码")) in tv.get("/wall").text


def test_whoever_guesses_codes_is_stopped(
    here: Any, visitor: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T09: ten tries in ten minutes."""
    here.commit()
    leader = visitor(lao_wang)
    said = [
        leader.post(f"/service-days/{day.id}/screens", data={"code": f"AAAAA{n}"}).status_code
        for n in range(10)
    ]
    assert set(said) == {410}
    assert leader.post(f"/service-days/{day.id}/screens", data={"code": _code(tv)}).status_code == 429


def test_a_day_that_is_over_lends_nothing(
    clock: Any, tv: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-01."""
    clock.move("2026-03-08 12:31")
    tv.post("/wall/screens", data={})
    with pytest.raises(screens.DayOver):
        screens.pair(_code(tv), day, by=lao_wang)
