"""The last quarter worked out again: the same rules pay the same, others say who gains and who loses."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from volunteer.ledger.tariff import Grade, Share, Tariff
from volunteer.rulebook import Served, replay

OLD = Tariff()


def served(
    who: int,
    on: date,
    minutes: int,
    *,
    planned: int = 120,
    difficulty: int = 10,
    leader: bool = False,
    grade: Grade = "A",
    used: int = 0,
    team: int = 1,
) -> Served:
    """A stay as the rules in force paid it."""
    worth = OLD.worth(minutes, planned, difficulty, grade, leader, used)
    return Served(who, on, team, worth.points, worth.formula)


stays = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(1, 5),
        st.integers(0, 600),
        st.integers(30, 600),
        st.sampled_from([10, 12, 14]),
        st.booleans(),
        st.sampled_from(["A", "B", "C"]),
    ),
    max_size=30,
)


def paid(stays: list[Any]) -> list[Served]:
    """The stays of a few people, in their order, each paid as it came."""
    found, used = [], {}  # type: list[Served], dict[tuple[int, int], int]
    for who, day, minutes, planned, difficulty, leader, grade in sorted(stays, key=lambda one: one[:2]):
        worth = OLD.worth(minutes, planned, difficulty, grade, leader, used.get((who, day), 0))
        used[who, day] = used.get((who, day), 0) + worth.minutes_paid
        found.append(Served(who, date(2026, 3, day), 1, worth.points, worth.formula))
    return found


@given(stays)
def test_the_rules_in_force_pay_what_they_paid(stays: list[Any]) -> None:
    """A3: whatever was served, the same numbers change nobody's points."""
    trial = replay(paid(stays), OLD)
    assert (trial.before, trial.gain, trial.lose) == (trial.after, 0, 0)
    assert sum(trial.picture()) == 0


@given(stays)
def test_every_person_is_counted_once_and_the_sums_agree(stays: list[Any]) -> None:
    """A3: who gains, who loses and who stays are everybody; people and teams add up to the whole."""
    trial = replay(paid(stays), Tariff.from_params({"points_per_hour": 20, "min_ratio_for_points": "0.8"}))
    same = sum(before == after for before, after in trial.people.values())
    assert trial.gain + trial.lose + same == len(trial.people) == len({one[0] for one in stays})
    assert sum(trial.picture()) == trial.gain + trial.lose
    for sums in (trial.people, trial.teams):
        assert sum(before for before, _after in sums.values()) == trial.before
        assert sum(after for _before, after in sums.values()) == trial.after


def test_twice_as_much_an_hour_is_twice_the_points() -> None:
    trial = replay([served(1, date(2026, 3, 8), 120)], Tariff.from_params({"points_per_hour": 20}))
    assert (trial.before, trial.after, trial.gain) == (20, 40, 1)
    assert trial.movers(5, up=True) == [(1, 20, 40)] and trial.movers(5, up=False) == []


def test_the_days_cap_is_counted_over_the_day_as_it_went() -> None:
    """A3: the second shift of a date finds what the first has used, under the new cap."""
    day = date(2026, 3, 8)
    two = [served(1, day, 240, planned=240), served(1, day, 240, planned=240, used=240)]
    trial = replay(two, Tariff.from_params({"points_daily_minutes_cap": 300}))
    assert (trial.before, trial.after) == (80, 50)
    apart = [served(1, day, 240, planned=240), served(1, date(2026, 3, 9), 240, planned=240)]
    assert replay(apart, Tariff.from_params({"points_daily_minutes_cap": 300})).after == 80


def test_who_leads_is_paid_for_leading_under_the_new_rules_too() -> None:
    leads = served(1, date(2026, 3, 8), 120, difficulty=12, leader=True)
    assert leads.paid == 28
    assert replay([leads], Tariff.from_params({"coefficient_leader": "0.4"})).after == 32


def test_a_task_done_in_part_is_measured_by_the_new_share() -> None:
    """A3: the stay is what is looked at, not what the old rule made of it."""
    share = {"of": 10, "done": 7, "doubtful": 0, "stayed": 120, "counted": 60, "waits": True}
    assert OLD.counted(120, Share(7, 10)) == 60
    worth = OLD.worth(60, 120, 10, "A", False, 0, 120)
    part = Served(1, date(2026, 3, 8), 1, worth.points, worth.formula | {"share": share})
    assert (part.paid, replay([part], OLD).after) == (10, 10)
    assert replay([part], Tariff.from_params({"share_for_full": "0.7"})).after == 20


def test_what_is_flat_and_what_was_above_a_limit_keep_their_worth() -> None:
    """A3: flat pay is the activity's; points that could only be given were earned like the rest."""
    flat = Served(1, date(2026, 3, 8), 1, 0, OLD.flat(5).formula)
    capped = OLD.capped(OLD.worth(120, 120), OLD.balance_cap_points)
    full = Served(2, date(2026, 3, 8), 1, 0 + capped.formula["surplus"], capped.formula)
    trial = replay([flat, full], OLD)
    assert (trial.before, trial.after) == (20, 20)


def test_changes_are_told_in_four_sizes_each_way() -> None:
    trial = replay([], OLD)
    trial.people = {1: [0, 9], 2: [0, 10], 3: [0, 200], 4: [49, 0], 5: [50, 0], 6: [7, 7], 7: [300, 0]}
    assert trial.picture() == [1, 1, 1, 0, 1, 1, 0, 1]
