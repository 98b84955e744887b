"""Sentences, dates and numbers as people here read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from volunteer import i18n
from volunteer.i18n import _


def test_facts_are_put_in_with_their_filters(clock: object) -> None:
    at = datetime(2026, 12, 13, 1, 0, tzinfo=UTC)
    said = _("{at|moment} 还有 {n|number} 个名额，{m|hours} 小时", at=at, n=1200, m=150)
    assert str(said) == "12月13日(周日) 09:00 还有 1,200 个名额，2.5 小时"


def test_a_far_date_says_its_year(clock: object) -> None:
    assert i18n.say_date(date(2027, 2, 14)) == "2027年2月14日(周日)"
    assert i18n.say_date(date(2026, 2, 14)) == "2月14日(周六)"
    assert i18n.say_date("2026-12-13", "en") == "Sun 13 Dec"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [("2028-11", "2028年11月", "Nov 2028"), (date(2026, 3, 1), "2026年3月", "Mar 2026")],
)
def test_months(value: object, zh: str, en: str) -> None:
    assert (i18n.say_month(value, "zh"), i18n.say_month(value, "en")) == (zh, en)


def test_the_reader_decides_the_language(app: Flask) -> None:
    sentence = _("请先登录，再接着办。")
    assert str(sentence) == "请先登录，再接着办。"
    with app.test_request_context("/?lang=en"):
        assert str(sentence) == "Please sign in first."
    with app.test_request_context("/", headers={"Cookie": "lang=en"}):
        assert i18n.locale() == "en"
    with app.test_request_context("/", headers={"Accept-Language": "en-GB,en;q=0.9"}):
        assert i18n.locale() == "zh"  # Chinese is the source; English is a choice
    with app.test_request_context("/api/v1/me", headers={"Accept-Language": "en-GB,en;q=0.9"}):
        assert i18n.locale() == "en"
    with app.test_request_context("/?lang=fr"):
        assert i18n.locale() == "zh"


def test_a_sentence_inside_a_sentence_speaks_the_same_language() -> None:
    outer = _("{what} 还没到", what=_("签到"))
    assert outer.within("en") == "Check in 还没到"  # the outer one has no English, the inner one has


def test_english_counts_one_as_one_and_leaves_what_people_typed_alone() -> None:
    said = i18n.fill("{n} points, {m|number} people, {d} working days, {h|hours} hours, {k} scans", {
        "n": 1, "m": 1, "d": 1, "h": 60, "k": 11,
    }, "en")  # fmt: skip
    assert said == "1 point, 1 person, 1 working day, 1 hour, 11 scans"
    assert i18n.fill("{title} points", {"title": "21"}, "en") == "21 points"
    assert i18n.fill("{who}: {said}", {"who": "Li", "said": "1 days"}, "en") == "Li: 1 days"
    assert i18n.fill("{n} points", {"n": 1}, "zh") == "1 points"  # only a sentence that is missing in Chinese


def test_a_fact_that_is_missing_stays_visible() -> None:
    assert str(_("还差 {points} 分")) == "还差 {points} 分"


def test_what_people_typed_is_never_taken_for_a_fact() -> None:
    assert str(_("{name} 来了", name="{n} %s %(x)s")) == "{n} %s %(x)s 来了"
