"""What a day's check-ins show: each sign at its edge, and honest days that show none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from volunteer import clock
from volunteer.anomalies.signs import Stay, of_day

NINE = datetime(2026, 3, 8, 9, 0, tzinfo=clock.ZONE)


def _kinds(stays: list[Stay], **told: object) -> dict[str, tuple[int, ...]]:
    return {one.kind: one.people for one in of_day(stays, **told)}  # type: ignore[arg-type]


def _in(
    who: int, seconds: float = 0, how: str = "wall", by: int | None = None, device: str | None = None
) -> Stay:
    return Stay(who, NINE + timedelta(seconds=seconds), how, by, device=device)


@pytest.mark.parametrize(("third", "seen"), [(600, True), (601, False)])
def test_one_phone_for_three_people_in_ten_minutes(third: int, seen: bool) -> None:
    """T04: two on one phone are a couple; a third in ten minutes is a sign, a minute of the clock later is none."""
    stays = [
        _in(1, 0, device="phone"),
        _in(2, 5, device="phone"),
        _in(3, third, device="phone"),
        _in(4, 1, device="x"),
    ]
    assert (_kinds(stays).get("one_phone") == (1, 2, 3)) is seen


def test_the_same_person_twice_on_a_phone_is_one_person() -> None:
    assert _kinds([_in(1, n, device="phone") for n in range(5)]) == {}


def test_whoever_records_himself_is_seen_at_either_end() -> None:
    """T04."""
    out = Stay(2, NINE, "wall", None, NINE + timedelta(hours=2), "manual", 2)
    found = of_day([_in(1, how="manual", by=1), out, _in(3, how="pass", by=1)])
    assert [(one.kind, one.people) for one in found] == [("own_hand", (1,)), ("own_hand", (2,))]


@pytest.mark.parametrize(("apart", "seen"), [(1.9, True), (2.0, False)])
def test_six_read_by_one_person_in_less_than_two_seconds_each(apart: float, seen: bool) -> None:
    """T06."""
    stays = [_in(who, who * apart, "card", by=9) for who in range(6)]
    assert ("too_fast" in _kinds(stays)) is seen


def test_five_quick_ones_or_a_crowd_at_the_wall_are_nothing() -> None:
    """A crowd scans one wall with many phones; that is what the wall is for."""
    assert _kinds([_in(who, who, "card", by=9) for who in range(5)]) == {}
    assert _kinds([_in(who, who * 0.1, device=f"p{who}") for who in range(60)]) == {}


def test_two_people_who_read_do_not_make_one_fast_hand() -> None:
    assert _kinds([_in(who, who, "pass", by=80 + who % 2) for who in range(10)]) == {}


def test_one_relative_who_shows_three_passes_and_one_who_reads_what_he_shows() -> None:
    """V24, T04: a couple is no sign; a third person is, and so is reading the pass on one's own phone."""
    stays = [_in(who, 60 * who, "pass", by=90) for who in (1, 2, 3)]
    assert _kinds(stays, shown={1: [7], 2: [7]}) == {}
    assert _kinds(stays, shown={1: [7], 2: [7], 3: [8, 7]}) == {"helper": (1, 2, 3)}
    assert _kinds([*stays[:2], _in(3, 300)], shown={1: [7], 2: [7], 3: [7]}) == {}, (
        "the third scanned the wall"
    )
    assert _kinds(stays, shown={2: [90]}) == {"own_hand": (2,)}


def _stayed(who: int, minutes: float, out_how: str = "wall") -> Stay:
    came = NINE + timedelta(seconds=7 * who)
    return Stay(who, came, "wall", None, came + timedelta(minutes=minutes), out_how)


def test_everybody_exactly_as_long() -> None:
    """U3: more than 95 in a hundred of at least ten, measured from door to door, once the day is over."""
    alike = [_stayed(who, 120) for who in range(20)]
    assert "same_minutes" in _kinds(alike, over=True)
    assert "same_minutes" not in _kinds(alike), "not before the day is over"
    assert "same_minutes" not in _kinds(alike[:9], over=True)
    one_other = [*alike[:19], _stayed(20, 131)]
    assert "same_minutes" not in _kinds(one_other, over=True), "19 of 20 is 95, not more"


def test_a_roll_closed_for_everybody_measures_nothing() -> None:
    assert _kinds([_stayed(who, 120, "roll") for who in range(20)], over=True) == {}
    assert _kinds([_stayed(who, 120, "sheet") for who in range(20)], over=True) == {}


@pytest.mark.parametrize(
    ("at", "seen"), [("22:59", False), ("23:00", True), ("04:59", True), ("05:00", False)]
)
def test_three_at_night(at: str, seen: bool) -> None:
    hour, minute = map(int, at.split(":"))
    late = NINE.replace(hour=hour, minute=minute)
    assert ("night" in _kinds([Stay(who, late, "wall") for who in range(3)])) is seen
    assert "night" not in _kinds([Stay(who, late, "wall") for who in range(2)])


def test_a_leader_alone() -> None:
    assert _kinds([_in(7)], leaders=[7], over=True) == {"alone": (7,)}
    assert _kinds([_in(7)], leaders=[8], over=True) == {}
    assert _kinds([_in(7), _in(8, 60)], leaders=[7], over=True) == {}
    assert _kinds([_in(7)], leaders=[7]) == {}, "the others may still come"
