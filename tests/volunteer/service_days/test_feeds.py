"""Calendars to subscribe to, read back by a program that reads calendars (P1)."""

from __future__ import annotations

from datetime import date

import pytest
from icalendar import Calendar
from sqlalchemy import update

from volunteer import accounts, service_days
from volunteer.service_days import holidays, links
from volunteer.service_days.models import CalendarLink


@pytest.fixture
def read(visitor):
    """`read("/calendar.ics")`: the events of a feed, as a calendar that subscribes takes them in."""

    def read(path="/calendar.ics", **options):
        answer = visitor().get(path, **options)
        assert answer.status_code == 200 and answer.content_type == "text/calendar; charset=utf-8"
        return Calendar.from_ical(answer.get_data()).walk("VEVENT")

    return read


def own(person):
    links.renew(person)
    return f"/feeds/{links.code_of(person)}.ics"


def test_a_day_says_when_where_and_what(read, day, visitor):
    (event,) = read()
    assert event.decoded("dtstart").isoformat() == "2026-03-08T09:00:00+08:00"
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert str(event["location"]) == "南坑社区党群服务中心, 南坑路 12 号一楼大厅"
    assert "党员志愿服务队 组织" in str(event["description"])
    assert str(event["url"]).endswith(f"/service-days/{day.id}")
    whole = Calendar.from_ical(visitor().get("/calendar.ics").get_data())
    assert [str(zone["tzid"]) for zone in whole.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert str(whole["x-wr-calname"]) == "礼遇服务日"


def test_a_long_name_with_commas_and_line_ends_comes_back_as_it_was(read, make_activity, make_day):
    title = "义剪、磨刀、修伞；" * 3 + "a,b;c\\d"
    make_day(of=make_activity(title=title[:60], place_name="中心\\;, 一楼"))
    (event,) = read()
    assert str(event["summary"]) == title[:60] and str(event["location"]).startswith("中心\\;, 一楼")


def test_no_line_is_longer_than_a_calendar_takes(visitor, day):
    lines = visitor().get("/calendar.ics").get_data().split(b"\r\n")
    assert len(lines) > 30 and max(map(len, lines)) <= 75 and not [line for line in lines if b"\n" in line]


def test_a_moved_day_is_the_same_day_with_a_higher_number(clock, read, day):
    """SU-16: calendars take it for the same event, and for a newer word on it."""
    (before,) = read()
    clock.pass_(hours=1)
    service_days.move(day, date(2026, 3, 15))
    (after,) = read()
    assert after["uid"] == before["uid"] and (before["sequence"], after["sequence"]) == (0, 1)
    assert after.decoded("dtstart").day == 15
    assert after.decoded("last-modified") > before.decoded("last-modified")


def test_a_day_called_off_stays_as_cancelled_with_its_reason(read, day):
    service_days.call_off(day, "台风预警")
    (event,) = read()
    assert (str(event["status"]), event["sequence"]) == ("CANCELLED", 1)
    assert "台风预警" in str(event["description"])


def test_a_year_not_announced_is_said(read, day):
    assert "尚未公布" in str(read()[0]["description"])
    holidays.import_rows([(date(2026, 10, 1), "holiday", "国庆节")])
    assert "尚未公布" not in str(read()[0]["description"])


def test_a_team_and_a_community_have_theirs(read, visitor, make_day, team, nankeng, yangmei):
    make_day()
    for query, count in (
        (f"team={team.id}", 1), ("team=99", 0), (f"area={nankeng.id}", 1), (f"area={yangmei.id}", 0), ("area=99", 0),
    ):  # fmt: skip
        assert len(read(f"/calendar.ics?{query}")) == count, query
    named = Calendar.from_ical(visitor().get(f"/calendar.ics?team={team.id}").get_data())
    assert str(named["x-wr-calname"]) == "党员志愿服务队的服务日"


def test_whoever_has_it_already_is_not_sent_it_again(clock, visitor, day):
    browser = visitor()
    first = browser.get("/calendar.ics")
    assert first.headers["Cache-Control"] == "public, max-age=900"
    clock.pass_(minutes=20)
    known = {"If-None-Match": first.headers["ETag"]}
    again = browser.get("/calendar.ics", headers=known)
    assert again.status_code == 304 and again.get_data() == b""
    service_days.move(day, date(2026, 3, 15))
    assert browser.get("/calendar.ics", headers=known).status_code == 200


# ── one's own ──


def test_ones_own_calendar_has_what_one_signed_up_for(read, make_day, xiaoman, daming):
    first, second, third, _other = (make_day(f"2026-03-{n}", capacity=1) for n in ("08", "09", "10", "11"))
    service_days.sign_up(xiaoman, first)
    service_days.sign_up(daming, second)
    service_days.sign_up(xiaoman, second)
    service_days.sign_up(xiaoman, third)
    service_days.leave(xiaoman, third)
    events = read(own(xiaoman))
    assert [(str(one["summary"]), str(one["status"])) for one in events] == [
        ("清洁家园", "CONFIRMED"), ("候补中：清洁家园", "TENTATIVE"),
    ]  # fmt: skip


def test_who_got_no_place_does_not_have_the_day_when_it_is_over(clock, read, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(daming, day)
    service_days.sign_up(xiaoman, day)
    path = own(xiaoman)
    assert len(read(path)) == 1
    clock.move("2026-03-08 13:05")
    service_days.close(day)
    assert read(path) == []


def test_a_day_called_off_reaches_those_who_had_signed_up(read, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    service_days.call_off(day, "下雨")
    assert [str(one["status"]) for one in read(own(xiaoman))] == ["CANCELLED"]


def test_nobody_else_is_in_it(visitor, day, xiaoman, daming):
    """T22: a calendar names no people."""
    for person in (xiaoman, daming):
        service_days.sign_up(person, day)
    text = visitor().get(own(xiaoman)).get_data(as_text=True)
    assert not [word for word in ("大明", "小满", "138", xiaoman.volunteer_no) if word in text]


def test_the_secret_address_is_kept_nowhere_and_by_nobody(visitor, db, day, xiaoman):
    """T22: a stolen copy of the database opens nobody's calendar, and what lies between keeps nothing."""
    path = own(xiaoman)
    answer = visitor().get(path)
    assert (
        answer.headers["Cache-Control"] == "private, max-age=900"
        and "noindex" in answer.headers["X-Robots-Tag"]
    )
    secret = path.partition("-")[2].removesuffix(".ics")
    (link,) = db.session.query(CalendarLink)
    assert len(secret) == 22 and secret not in repr(vars(link))


def test_a_new_address_ends_the_old_one(visitor, xiaoman, daming):
    """T22: who had the address loses it."""
    browser, stranger = visitor(xiaoman), visitor()
    assert "要一个我的地址" in browser.get("/calendar/subscription").words
    page = browser.post("/me/feed", follow=True)
    old = f"/feeds/{links.code_of(xiaoman)}.ics"
    assert old in page.words and stranger.get(old).status_code == 200
    browser.post("/me/feed")
    new = f"/feeds/{links.code_of(xiaoman)}.ics"
    assert new != old
    assert (stranger.get(old).status_code, stranger.get(new).status_code) == (404, 200)
    browser.post("/me/feed/end")
    assert stranger.get(new).status_code == 404 and links.code_of(xiaoman) is None
    browser.post("/me/feed/end")
    assert visitor(daming).get(new).status_code == 404


def test_who_may_not_sign_in_has_no_calendar(visitor, xiaoman, db):
    path = own(xiaoman)
    for state in ("suspended", "closed"):
        db.session.execute(update(accounts.User).where(accounts.User.id == xiaoman.id).values(state=state))
        assert visitor().get(path).status_code == 404


def test_a_guessed_address_opens_nothing(visitor, xiaoman, daming):
    """T13."""
    path = own(xiaoman)
    own(daming)
    code = path.removeprefix("/feeds/").removesuffix(".ics")
    swapped = f"{daming.public}-{code.partition('-')[2]}"
    for guess in (code[:-1], code + "A", code.swapcase(), swapped, xiaoman.public, "x", "-", "龙-岗"):
        assert visitor().get(f"/feeds/{guess}.ics").status_code == 404, guess


# ── how to subscribe ──


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_a_code_a_button_and_a_word_for_each_phone(visitor, day, team, xiaoman, lang):
    own(xiaoman)
    stranger = visitor(lang=lang).get(f"/calendar/subscription?team={team.id}")
    tail = "" if lang == "zh" else "&lang=en"
    assert f"webcal://localhost/calendar.ics?team={team.id}{tail}" in stranger.links
    assert stranger.text.count("<svg") > 1 and "党员志愿服务队" in stranger.words
    page = visitor(xiaoman, lang=lang).get("/calendar/subscription")
    assert [link for link in page.links if link.startswith("webcal://localhost/feeds/")]


def test_the_calendar_leads_there(visitor, xiaoman, team):
    assert f"/calendar/subscription?team={team.id}" in visitor().get(f"/calendar?team={team.id}").links
    assert "/calendar/subscription" in visitor(xiaoman).get("/me/days").links
