"""Points of any hours under any sensible rules."""

import json
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from volunteer.ledger.tariff import Tariff, explain

TARIFF = Tariff()
minutes = st.integers(0, 1440)
difficulties = st.sampled_from([10, 12, 14])


@given(minutes, st.integers(1, 1440), difficulties, st.sampled_from("ABC"), st.booleans(), minutes)
def test_points_are_whole_never_negative_and_always_explained(
    served, planned, difficulty, grade, leader, paid
):
    worth = TARIFF.worth(served, planned, difficulty, grade, leader, paid)
    assert isinstance(worth.points, int) and worth.points >= 0
    assert worth.points == worth.formula["points"]
    assert ("reason_zero" in worth.formula) == (worth.points == 0)
    assert (worth.minutes_paid == 0) == (worth.points == 0)
    kept = json.loads(json.dumps(worth.formula))
    assert explain(kept) == explain(worth.formula)
    for language in ("zh", "en"):
        assert "{" not in explain(kept).within(language)


@given(minutes, st.integers(1, 1440), difficulties, st.booleans())
def test_a_formula_multiplies_out(served, planned, difficulty, leader):
    worth = TARIFF.worth(served, planned, difficulty, leader=leader)
    whole, tenth = worth.formula["coefficient"].split(".")
    coefficient = int(whole) * 10 + int(tenth)
    assert worth.points * 10 == worth.formula["blocks"] * worth.formula["per_block"] * coefficient
    assert coefficient <= 16


@given(minutes, minutes, st.integers(1, 1440), difficulties)
def test_serving_longer_never_pays_less(one, other, planned, difficulty):
    shorter, longer = sorted([one, other])
    assert (
        TARIFF.worth(shorter, planned, difficulty).points <= TARIFF.worth(longer, planned, difficulty).points
    )


@given(minutes, st.integers(1, 1440), difficulties)
def test_leading_never_pays_less(served, planned, difficulty):
    assert (
        TARIFF.worth(served, planned, difficulty, leader=True).points
        >= TARIFF.worth(served, planned, difficulty).points
    )


@given(st.lists(st.integers(0, 600), max_size=8), difficulties)
def test_however_a_day_is_cut_up_it_pays_for_eight_hours_at_most(sessions, difficulty):
    paid = points = 0
    for served in sessions:
        worth = TARIFF.worth(served, served, difficulty, minutes_already_paid_today=paid)
        paid, points = paid + worth.minutes_paid, points + worth.points
    assert paid <= min(480, sum(sessions))
    assert points * 10 == paid // 30 * 5 * difficulty


@given(st.dates(date(2020, 1, 1), date(2100, 12, 31)), st.integers(1, 120))
def test_points_end_on_the_last_day_of_a_month_and_live_their_whole_life(earned, months):
    tariff = Tariff.from_params({"points_ttl_months": months})
    ends = tariff.expiry(earned)
    assert (ends + timedelta(1)).day == 1
    assert (ends.year - earned.year) * 12 + ends.month - earned.month == months
    assert tariff.purse_month(earned) == f"{ends.year}-{ends.month:02}"
    assert tariff.expiry(earned) <= tariff.expiry(earned + timedelta(1))


@given(
    st.integers(1, 100),
    st.sampled_from([5, 10, 15, 20, 30, 45, 60]),
    st.lists(st.integers(5, 16), min_size=1, max_size=4),
)
def test_rules_that_are_accepted_never_pay_half_a_point(hourly, block, levels):
    from volunteer.ledger.params import BadTariff

    try:
        tariff = Tariff.from_params(
            {
                "points_per_hour": hourly,
                "credit_block_minutes": block,
                "coefficients": [level / 10 for level in levels],
            }
        )
    except BadTariff:
        return
    for level in tariff.coefficients:
        for leader in (False, True):
            worth = tariff.worth(block, block, level, leader=leader)
            assert worth.points * 600 == hourly * block * tariff.coefficient(level, leader)
