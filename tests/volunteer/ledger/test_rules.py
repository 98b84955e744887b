"""Which numbers are in force on a day: dated, numbered, never backwards."""

from __future__ import annotations

from datetime import date

import pytest

from tests.strict import statements
from volunteer import clock, ledger
from volunteer.ledger import rules
from volunteer.ledger.params import BadTariff


def test_version_one_stands_without_a_row(here):
    assert ledger.tariff(clock.today(), "/").version == 1
    assert ledger.tariff(date(1990, 1, 1), "/").points_ttl_months == 24


def test_other_numbers_apply_from_their_day_on_and_never_before(here, earn, xiaoman):
    rules.publish({"points_ttl_months": 12, "voucher_days": 60}, date(2026, 4, 1), "一年有效")
    rules.publish({"points_ttl_months": 36}, date(2026, 9, 1), "三年有效")

    in_force = [ledger.tariff(date(2026, *on), "/") for on in [(3, 31), (4, 1), (8, 31), (9, 1)]]
    assert [(numbers.version, numbers.points_ttl_months) for numbers in in_force] == [
        (1, 24), (2, 12), (2, 12), (3, 36),
    ]  # fmt: skip
    assert [numbers.voucher_days for numbers in in_force] == [90, 60, 60, 90]
    assert earn(xiaoman, 5, on=date(2026, 4, 2)).postings[0].target.endswith(":2027-04")
    assert [row.version for row in rules.versions("/")] == [3, 2]


def test_a_street_goes_by_its_own_rules_and_everybody_else_by_those_of_everywhere(here):
    """A3: a rule set belongs to a scheme; numbers run through all of them, so that a formula names one."""
    rules.publish({"voucher_days": 60}, date(2026, 4, 1), "处处六十天")
    rules.publish({"voucher_days": 30}, date(2026, 5, 1), "一街三十天", area_path="/1/")
    rules.publish({"voucher_days": 45}, date(2026, 6, 1), "处处四十五天")
    rules.publish({"voucher_days": 20}, date(2026, 6, 1), "十一街二十天", area_path="/11/")

    def said(on, place):
        return ledger.tariff(date(2026, *on), place).version, ledger.tariff(
            date(2026, *on), place
        ).voucher_days

    assert [said((4, 30), place) for place in ("/", "/1/", "/11/")] == [(2, 60)] * 3
    assert [said((5, 1), place) for place in ("/", "/1/", "/1/4/9/", "/2/")] == [
        (2, 60),
        (3, 30),
        (3, 30),
        (2, 60),
    ]
    assert [said((6, 1), place) for place in ("/2/", "/1/4/", "/11/4/")] == [(4, 45), (3, 30), (5, 20)]
    assert {place: one.version for place, one in rules.in_force(date(2026, 6, 1)).items()} == {
        "/": 4,
        "/1/": 3,
        "/11/": 5,
    }
    assert [row.version for row in rules.versions("/1/")] == [3, 2]
    assert [row.version for row in rules.versions("/2/")] == [4, 2]


def test_one_street_never_waits_for_another_to_begin_its_rules(here):
    """A3: never backwards, each scheme for itself."""
    rules.publish({}, date(2026, 9, 1), "", area_path="/1/")
    rules.publish({}, date(2026, 4, 1), "", area_path="/2/")
    for on in (date(2026, 4, 1), date(2026, 3, 20)):
        with pytest.raises(rules.TooEarly):
            rules.publish({}, on, "", area_path="/2/")


def test_rules_never_reach_back(here):
    for on in (date(2026, 3, 6), date(2026, 3, 7)):
        with pytest.raises(rules.TooEarly) as refused:
            rules.publish({}, on, "")
        assert refused.value.facts == {"earliest": date(2026, 3, 8)}
    rules.publish({"voucher_days": 60}, date(2026, 5, 1), "")
    with pytest.raises(rules.TooEarly):
        rules.publish({}, date(2026, 4, 1), "between today and the next")
    with pytest.raises(rules.TooEarly):
        rules.publish({}, date(2026, 5, 1), "on the same day")


def test_numbers_that_make_no_sense_are_not_published(here):
    with pytest.raises(BadTariff):
        rules.publish({"points_per_hour": 7}, date(2026, 4, 1), "")
    assert rules.versions("/") == []


def test_the_numbers_are_asked_for_once_a_minute(here, monkeypatch):
    asked = rules.time.monotonic()  # a machine that has just started counts from nothing
    monkeypatch.setattr(rules.time, "monotonic", lambda: asked)
    ledger.tariff(clock.today(), "/")
    with statements() as said:
        for _again in range(5):
            ledger.tariff(clock.today(), "/")
    assert said == []

    asked += rules.FRESH_SECONDS
    with statements() as said:
        ledger.tariff(clock.today(), "/")
        ledger.tariff(clock.today(), "/")
    assert len(said) == 1


def test_what_is_published_and_undone_is_forgotten(here, app):
    rules.publish({"voucher_days": 60}, date(2026, 4, 1), "")
    assert ledger.tariff(date(2026, 4, 1), "/").voucher_days == 60
    assert rules._known == []  # nobody else in this process has seen it
    here.undo()
    assert ledger.tariff(date(2026, 4, 1), "/").voucher_days == 90


def test_what_is_published_is_remembered_once_it_is_true(here):
    ledger.tariff(clock.today(), "/")
    rules.publish({"voucher_days": 60}, date(2026, 4, 1), "")
    here.commit()
    assert ledger.tariff(date(2026, 4, 1), "/").voucher_days == 60
    with statements() as said:
        ledger.tariff(date(2026, 4, 1), "/")
    assert said == []
