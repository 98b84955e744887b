"""Recurrence rules, whatever the rule and the stretch of time."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from volunteer.service_days.recurrence import FR, MO, SA, SU, TH, TU, WE, BadRule, Rule, nth_weekday, weekly

DAY = timedelta(days=1)
WEEKDAYS = st.sampled_from([MO, TU, WE, TH, FR, SA, SU])
dates = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@st.composite
def rules(draw):
    since = draw(dates)
    every = draw(st.integers(1, 4))
    match draw(st.sampled_from(["nth", "last", "weekly", "monthday", "daily", "count"])):
        case "nth":
            return nth_weekday(draw(st.integers(1, 4)), draw(WEEKDAYS), every, since)
        case "last":
            return nth_weekday(-1, draw(WEEKDAYS), every, since)
        case "weekly":
            return weekly(*draw(st.lists(WEEKDAYS, min_size=1, max_size=3)), every=every, since=since)
        case "monthday":
            return Rule.parse(f"FREQ=MONTHLY;BYMONTHDAY={draw(st.integers(1, 31))},-1", since)
        case "daily":
            return Rule.parse(f"FREQ=DAILY;INTERVAL={every}", since)
    return Rule.parse(f"FREQ=WEEKLY;INTERVAL={every};COUNT={draw(st.integers(1, 30))}", since)


@given(rules(), dates, st.integers(0, 500))
def test_dates_are_in_order_without_repeats_inside_the_window_and_not_before_the_start(rule, start, days):
    end = start + timedelta(days)
    found = list(rule.dates(start, end))
    assert found == sorted(set(found))
    assert all(start <= day <= end and day >= rule.since for day in found)


@given(rules(), dates, st.integers(0, 400), st.integers(0, 400))
def test_a_stretch_is_its_two_halves_joined(rule, start, first, second):
    middle = start + timedelta(first)
    end = middle + timedelta(second)
    halves = [*rule.dates(start, middle), *rule.dates(middle + DAY, end)]
    assert list(rule.dates(start, end)) == halves


@given(st.integers(1, 4), WEEKDAYS, dates)
def test_the_nth_weekday_is_that_weekday_in_its_week_of_every_month_once(n, weekday, start):
    found = list(nth_weekday(n, weekday).dates(start.replace(day=1), start.replace(day=1) + timedelta(400)))
    assert all(day.weekday() == weekday.weekday and (day.day - 1) // 7 == n - 1 for day in found)
    months = [(day.year, day.month) for day in found]
    assert len(months) == len(set(months)) >= 12


@given(WEEKDAYS, dates)
def test_the_last_weekday_has_no_later_one_in_its_month(weekday, start):
    for day in nth_weekday(-1, weekday).next(start, 14):
        assert day.weekday() == weekday.weekday
        assert (day + timedelta(7)).month != day.month


@given(rules(), dates, st.integers(1, 8))
def test_extending_twice_adds_nothing(rule, after, n):
    ahead = rule.next(after, n)
    assert rule.next(after, n) == ahead
    assert len(ahead) == n or "COUNT" in rule.text
    if ahead:
        assert list(rule.dates(after + DAY, ahead[-1])) == ahead


@given(rules())
def test_a_rule_written_down_and_read_again_is_the_same_rule(rule):
    again = Rule.parse(rule.text, rule.since)
    assert again == rule
    assert again.next(date(2025, 1, 1), 5) == rule.next(date(2025, 1, 1), 5)
    assert rule.words().within("zh") != rule.words().within("en")


@given(
    st.text(max_size=60)
    | st.from_regex(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY);[A-Z0-9=;,+-]{0,40}", fullmatch=True)
)
def test_any_text_is_a_rule_or_a_refusal_never_a_crash(text):
    try:
        rule = Rule.parse(text, date(2026, 12, 1))
    except BadRule as refused:
        assert refused.detail
    else:
        assert rule.next(date(2026, 12, 1)) or "COUNT" in rule.text or "UNTIL" in rule.text
