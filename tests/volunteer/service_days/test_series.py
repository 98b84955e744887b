"""A series over time: changed from a date on, split, ended; what people joined and what is past stays (O4; SU-13)."""

from __future__ import annotations

import threading
import time as time_module
from datetime import date, time

import pytest
from sqlalchemy import func, select

from volunteer import service_days
from volunteer.accounts import User
from volunteer.db import transaction
from volunteer.notices import Notice
from volunteer.service_days import Series, ServiceDay, holidays, outlook, schedules
from volunteer.service_days import series as acts
from volunteer.service_days.effects import look

MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
EVENING = (time(19), time(21))
LATER = (time(19, 30), time(21))


@pytest.fixture
def mondays(activity):
    """清洁家园 every Monday evening; 9 March is the first."""
    return service_days.schedule(activity, MONDAYS, date(2026, 3, 7), *EVENING, 10)


def look_at(series, rrule=MONDAYS, times=LATER, capacity=10, since=None):
    return look(series, *acts.plan_of(series, rrule, *times, capacity, None, since))


def dates(days):
    return [day.on.isoformat() for day in days]


def sessions(db, *series):
    days = select(ServiceDay).where(ServiceDay.series_id.in_([one.id for one in series]))
    rows = db.session.scalars(days.order_by(ServiceDay.starts_at))
    return [f"{day.starts_at:%m-%d %H:%M}" for day in rows]


def test_the_preview_says_exactly_which_days_change_which_stay_and_why(db, mondays, xiaoman, daming):
    """SU-13: nothing that people joined, or that was settled by hand, changes silently."""
    second, third, fourth, fifth = mondays.days[1:5]
    service_days.sign_up(xiaoman, second)
    service_days.sign_up(daming, third)
    service_days.leave(daming, third)
    service_days.move(fourth, date(2026, 3, 31))
    service_days.call_off(fifth, "场地维修")
    effects = look_at(mondays.series)
    assert dates(effects.changes) == ["2026-03-09", "2026-04-13"]
    assert (effects.goes, effects.comes) == ([], [])
    assert [(stays.day.planned_on.isoformat(), stays.why, str(stays.says)) for stays in effects.stays] == [
        ("2026-03-16", "joined", "有 1 个人报了名"),
        ("2026-03-23", "joined", "有人报过名"),
        ("2026-03-30", "edited", "单独改过期，原定 3月30日(周一)"),
        ("2026-04-06", "cancelled", "已经取消，不会再排出来"),
    ]
    assert db.session.scalar(select(func.count()).select_from(ServiceDay)) == 6


def test_what_was_shown_is_what_is_done(db, mondays, xiaoman):
    service_days.sign_up(xiaoman, mondays.days[1])
    effects = look_at(mondays.series)
    service_days.change(mondays.series, MONDAYS, *LATER, 10)
    assert sessions(db, mondays.series) == [
        "03-09 19:30", "03-16 19:00", "03-23 19:30", "03-30 19:30", "04-06 19:30", "04-13 19:30",
    ]  # fmt: skip
    assert len(effects.changes) == 5 and look_at(mondays.series).changes == []


def test_a_day_that_only_changes_its_hours_keeps_its_address(mondays):
    """The poster that hangs on the wall still opens it."""
    before = [(day.id, day.public) for day in mondays.days]
    after = service_days.change(mondays.series, MONDAYS, *LATER, 10)
    assert [(day.id, day.public) for day in after.days] == before
    assert {day.revision for day in after.days} == {1}


def test_an_hour_changed_by_hand_outlives_a_change_of_the_series(db, mondays):
    """O4: each occurrence can be edited without breaking the series."""
    first, second = mondays.days[:2]
    service_days.move(first, starts_at=first.starts_at.replace(hour=18))
    service_days.resize(second, 30)
    effects = look_at(mondays.series)
    assert [str(stays.says) for stays in effects.stays] == ["单独改过时间或人数"] * 2
    service_days.change(mondays.series, MONDAYS, *LATER, 10)
    assert sessions(db, mondays.series)[:2] == ["03-09 18:00", "03-16 19:00"] and second.capacity == 30


