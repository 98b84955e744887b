"""When a series happens, and how people say it."""

import time
from datetime import date, timedelta

import pytest

from volunteer.service_days.recurrence import (
    FR,
    MO,
    SA,
    SU,
    TU,
    WE,
    BadRule,
    NeedsStart,
    NeverHappens,
    Rule,
    TooLong,
    TooOften,
    last_weekday,
    nth_weekday,
    weekly,
)

DECEMBER = date(2026, 12, 1)


def test_the_second_sundays_of_the_year_to_come():
    said = [
        *("2026-12-13", "2027-01-10", "2027-02-14", "2027-03-14", "2027-04-11", "2027-05-09", "2027-06-13"),
        *("2027-07-11", "2027-08-08", "2027-09-12", "2027-10-10", "2027-11-14"),
    ]
    rule = Rule.parse("FREQ=MONTHLY;BYDAY=2SU")
    assert [str(day) for day in rule.dates(DECEMBER, date(2027, 11, 30))] == said
    assert rule == nth_weekday(2, SU)


def test_the_six_days_ahead_of_a_series():
    rule = Rule.parse("FREQ=MONTHLY;BYDAY=2SU", since=DECEMBER)
    assert rule.next(DECEMBER, 6) == list(rule.dates(DECEMBER, date(2027, 5, 31)))
    assert rule.next(date(2026, 12, 13), 1) == [date(2027, 1, 10)]


def test_both_ends_of_a_stretch_count():
    day = date(2026, 12, 13)
    assert list(nth_weekday(2, SU).dates(day, day)) == [day]
    assert list(nth_weekday(2, SU).dates(day + timedelta(1), day + timedelta(27))) == []
    assert list(nth_weekday(2, SU).dates(day, day - timedelta(1))) == []


def test_every_second_week_counts_from_the_first_day():
    odd = weekly(WE, every=2, since=date(2026, 12, 2))
    even = weekly(WE, every=2, since=date(2026, 12, 9))
    assert odd.next(DECEMBER, 2) == [date(2026, 12, 2), date(2026, 12, 16)]
    assert even.next(DECEMBER, 2) == [date(2026, 12, 9), date(2026, 12, 23)]
    # Asked about any later stretch it still counts from the first day.
    assert list(odd.dates(date(2027, 12, 1), date(2027, 12, 31))) == [
        date(2027, 12, 1),
        date(2027, 12, 15),
        date(2027, 12, 29),
    ]


def test_every_second_week_started_midweek_keeps_to_its_week():
    """Started on a Thursday, the first Wednesday is two weeks after the Wednesday just past."""
    assert weekly(WE, every=2, since=date(2026, 12, 3)).next(DECEMBER, 1) == [date(2026, 12, 16)]


def test_a_rule_that_counts_needs_a_day_to_count_from():
    for text in ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=2SU;COUNT=3"):
        rule = Rule.parse(text)
        with pytest.raises(NeedsStart):
            rule.next(DECEMBER)
        assert rule.starting(DECEMBER).next(DECEMBER - timedelta(1))


def test_nothing_happens_before_the_series_starts():
    rule = nth_weekday(2, SU, since=date(2026, 12, 14))
    assert next(rule.dates(date(2026, 1, 1), date(2027, 12, 31))) == date(2027, 1, 10)


def test_a_rule_that_leaves_its_day_open_means_the_day_it_starts_on():
    assert str(Rule.parse("FREQ=WEEKLY", since=date(2026, 12, 2)).words()) == "每周三"
    assert str(Rule.parse("FREQ=MONTHLY", since=date(2026, 12, 15)).words()) == "每月15日"
    assert str(Rule.parse("FREQ=YEARLY", since=date(2027, 3, 5)).words()) == "每年3月5日"


def test_the_31st_is_only_in_long_months_and_the_last_day_in_all():
    assert [day.month for day in Rule.parse("FREQ=MONTHLY;BYMONTHDAY=31").next(date(2026, 12, 31), 7)] == [
        *(1, 3, 5, 7, 8, 10, 12)
    ]
    last = Rule.parse("FREQ=MONTHLY;BYMONTHDAY=-1").next(date(2027, 12, 31), 3)
    assert last == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


def test_the_29th_of_february_comes_in_leap_years():
    assert Rule.parse("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29").next(DECEMBER, 2) == [
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]
    assert Rule.parse("FREQ=YEARLY", since=date(2028, 2, 29)).next(date(2028, 2, 29)) == [date(2032, 2, 29)]


def test_a_fifth_sunday_skips_the_months_without_one():
    assert nth_weekday(5, SU).next(DECEMBER, 3) == [date(2027, 1, 31), date(2027, 5, 30), date(2027, 8, 29)]


