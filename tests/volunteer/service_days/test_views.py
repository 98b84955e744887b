"""The pages of service days: the public calendar, a day, the organiser's desk, the poster, the feed."""

from __future__ import annotations

import io
from datetime import date

import pytest
from icalendar import Calendar

from volunteer import service_days
from volunteer.service_days import holidays


def test_a_stranger_reads_the_calendar(visitor, make_day, make_activity):
    make_day()
    make_day("2026-03-14", of=make_activity(title="义剪进小区", category="warm"))
    page = visitor().get("/calendar?month=2026-03")
    assert "清洁家园" in page.words and "义剪进小区" in page.words and "3月8日(周日)" in page.words
    warm = visitor().get("/calendar?month=2026-03&category=warm&q=义剪")
    assert "清洁家园" not in warm.words and "义剪进小区" in warm.words
    assert any("month=2026-04" in link and "category=warm" in link and "q=" in link for link in warm.links)


def test_an_empty_month_points_to_the_next_day(visitor, make_day):
    make_day("2026-06-14")
    page = visitor().get("/calendar?month=2026-04")
    assert "最近的一场在 6月14日(周日)" in page.words and any("month=2026-06" in link for link in page.links)
    assert visitor().get("/calendar?month=rubbish&area=999&team=x").status_code == 200


def test_signing_up_on_the_page(visitor, day, xiaoman):
    browser = visitor(xiaoman)
    assert "还要 10 人" in browser.get(f"/service-days/{day.id}").words
    again = browser.post(f"/service-days/{day.id}/signups")
    assert again.status_code == 422 and "请先看一看" in again.words
    done = browser.post(f"/service-days/{day.id}/signups", {"risk_known": "y"}, follow=True)
    assert "你报上名了" in done.words and "报上了，3月8日(周日) 见。" in done.text
    assert "清洁家园" in browser.get("/me/days").words
    assert "还要 10 人" in browser.post(f"/service-days/{day.id}/departure", follow=True).words


def test_the_queue_on_the_page(visitor, make_day, xiaoman, daming):
    day = make_day(capacity=1)
    service_days.sign_up(xiaoman, day)
    browser = visitor(daming)
    page = browser.post(f"/service-days/{day.id}/signups", {"risk_known": "y"}, follow=True)
    assert "候补第 1 位" in page.words


def test_choosing_a_post(visitor, make_day, xiaoman):
    day = make_day(posts=[{"name": "发传单", "capacity": 1}, {"name": "扫地", "capacity": 5}])
    browser = visitor(xiaoman)
    page = browser.get(f"/service-days/{day.id}")
    post = [one.get("value") for one in page.all("input", type="radio", name="post")][2]
    browser.post(f"/service-days/{day.id}/signups", {"risk_known": "y", "post": post})
    assert "扫地" in browser.get("/me/days").words


def test_a_stranger_is_asked_to_sign_in(visitor, day):
    page = visitor().get(f"/service-days/{day.id}")
    assert any("/sign-in" in link for link in page.links)
    assert visitor().post(f"/service-days/{day.id}/signups", {"risk_known": "y"}).status_code == 401