def test_from_a_date_on_the_series_is_split_in_two(db, mondays, xiaoman):
    service_days.sign_up(xiaoman, mondays.days[3])
    made = service_days.change(mondays.series, MONDAYS, *LATER, 20, since=date(2026, 3, 23))
    assert made.series.id != mondays.series.id
    assert sessions(db, mondays.series) == ["03-09 19:00", "03-16 19:00"]
    assert sessions(db, made.series) == [
        "03-23 19:30", "03-30 19:00", "04-06 19:30", "04-13 19:30", "04-20 19:30", "04-27 19:30",
    ]  # fmt: skip
    assert (mondays.series.ends_on, mondays.series.ending) == (date(2026, 3, 22), True)
    assert (made.series.begins_on, made.series.ends_on) == (date(2026, 3, 23), date(2027, 3, 6))


def test_splitting_twice_makes_one_series(db, mondays):
    once = service_days.change(mondays.series, MONDAYS, *LATER, 20, since=date(2026, 3, 23))
    again = service_days.change(mondays.series, MONDAYS, *LATER, 20, since=date(2026, 3, 23))
    assert again.series is once.series
    assert db.session.scalar(select(func.count()).select_from(Series)) == 2


def test_the_first_part_of_a_split_ends_by_itself_and_nobody_is_asked_to_renew_it(
    clock, db, mondays, lao_wang
):
    made = service_days.change(mondays.series, MONDAYS, *LATER, 20, since=date(2026, 3, 23))
    clock.move("2026-03-17 02:00")
    assert service_days.extend(mondays.series) == [] and mondays.series.state == "running"
    with pytest.raises(acts.Ended):
        service_days.renew(mondays.series)
    clock.move("2026-03-23 02:00")
    assert service_days.extend(mondays.series) == [] and mondays.series.state == "ended"
    assert service_days.extend(made.series) == []
    told = db.session.scalars(select(Notice.text).where(Notice.user_id == lao_wang.id)).all()
    assert not [text for text in told if "续" in text]


def test_a_split_before_anything_is_to_come_changes_the_series_itself(mondays):
    made = service_days.change(mondays.series, MONDAYS, *LATER, 20, since=date(2026, 3, 9))
    assert made.series is mondays.series


