"""The details of an event are words, in the reader's language, and name nobody."""

from __future__ import annotations

import dataclasses

from tests.chinese import ours
from volunteer import events
from volunteer.dashboards.facts import NAMES, PLAIN, told


def _kinds():
    return [
        kind for kind in events.Event.__subclasses__() if kind.__module__.startswith(("volunteer", "rewards"))
    ]


def test_every_fact_of_every_event_has_words(app):
    names = {
        field.name
        for kind in _kinds()
        for field in dataclasses.fields(kind)
        if not field.name.endswith(("_id", "_row"))
    }
    assert names - set(NAMES) - PLAIN == set()


def test_details_are_told_in_chinese_and_in_english(app):
    facts = {
        "how": "password",
        "minutes": 118,
        "late": True,
        "was_at": "2026-03-08T09:00:00+08:00",
        "user_id": 7,
    }
    with app.test_request_context():
        assert told(facts) == ["用密码", "118 分钟", "临近才退", "原来 3月8日(周日) 09:00"]
    with app.test_request_context("/?lang=en"):
        assert not any(ours(line) for line in told(facts))


def test_what_says_nothing_is_left_out(app):
    with app.test_request_context():
        assert told({"late": False, "grade": None, "reason": "", "attendance_id": 3}) == []