def test_a_rule_ends_where_it_says():
    thrice = Rule.parse("FREQ=MONTHLY;BYDAY=2SU;COUNT=3", since=DECEMBER)
    assert thrice.next(DECEMBER, 10) == [date(2026, 12, 13), date(2027, 1, 10), date(2027, 2, 14)]
    # The moment a calendar program writes is 2027-01-10 00:00 in Shanghai: that day is still in.
    until = Rule.parse("FREQ=MONTHLY;BYDAY=2SU;UNTIL=20270109T160000Z", since=DECEMBER)
    assert until.next(DECEMBER, 10) == [date(2026, 12, 13), date(2027, 1, 10)]


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("FREQ=MONTHLY;BYDAY=2SU", "每月第二个周日", "the second Sunday of every month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "每月最后一个周五", "the last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "每月最后一个周五", "the last Friday of every month"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1SA",
            "每 3 个月的第一个周六",
            "the first Saturday of every 3 months",
        ),
        (
            "FREQ=MONTHLY;BYDAY=3SA,1SA",
            "每月第一个周六、第三个周六",
            "the first Saturday, the third Saturday of every month",
        ),
        ("FREQ=WEEKLY;BYDAY=MO", "每周一", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "每周六、周日", "every Saturday, Sunday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "每周一至周五", "every Monday to Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "每两周的周三", "every second week on Wednesday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "每月15日", "day 15 of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "每月最后一天", "the last day of every month"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5", "每年3月5日", "day 5 of Mar every year"),
        ("FREQ=DAILY", "每天", "every day"),
        (
            "FREQ=MONTHLY;BYDAY=2SU;COUNT=6",
            "每月第二个周日，共 6 次",
            "the second Sunday of every month, 6 times in all",
        ),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "按自定义规则", "by a rule of its own"),
    ],
)
def test_a_rule_is_said_as_people_say_it(text, chinese, english):
    words = Rule.parse(text).words()
    assert words.within("zh") == chinese
    assert words.within("en") == english


def test_presets_make_the_usual_rules():
    assert last_weekday(FR).text == "FREQ=MONTHLY;BYDAY=-1FR"
    assert weekly(MO).text == "FREQ=WEEKLY;BYDAY=MO"
    assert weekly(TU, SA, every=2).text == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA"


def test_one_rule_has_one_text():
    typed = " rrule:byday=+2su ; INTERVAL=1;freq=monthly; "
    assert Rule.parse(typed).text == "FREQ=MONTHLY;BYDAY=2SU"
    assert Rule.parse(typed) == nth_weekday(2, SU)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", BadRule),
        ("每月第二个周日", BadRule),
        ("BYDAY=2SU", BadRule),
        ("FREQ=MONTHLY;BYDAY", BadRule),
        ("FREQ=FORTNIGHTLY", BadRule),
        ("FREQ=HOURLY", TooOften),
        ("FREQ=MINUTELY;INTERVAL=5", TooOften),
        ("FREQ=DAILY;BYHOUR=9,17", TooOften),
        ("FREQ=YEARLY;BYWEEKNO=20", BadRule),
        ("FREQ=YEARLY;BYEASTER=1", BadRule),
        ("FREQ=MONTHLY;BYDAY=2SU;BYDAY=3SU", BadRule),
        ("FREQ=MONTHLY;BYDAY=6SU", BadRule),
        ("FREQ=MONTHLY;BYDAY=0SU", BadRule),
        ("FREQ=MONTHLY;BYDAY=SUN", BadRule),
        ("FREQ=WEEKLY;BYDAY=2SU", BadRule),
        ("FREQ=WEEKLY;BYMONTHDAY=3", BadRule),
        ("FREQ=YEARLY;BYDAY=2SU", BadRule),
        ("FREQ=MONTHLY;BYDAY=1SU;BYMONTHDAY=20", BadRule),
        ("FREQ=MONTHLY;INTERVAL=0", BadRule),
        ("FREQ=MONTHLY;INTERVAL=-1", BadRule),
        ("FREQ=MONTHLY;INTERVAL=٣", BadRule),
        ("FREQ=WEEKLY;INTERVAL=13;BYDAY=SU", BadRule),
        ("FREQ=DAILY;COUNT=0", BadRule),
        ("FREQ=DAILY;COUNT=100000", BadRule),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", BadRule),
        ("FREQ=DAILY;UNTIL=20271301", BadRule),
        ("FREQ=DAILY;UNTIL=soon", BadRule),
        ("FREQ=MONTHLY;BYDAY=SU;BYSETPOS=0", BadRule),
        ("FREQ=MONTHLY;BYSETPOS=2", BadRule),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", NeverHappens),
        ("FREQ=MONTHLY;BYDAY=SU;BYSETPOS=5;BYMONTHDAY=1", NeverHappens),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=SU", NeverHappens),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;BYMONTH=6", NeverHappens),
        ("FREQ=DAILY;UNTIL=20261130", NeverHappens),
        ("FREQ=DAILY;" * 40, TooLong),
    ],
)
def test_nonsense_is_refused_at_once_and_kindly(text, refusal):
    began = time.perf_counter()
    with pytest.raises(refusal) as refused:
        Rule.parse(text, since=DECEMBER)
    assert time.perf_counter() - began < 0.5  # dateutil alone looks for a 30 February until the year 9999
    assert (refused.value.code, refused.value.status) == ("series.rule", 422)
    assert "请" in refused.value.detail and "{" not in refused.value.detail