def test_every_second_week_goes_on_counting_and_a_split_counts_anew(clock, db, activity):
    made = service_days.schedule(activity, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", date(2026, 3, 7), *EVENING, 10)
    assert sessions(db, made.series)[:3] == ["03-16 19:00", "03-30 19:00", "04-13 19:00"]
    clock.move("2026-03-18 09:00")
    assert [line.on.isoformat() for line in outlook.twelve_months(made.series)[0]][:2] == [
        "2026-03-30",
        "2026-04-13",
    ]
    effects = look_at(made.series, made.series.rrule)
    assert dates(effects.changes)[:2] == ["2026-03-30", "2026-04-13"] and effects.goes == []
    service_days.change(made.series, made.series.rrule, *LATER, 10)
    assert sessions(db, made.series)[:3] == ["03-16 19:00", "03-30 19:30", "04-13 19:30"]
    rest = service_days.change(made.series, made.series.rrule, *LATER, 10, since=date(2026, 4, 20))
    assert sessions(db, rest.series)[:2] == ["04-20 19:30", "05-04 19:30"]


def test_days_that_are_over_or_have_begun_are_never_touched(clock, db, mondays):
    """SU-13: a changed rule is for the future."""
    clock.move("2026-03-16 19:30")
    effects = look_at(mondays.series, "FREQ=WEEKLY;BYDAY=WE")
    assert not {"2026-03-09", "2026-03-16"} & {*dates(effects.changes), *dates(effects.goes)}
    service_days.change(mondays.series, "FREQ=WEEKLY;BYDAY=WE", *LATER, 10)
    assert sessions(db, mondays.series)[:3] == ["03-09 19:00", "03-16 19:00", "03-18 19:30"]


def test_ending_from_a_date_on_keeps_what_comes_before_and_what_people_joined(db, mondays, xiaoman):
    service_days.sign_up(xiaoman, mondays.days[4])
    effects = acts.ending(mondays.series, date(2026, 3, 23))
    assert dates(effects.goes) == ["2026-03-23", "2026-03-30", "2026-04-13"]
    assert [stays.day.on.isoformat() for stays in effects.stays] == ["2026-04-06"]
    for _again in range(2):
        service_days.stop(mondays.series, date(2026, 3, 23))
    assert sessions(db, mondays.series) == ["03-09 19:00", "03-16 19:00", "04-06 19:00"]
    assert mondays.series.state == "running" and service_days.extend(mondays.series) == []


@pytest.mark.parametrize("since", [date(2026, 3, 6), date(2027, 3, 7)])
def test_a_date_outside_the_series_is_refused(mondays, since):
    with pytest.raises(acts.NotThen):
        service_days.change(mondays.series, MONDAYS, *LATER, 10, since=since)
    with pytest.raises(acts.NotThen):
        service_days.stop(mondays.series, since)


# ── twelve months ──


@pytest.fixture
def sundays(clock, activity):
    """Every second Sunday, planned when 2023-10-08 is worked and 2024-02-11 is in the Spring Festival."""
    clock.move("2023-03-01 09:00")
    holidays.import_rows(
        [
            (date(2023, 10, 1), "holiday", "国庆节"),
            (date(2023, 10, 8), "workday", "国庆节"),
            (date(2024, 2, 11), "holiday", "春节"),
            (date(2024, 10, 1), "holiday", "国庆节"),
        ]
    )
    return service_days.schedule(
        activity, "FREQ=MONTHLY;BYDAY=2SU", date(2023, 3, 1), time(9), time(11), 10
    ).series


def clashing(series):
    return [line.on.isoformat() for line in outlook.twelve_months(series)[0] if line.clash]


def test_twelve_months_show_what_they_meet_and_what_we_propose(sundays):
    lines, _table = outlook.twelve_months(sundays)
    assert len(lines) == 12 and [line.day is not None for line in lines] == [True] * 6 + [False] * 6
    met = {line.on.isoformat(): line.clash.proposal.to.isoformat() for line in lines if line.clash}
    assert met == {"2023-10-08": "2023-10-15", "2024-02-11": "2024-02-18"}


def test_a_date_far_ahead_can_be_decided_today_and_is_not_asked_about_again(clock, db, sundays):
    """SU-13: and the generator leaves it as it was decided."""
    outlook.decide(sundays, date(2023, 10, 8), "move", to=date(2023, 10, 15))
    outlook.decide(sundays, date(2024, 2, 11), "cancel", reason="春节放假")
    assert clashing(sundays) == []
    clock.move("2023-10-01 02:00")
    service_days.extend(sundays)
    days = {day.planned_on.isoformat(): day for day in schedules.coming(sundays)}
    assert days["2023-10-08"].on == date(2023, 10, 15) and days["2024-02-11"].state == "cancelled"
    assert service_days.extend(sundays) == []


def test_keeping_a_date_far_ahead(sundays):
    assert outlook.decide(sundays, date(2023, 10, 8), "keep").clash_kept
    assert clashing(sundays) == ["2024-02-11"]


@pytest.mark.parametrize("on", [date(2023, 10, 7), date(2023, 2, 12), date(2025, 2, 9)])
def test_a_date_the_series_does_not_mean_cannot_be_decided(sundays, on):
    with pytest.raises(outlook.NotADate):
        outlook.decide(sundays, on, "keep")


# ── the pages ──


FORM = {
    "which": "weekly",
    "weekday": "MO",
    "begins_on": "2026-03-07",
    "starts": "19:30",
    "ends": "21:00",
    "capacity": "10",
}


def hidden(page):
    found = page.all("input", type="hidden")
    return {one.get("name"): one.get("value") for one in found if one.get("name") != "csrf_token"}


def test_nothing_changes_before_it_is_confirmed(visitor, db, mondays, lao_wang, xiaoman):
    service_days.sign_up(xiaoman, mondays.days[1])
    browser, address = visitor(lao_wang), f"/series/{mondays.series.id}"
    shown = browser.post(address, FORM)
    assert shown.status_code == 422 and shown.h1 == "会改哪几场"
    assert "会改的 5 场" in shown.words and "有 1 个人报了名" in shown.words
    assert sessions(db, mondays.series)[0] == "03-09 19:00"
    (back,) = {link for link in shown.links if link.startswith(f"{address}/edit?")}
    assert browser.get(back).all("input", name="starts")[0].get("value") == "19:30"
    assert browser.post(address, hidden(shown)).status_code == 302
    db.session.expire_all()
    assert sessions(db, mondays.series)[:2] == ["03-09 19:30", "03-16 19:00"]


def test_who_joins_between_the_question_and_the_answer_is_shown(visitor, db, mondays, lao_wang, xiaoman):
    browser, address = visitor(lao_wang), f"/series/{mondays.series.id}"
    shown = browser.post(address, FORM)
    service_days.sign_up(xiaoman, mondays.days[0])
    again = browser.post(address, hidden(shown))
    assert again.status_code == 422 and "刚才有变化" in again.words and "不动的 1 场" in again.words
    assert browser.post(address, hidden(again)).status_code == 302
    assert sessions(db, mondays.series)[0] == "03-09 19:00"


def test_splitting_and_ending_on_the_pages(visitor, db, mondays, lao_wang):
    browser, address = visitor(lao_wang), f"/series/{mondays.series.id}"
    shown = browser.post(address, FORM | {"begins_on": "2026-03-23", "weekday": "TU"})
    assert "3月23日(周一) 以前的场次照旧" in shown.words and "会去掉的 4 场" in shown.words
    page = browser.post(address, hidden(shown), follow=True)
    assert page.h1 == "每周二" and str(mondays.series.id) not in page.request.path
    old = browser.get(address)
    assert "办到" in old.words and "续一年" not in old.words
    ending = browser.post(f"{address}/stop", {"since": "2026-03-16"})
    assert ending.status_code == 422 and "会去掉的 1 场" in ending.words and "3月16日(周一)" in ending.words
    stop = {"since": "2026-03-16", **hidden(ending)}
    assert "办到 3月15日(周日) 为止" in browser.post(f"{address}/stop", stop, follow=True).text
    assert "请选" in browser.post(f"{address}/stop", {"since": "2025-01-01"}).words


def test_deciding_a_far_date_on_the_page(visitor, sundays, lao_wang, db):
    browser, address = visitor(lao_wang), f"/series/{sundays.id}"
    page = browser.get(address)
    assert "是国庆节调休的上班日" in page.words and "正逢春节放假" in page.words
    form = {"on": "2024-02-11", "do": "move", "to": "2024-02-25"}
    assert "改到 2024年2月25日(周日)" in browser.post(f"{address}/decisions", form, follow=True).words
    assert browser.post(f"{address}/decisions", {"on": "2023-10-08", "do": "move"}).status_code == 422
    assert browser.post(f"{address}/decisions", {"on": "2023-10-09", "do": "keep"}).status_code == 422


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_in_both_languages(visitor, mondays, lao_wang, xiaoman, lang):
    service_days.sign_up(xiaoman, mondays.days[1])
    service_days.move(mondays.days[2], date(2026, 3, 24))
    service_days.call_off(mondays.days[3], "rain")
    browser, address = visitor(lao_wang, lang=lang), f"/series/{mondays.series.id}"
    assert browser.get(address).status_code == browser.get(f"{address}/ending").status_code == 200
    for form in (FORM, FORM | {"weekday": "WE", "begins_on": "2026-03-20"}):
        assert browser.post(address, form).status_code == 422
        assert browser.post(address, form | {"seen": "old"}).status_code == 422
    assert browser.post(f"{address}/stop", {"since": "2026-03-20", "seen": "old"}).status_code == 422


@pytest.mark.races
def test_a_day_that_somebody_joins_while_the_series_changes_stays(app, together, db, mondays, xiaoman):
    """SU-13: the change waits for who was first, and then sees them."""
    series_id, day_id, person_id = mondays.series.id, mondays.days[0].id, xiaoman.id
    joined = threading.Event()

    def join():
        with app.app_context(), transaction():
            service_days.sign_up(db.session.get_one(User, person_id), db.session.get_one(ServiceDay, day_id))
            joined.set()
            time_module.sleep(0.5)

    def change():
        joined.wait(10)
        with app.app_context(), transaction():
            service_days.change(db.session.get_one(Series, series_id), MONDAYS, *LATER, 10)

    assert together([join, change]) == [None, None]
    assert sessions(db, mondays.series)[:2] == ["03-09 19:00", "03-16 19:30"]
