"""The holiday table arrives: what is planned already is held against it (O5)."""

from __future__ import annotations

import io
from datetime import date, time

import pytest
from sqlalchemy import select

from volunteer import clock as wall_clock
from volunteer import notices, service_days
from volunteer.notices import Notice
from volunteer.service_days import Holiday, holidays, rechecks

YEAR = [
    (date(2027, 2, 14), "workday", "春节"),
    (date(2027, 10, 1), "holiday", "国庆节"),
    (date(2027, 10, 10), "workday", "国庆节"),
]


@pytest.fixture
def sundays(clock, activity):
    """Every second Sunday, planned before 2027 is announced."""
    clock.move("2026-10-21 09:00")
    return service_days.schedule(activity, "FREQ=MONTHLY;BYDAY=2SU", date(2026, 11, 1), time(9), time(11), 10)


def told(db, person):
    rows = db.session.scalars(select(Notice).where(Notice.user_id == person.id).order_by(Notice.id))
    return [str(notices.shown(notice)) for notice in rows if "照常、改期" in notice.text]


def test_the_leader_is_told_of_the_days_that_meet_it_once(here, db, sundays, lao_wang):
    """O5: clashes are told when the table arrives, and nothing moves by itself."""
    before = [day.on for day in sundays.days]
    for _again in range(2):
        holidays.import_rows(YEAR)
        here.commit()
    assert told(db, lao_wang) == [
        "“清洁家园”2027年2月14日(周日) 是春节调休的上班日，很多人要上班。请看看照常、改期还是不办。"
    ]
    assert [day.on for day in sundays.days] == before


def test_a_single_day_is_looked_at_too(here, db, clock, make_day, lao_wang):
    clock.move("2026-10-21 09:00")
    make_day("2027-02-14")
    holidays.import_rows(YEAR)
    here.commit()
    assert len(told(db, lao_wang)) == 1


def test_what_was_decided_is_not_asked_about(here, db, sundays, lao_wang):
    february = next(day for day in sundays.days if day.on == date(2027, 2, 14))
    service_days.keep(february)
    holidays.import_rows(YEAR)
    here.commit()
    assert told(db, lao_wang) == []


def test_what_is_over_is_not_asked_about(clock, sundays):
    holidays.import_rows(YEAR)
    assert rechecks.recheck(date(2027, 1, 1), date(2027, 3, 1)) == 1
    clock.move("2027-03-01 09:00")
    assert rechecks.recheck(date(2027, 1, 1), date(2027, 3, 1)) == 0


def test_days_of_a_year_not_announced_are_marked_until_it_is(visitor, here, sundays, lao_wang):
    """O5: 尚未公布."""
    holidays.import_rows([(date(2026, 10, 1), "holiday", "国庆节")])
    november, february = sundays.days[0], sundays.days[3]
    browser, stranger = visitor(lao_wang), visitor()
    assert browser.get(f"/series/{sundays.series.id}").words.count("暂定") == 5  # four days and the note
    assert "2027 年放假安排尚未公布" in stranger.get(f"/service-days/{february.id}").words
    assert "尚未公布" not in stranger.get(f"/service-days/{november.id}").words
    assert "尚未公布" in stranger.get("/calendar?month=2027-02").words
    holidays.import_rows(YEAR)
    assert "暂定" not in browser.get(f"/series/{sundays.series.id}").words
    assert "尚未公布" not in stranger.get(f"/service-days/{february.id}").words


def test_a_corrected_announcement_replaces_its_year_and_no_other(db):
    holidays.import_rows([*YEAR, (date(2026, 10, 1), "holiday", "国庆节")])
    holidays.import_rows([(date(2027, 10, 1), "holiday", "国庆节")], replace=True)
    assert db.session.scalars(select(Holiday.on).order_by(Holiday.on)).all() == [
        date(2026, 10, 1),
        date(2027, 10, 1),
    ]


def test_a_year_from_what_comes_with_the_program(visitor, street_office, lao_wang):
    browser = visitor(street_office)
    assert "2026 年尚未公布：服务日照常排" in browser.get("/office/holidays").words
    done = browser.post("/office/holidays/bundled", {"year": "2026"}, follow=True)
    assert "2026 年已公布" in done.words and "10月1日(周四)" in done.words
    assert browser.post("/office/holidays/bundled", {"year": "2090"}).status_code == 409
    assert browser.post("/office/holidays/bundled", {"year": "x"}).status_code == 409
    assert visitor(lao_wang).post("/office/holidays/bundled", {"year": "2026"}).status_code == 403


def test_replacing_a_year_on_the_page(visitor, street_office, db):
    holidays.import_rows(YEAR)
    file = (io.BytesIO("日期,类型,名称\n2027-10-01,放假,国庆节\n".encode()), "2027.csv")
    visitor(street_office).post("/office/holidays", {"file": file, "replace": "y"})
    assert db.session.scalars(select(Holiday.on)).all() == [date(2027, 10, 1)]


def test_the_library_knows_this_year():
    """Otherwise it wants an upgrade; the office can import a table meanwhile."""
    from volunteer.service_days.calendar import library_years

    assert wall_clock.today().year in library_years()