def test_leaving_late_asks_for_the_reason(clock, visitor, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 06:00")
    browser = visitor(xiaoman)
    assert browser.get(f"/service-days/{day.id}").all("textarea", name="reason") or browser.get(
        f"/service-days/{day.id}"
    ).all("input", name="reason")
    assert browser.post(f"/service-days/{day.id}/departure").status_code == 422
    assert (
        "已经退出" in browser.post(f"/service-days/{day.id}/departure", {"reason": "发烧"}, follow=True).text
    )


def test_a_series_from_the_form(visitor, activity, lao_wang):
    browser = visitor(lao_wang)
    assert browser.get(f"/activities/{activity.id}/series/new").status_code == 200
    form = {
        "which": "2", "weekday": "SU", "begins_on": "2026-03-09", "starts": "09:00", "ends": "11:30", "capacity": "20",
        "posts-0-name": "急救", "posts-0-capacity": "2", "posts-0-skill": "急救证",
    }  # fmt: skip
    page = browser.post(f"/activities/{activity.id}/series", form, follow=True)
    assert page.h1 == "每月第二个周日" and "4月12日(周日)" in page.words
    series = service_days.queries.series_of(activity.id)[0]
    first = service_days.queries.of_activity(activity.id)[0]
    assert [post.name for post in service_days.queries.posts(first)] == ["急救"]
    assert "急救" in browser.get(f"/service-days/{first.id}/desk").words
    assert browser.get(f"/series/{series.id}/edit").all("option", value="SU", selected="")
    shown = browser.post(f"/series/{series.id}", form | {"which": "weekly", "weekday": "MO"})
    assert shown.status_code == 422 and "每月第二个周日 改成 每周一" in shown.words
    changed = browser.post(f"/series/{series.id}", confirmed(shown), follow=True)
    assert changed.h1 == "每周一"
    ending = browser.get(f"/series/{series.id}/ending")
    (seen,) = [one.get("value") for one in ending.all("input", name="seen")]
    stop = {"since": "2026-03-07", "seen": seen}
    assert "停了" in browser.post(f"/series/{series.id}/stop", stop, follow=True).words


def confirmed(page):
    """What the button under the list of effects sends."""
    return {
        one.get("name"): one.get("value")
        for one in page.all("input", type="hidden")
        if one.get("name") != "csrf_token"
    }


def test_a_custom_rule_and_what_is_wrong_with_it(visitor, activity, lao_wang):
    browser = visitor(lao_wang)
    form = {
        "which": "custom", "rrule": "FREQ=MONTHLY;BYDAY=1SA,3SA", "begins_on": "2026-03-09",
        "starts": "09:00", "ends": "11:30", "capacity": "20",
    }  # fmt: skip
    page = browser.post(f"/activities/{activity.id}/series", form | {"rrule": "FREQ=HOURLY"})
    assert page.status_code == 422 and "最密是一天一次" in page.words
    assert page.all("input", name="capacity")[0].get("value") == "20"
    assert browser.post(f"/activities/{activity.id}/series", form).status_code == 302
    query = "&".join(f"{key}={value}" for key, value in form.items())
    assert "3月21日(周六)" in browser.get(f"/series/preview?{query}", headers={"HX-Request": "true"}).words


def test_clashes_have_one_button_each(clock, visitor, activity, lao_wang, db):
    clock.move("2023-09-20 09:00")
    holidays.import_rows([(date(2023, 10, 1), "holiday", "国庆节"), (date(2023, 10, 8), "workday", "国庆节")])
    from datetime import time

    made = service_days.schedule(activity, "FREQ=MONTHLY;BYDAY=2SU", date(2023, 9, 20), time(9), time(11), 10)
    browser = visitor(lao_wang)
    page = browser.get(f"/series/{made.series.id}")
    assert "10月8日(周日) 是国庆节调休的上班日" in page.words and "改到 10月15日(周日)" in page.words
    moved = browser.post(
        f"/service-days/{made.days[0].id}/move", {"on": "2023-10-15", "back": "series"}, follow=True
    )
    assert (
        moved.h1 == "每月第二个周日"
        and "调休的上班日" not in moved.words
        and "原定 10月8日(周日)" in moved.words
    )


def test_one_day_from_the_desk(visitor, make_day, lao_wang, xiaoman, auditor, daming):
    day = make_day()
    service_days.sign_up(xiaoman, day)
    browser = visitor(lao_wang)
    page = browser.get(f"/service-days/{day.id}/desk")
    assert "小满" in page.words and "138****0001" in page.words
    assert "小满" not in visitor(auditor).get(f"/service-days/{day.id}/desk").words
    assert visitor(daming).get(f"/service-days/{day.id}/desk").status_code == 403
    assert (
        "现在要 30 人"
        in browser.post(f"/service-days/{day.id}/capacity", {"capacity": "30"}, follow=True).text
    )
    moved = browser.post(
        f"/service-days/{day.id}/move", {"on": "2026-03-15", "starts": "14:00", "ends": "16:00"}, follow=True
    )
    assert "3月15日(周日) 14:00" in moved.words
    assert browser.post(f"/service-days/{day.id}/cancellation", {"reason": ""}).status_code == 422
    off = browser.post(f"/service-days/{day.id}/cancellation", {"reason": "台风预警"}, follow=True)
    assert "台风预警" in off.words and "台风预警" in visitor(xiaoman).get(f"/service-days/{day.id}").words


def test_the_office_next_door_finds_nothing(visitor, day, other_office, activity):
    """T13."""
    browser = visitor(other_office)
    for path in (f"/service-days/{day.id}/desk", f"/activities/{activity.id}/days"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/service-days/{day.id}/cancellation", {"reason": "不行"}).status_code == 404
    assert "清洁家园" not in browser.get("/office/days").words


def test_a_single_day_from_the_form(visitor, activity, lao_wang):
    browser = visitor(lao_wang)
    form = {"begins_on": "2026-03-12", "starts": "14:00", "ends": "16:00", "capacity": "8"}
    assert "3月12日(周四)" in browser.post(f"/activities/{activity.id}/service-days", form, follow=True).words
    past = browser.post(f"/activities/{activity.id}/service-days", form | {"begins_on": "2026-03-01"})
    assert past.status_code == 422 and "已经过了" in past.words
    gone = browser.post(f"/activities/{activity.id}/service-days", form | {"begins_on": "2026-02-30"})
    assert gone.status_code == 422 and "这个日期不对" in gone.words


def test_ending_an_activity_from_its_page(visitor, activity, make_day, lao_wang, xiaoman):
    service_days.sign_up(xiaoman, make_day())
    page = visitor(lao_wang).post(f"/activities/{activity.id}/end", {"reason": "场地收回"}, follow=True)
    assert "已取消" in page.words and "场地收回" in page.words


def test_the_poster_carries_a_code_of_the_days_page(visitor, day):
    page = visitor().get(f"/service-days/{day.id}/poster")
    assert page.h1 == "清洁家园" and f"http://localhost/service-days/{day.id}" in page.words
    assert '<div class="poster-qr"><svg' in page.text


def test_the_feed_can_be_read_by_a_calendar(visitor, day, make_day):
    service_days.call_off(make_day("2026-03-15"), "下雨")
    answer = visitor().get("/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert [
        (str(one["summary"]), one.decoded("dtstart").isoformat(), str(one["status"])) for one in events
    ] == [
        ("清洁家园", "2026-03-08T09:00:00+08:00", "CONFIRMED"),
        ("清洁家园", "2026-03-15T09:00:00+08:00", "CANCELLED"),
    ]
    one = visitor().get(f"/service-days/{day.id}.ics").get_data()
    assert len(Calendar.from_ical(one).walk("VEVENT")) == 1


def test_the_holiday_table_is_imported(visitor, street_office, lao_wang):
    browser = visitor(street_office)
    assert "2026 年尚未公布" in browser.get("/office/holidays").words
    rows = "日期,类型,名称\n2026-10-01,放假,国庆节\n2026-10-10,上班,国庆节\n"
    page = browser.post("/office/holidays", {"file": (io.BytesIO(rows.encode()), "2026.csv")}, follow=True)
    assert "2026 年已公布" in page.words and "10月10日(周六)" in page.words
    bad = browser.post(
        "/office/holidays", {"file": (io.BytesIO("日期,类型,名称\n2026-13-01,放假,元旦".encode()), "x.csv")}
    )
    assert bad.status_code == 422 and "看不懂" in bad.words
    assert browser.post("/office/holidays", {"file": (io.BytesIO(b"x"), "x.exe")}).status_code == 422
    assert visitor(lao_wang).get("/office/holidays").status_code == 403


def test_the_calendar_command(command, tmp_path, db):
    file = tmp_path / "2026.csv"
    file.write_text("日期,类型,名称\n2026-10-01,放假,国庆节\n", encoding="gb18030")
    done = command("calendar", "import", str(file))
    assert (done.exit_code, done.output.strip()) == (0, "1")
    assert holidays.announced() == [2026]
    assert int(command("calendar", "seed").output) > 0
    assert command("calendar", "seed").output.strip() == "0"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(
    visitor, here, activity, make_day, lao_wang, xiaoman, street_office, lang
):
    from datetime import time

    day = make_day(posts=[{"name": "急救", "capacity": 2, "skill": "急救证", "min_age": 18}])
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 9), time(19), time(21), 10)
    service_days.sign_up(xiaoman, day)
    for person, paths in (
        (None, ("/calendar", f"/service-days/{day.id}", f"/service-days/{day.id}/poster")),
        (xiaoman, ("/calendar", f"/service-days/{day.id}", f"/service-days/{made.days[0].id}", "/me/days")),
        (lao_wang, ("/office/days", f"/activities/{activity.id}/days", f"/activities/{activity.id}/series/new",
                    f"/activities/{activity.id}/service-days/new", f"/series/{made.series.id}",
                    f"/series/{made.series.id}/edit", f"/service-days/{day.id}/desk")),
        (street_office, ("/office/holidays",)),
    ):  # fmt: skip
        browser = visitor(person, lang=lang)
        for path in paths:
            assert browser.get(path).status_code == 200, path
