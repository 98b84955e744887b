"""What an hour is worth, when points end, and when a scan is taken: at the edges, one step either side."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from volunteer.clock import ZONE
from volunteer.ledger import params
from volunteer.ledger.tariff import Tariff, explain, tenths

TARIFF = Tariff()
SECOND = timedelta(seconds=1)
STARTS = datetime(2026, 12, 13, 9, 0, tzinfo=ZONE)
ENDS = datetime(2026, 12, 13, 11, 30, tzinfo=ZONE)


def said(worth, language="zh"):
    return explain(worth.formula).within(language)


# ── worth ──


def test_118_minutes_of_haircuts_are_18_points():
    worth = TARIFF.worth(118, 120, coefficient=12)
    assert (worth.points, worth.minutes_paid) == (18, 90)
    assert said(worth) == "118 分钟 → 3 个半小时 × 5 × 1.2 = 18 分"
    assert said(worth, "en") == "118 minutes → 3 half-hours × 5 × 1.2 = 18 points"
    assert worth.formula == {
        "kind": "time",
        "rule": 1,
        "minutes": 118,
        "planned": 120,
        "grade": "A",
        "blocks": 3,
        "block_minutes": 30,
        "per_block": 5,
        "coefficient": "1.2",
        "points": 18,
    }


@pytest.mark.parametrize(
    ("difficulty", "leader", "a_block"),
    [(10, False, 5), (12, False, 6), (14, False, 7), (14, True, 8), (16, True, 8)],
)
def test_a_half_hour_is_5_6_7_or_8_points(difficulty, leader, a_block):
    assert TARIFF.worth(30, 30, difficulty, leader=leader).points == a_block


@pytest.mark.parametrize(
    ("minutes", "blocks"), [(0, 0), (29, 0), (30, 1), (31, 1), (59, 1), (60, 2), (150, 5)]
)
def test_blocks_are_rounded_down(minutes, blocks):
    assert TARIFF.blocks(minutes) == blocks
    assert TARIFF.worth(minutes, minutes).points == blocks * 5


def test_the_leader_earns_more_and_is_told_so():
    worth = TARIFF.worth(120, 120, 12, leader=True)
    assert worth.points == 28
    assert said(worth) == "120 分钟 → 4 个半小时 × 5 × 1.4 = 28 分（系数含带队的 0.2）"


@pytest.mark.parametrize(("minutes", "points"), [(71, 0), (72, 10), (73, 10)])
def test_less_than_six_tenths_of_the_shift_pays_nothing(minutes, points):
    worth = TARIFF.worth(minutes, 120)
    assert worth.points == points
    if not points:
        assert worth.formula["reason_zero"] == "ratio" and worth.minutes_paid == 0
        assert said(worth) == "71 分钟时长照记；不足计划时长 120 分钟的六成，不计积分"
        assert (
            said(worth, "en") == "71 minutes are recorded; below 60% of the planned 120 minutes, so no points"
        )


def test_added_late_pays_nothing_and_says_why():
    worth = TARIFF.worth(120, 120, grade="C")
    assert (worth.points, worth.formula["reason_zero"]) == (0, "grade")
    assert said(worth) == "120 分钟时长照记；补录的时长不计积分"


def test_one_scan_and_the_roll_pay_like_two_scans():
    assert TARIFF.worth(120, 120, 14, grade="B").points == TARIFF.worth(120, 120, 14).points == 28


def test_less_than_half_an_hour_pays_nothing_and_says_why():
    assert said(TARIFF.worth(29, 30)) == "29 分钟时长照记；不足半小时，不计积分"


@pytest.mark.parametrize(
    ("paid_already", "points"), [(0, 80), (449, 5), (450, 5), (451, 0), (480, 0), (600, 0)]
)
def test_points_are_counted_on_eight_hours_a_day(paid_already, points):
    worth = TARIFF.worth(600, 600, minutes_already_paid_today=paid_already)
    assert worth.points == points
    assert paid_already + worth.minutes_paid <= 480 or not worth.minutes_paid
    if points:
        assert said(worth).endswith("分（一天最多按 8 小时计积分）")
    else:
        assert said(worth) == "600 分钟时长照记；今天计积分的时长已满 8 小时"


def test_flat_pay_is_the_same_for_everyone():
    assert said(TARIFF.flat(3)) == "签到即得 3 分"
    assert said(TARIFF.flat(3), "en") == "3 points for checking in"
    late = TARIFF.flat(3, grade="C")
    assert (late.points, said(late)) == (0, "补录的签到不计积分")


def test_an_award_made_under_other_rules_is_explained_by_its_own_formula():
    generous = Tariff.from_params(
        {
            "points_per_hour": 12,
            "credit_block_minutes": 50,
            "grade_points_ratio": {"A": 1, "B": 0.5, "C": 0},
            "min_ratio_for_points": 0.25,
        },
        version=7,
    )
    kept = json.loads(json.dumps(generous.worth(100, 100, grade="B").formula))
    assert kept["rule"] == 7
    assert str(explain(kept)) == "100 分钟 → 2 个 50 分钟 × 10 × 1.0 × 0.5 = 10 分"
    assert said(generous.worth(20, 100)) == "20 分钟时长照记；不足计划时长 100 分钟的25%，不计积分"
    assert said(generous.worth(40, 100)) == "40 分钟时长照记；不足 50 分钟，不计积分"


def test_a_coefficient_is_read_in_tenths():
    assert [tenths(typed) for typed in (1, 1.2, "1.4", Decimal("1.0"))] == [10, 12, 14, 10]
    assert [tenths(typed) for typed in (1.25, "hard", None, "NaN", "1e999999", "inf")] == [0] * 6


# ── when points end ──


@pytest.mark.parametrize(
    ("earned", "expires", "purse"),
    [
        (date(2026, 3, 7), date(2028, 3, 31), "2028-03"),
        (date(2026, 3, 31), date(2028, 3, 31), "2028-03"),
        (date(2026, 4, 1), date(2028, 4, 30), "2028-04"),
        (date(2026, 2, 28), date(2028, 2, 29), "2028-02"),
        (date(2028, 2, 29), date(2030, 2, 28), "2030-02"),
        (date(2026, 12, 31), date(2028, 12, 31), "2028-12"),
    ],
)
def test_points_end_with_the_month_two_years_on(earned, expires, purse):
    assert (TARIFF.expiry(earned), TARIFF.purse_month(earned)) == (expires, purse)


def test_a_shorter_life_is_counted_the_same_way():
    year = Tariff.from_params({"points_ttl_months": 13})
    assert year.expiry(date(2026, 12, 15)) == date(2028, 1, 31)


# ── a day and its windows ──


@pytest.mark.parametrize(
    ("minutes", "tier"), [(0, "auto"), (480, "auto"), (481, "community"), (720, "community"), (721, "street")]
)
def test_long_days_are_looked_at(minutes, tier):
    assert TARIFF.tier(minutes) == tier


@pytest.mark.parametrize(
    ("window", "opens", "closes"),
    [
        (TARIFF.checkin_window(STARTS, ENDS), "08:30", "09:30"),
        (TARIFF.checkout_window(STARTS, ENDS), "11:15", "12:30"),
    ],
)
def test_a_window_holds_both_its_edges(window, opens, closes):
    assert (f"{window.opens:%H:%M}", f"{window.closes:%H:%M}") == (opens, closes)
    edges = (window.opens, window.closes)
    assert [edge - SECOND in window for edge in edges] == [False, True]
    assert [edge in window for edge in edges] == [True, True]
    assert [edge + SECOND in window for edge in edges] == [True, False]


def test_a_window_is_the_same_moment_in_every_zone():
    window = TARIFF.checkin_window(STARTS, ENDS)
    assert datetime.fromisoformat("2026-12-13T01:00:00+00:00") in window


def test_windows_of_a_short_stall_stay_within_it():
    ends = STARTS + timedelta(minutes=10)
    assert TARIFF.checkin_window(STARTS, ends).closes == ends
    assert TARIFF.checkout_window(STARTS, ends).opens == STARTS


# ── rule sets ──


def test_a_rule_set_changes_what_it_names_and_no_more():
    street = Tariff.from_params(
        {"redeem_min_hours": 5, "min_account_days": 30, "coefficients": [1, "1.2"]}, version=3
    )
    assert (street.version, street.redeem_min_hours, street.min_account_days) == (3, 5, 30)
    assert street.coefficients == (10, 12)
    assert street.voucher_days == Tariff().voucher_days == 90


def test_what_a_rule_set_writes_it_reads_again():
    written = json.loads(json.dumps(params.write(TARIFF)))
    assert Tariff.from_params(written) == TARIFF
    assert written["coefficients"] == ["1.0", "1.2", "1.4"] and written["min_ratio_for_points"] == "0.6"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"points_per_year": 3}, params.UnknownParameter),
        ({"version": 9}, params.UnknownParameter),
        ({"points_per_hour": 0}, params.OutOfRange),
        ({"points_per_hour": 10.5}, params.OutOfRange),
        ({"points_per_hour": True}, params.BadTariff),
        ({"points_per_hour": "ten"}, params.BadTariff),
        ({"points_per_hour": float("nan")}, params.BadTariff),
        ({"points_per_hour": 7}, params.NotWhole),
        ({"points_per_hour": 12}, params.NotWhole),
        ({"coefficients": [1.0, 1.3]}, params.NotWhole),
        ({"coefficients": []}, params.BadTariff),
        ({"coefficients": [1.25]}, params.BadTariff),
        ({"coefficients": 1.2}, params.BadTariff),
        ({"coefficients": [1.0, 1.8]}, params.Disagree),
        ({"min_ratio_for_points": 1.1}, params.BadTariff),
        ({"grade_points_ratio": {"A": 1}}, params.BadTariff),
        ({"grade_points_ratio": {"A": 1, "B": 1, "C": 1}}, params.Disagree),
        ({"daily_auto_minutes": 800}, params.Disagree),
        ({"star_hours": [100, 50, 600, 1000, 1500]}, params.BadTariff),
    ],
)
def test_a_rule_set_that_makes_no_sense_is_refused(change, refusal):
    with pytest.raises(refusal) as refused:
        Tariff.from_params(change)
    assert (refused.value.code, refused.value.status) == ("tariff.invalid", 422)
    assert not any(
        "{" + fact in refused.value.detail for fact in ("key}", "value}", "low}", "block}", "other}")
    )
