"""Points move by double entry, each move once. Scenarios LG-01 … LG-08, LG-13, LG-14, LG-33."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.strict import statements
from volunteer import clock, ledger
from volunteer.ledger import chart


def test_an_hour_served_is_in_the_purse_of_its_month(earn, xiaoman):
    given = earn(xiaoman, 18)

    assert given.points == 18
    assert ledger.balance(xiaoman.id) == 18
    assert [(purse.month, purse.amount) for purse in ledger.purses(xiaoman.id)] == [("2028-03", 18)]
    assert ledger.purses(xiaoman.id)[0].expires_on == date(2028, 3, 31)
    assert ledger.at(chart.ISSUED) == -18


def test_an_award_is_one_statement_and_a_repeat_is_the_same_award(earn, xiaoman, db):
    ledger.tariff(clock.today(), "/")
    db.session.flush()
    with statements() as said:
        first = earn(xiaoman, 18)
    again = earn(xiaoman, 18)

    assert len(said) == 1
    assert again.repeated and again.postings == first.postings and again.at == first.at
    assert ledger.balance(xiaoman.id) == 18
    assert db.session.scalar(select(func.count()).select_from(ledger.Posting)) == 1


def test_a_key_moves_one_thing_only(earn, xiaoman, daming):
    """T03, LG-13, ID-05."""
    earn(xiaoman, 18)
    for person, points in [(xiaoman, 19), (daming, 18)]:
        with pytest.raises(ledger.KeyReused):
            earn(person, points)
    assert ledger.balance(daming.id) == 0

    held = chart.held(1)
    ledger.spend(xiaoman.id, 5, to=held, key="claim:1", why={})
    for changes in [{"points": 6}, {"to": chart.held(2)}, {"volunteer_id": daming.id}]:
        asked = {"volunteer_id": xiaoman.id, "points": 5, "to": held, "key": "claim:1", "why": {}} | changes
        with pytest.raises(ledger.KeyReused) as refused:
            ledger.spend(asked.pop("volunteer_id"), asked.pop("points"), **asked)
        assert (refused.value.code, refused.value.status) == ("ledger.key_reused", 422)
    with pytest.raises(ledger.KeyReused):
        ledger.transfer((held, chart.owed(3), 5), move="redeem", key="claim:1")
    assert ledger.balance(xiaoman.id) == 13


@pytest.mark.parametrize(
    ("move", "source", "target"),
    [
        ("award", "volunteer:1:2028-03", chart.ISSUED),  # the wrong way round
        ("award", chart.EXPIRED, "volunteer:1:2028-03"),  # from the wrong place
        ("claim", "volunteer:1:2028-03", "partner:7:owed"),  # past the voucher
        ("gift", "volunteer:1:2028-03", "volunteer:2:2028-03"),  # points are not handed on
        ("award", chart.ISSUED, "volunteer:1:2028-13"),  # no such month
        ("award", chart.ISSUED, "volunteer:01:2028-03"),  # an address is written in one way
        ("award", chart.ISSUED, "volunteer:1:2028-03 "),
        ("redeem", "held:0", "partner:7:owed"),
        ("redeem", "held:1", "partner:7:settled"),
        ("", "", ""),
    ],
)
def test_only_listed_moves_move(here, db, move, source, target):
    """LG-01."""
    with pytest.raises(ledger.NotListed):
        ledger.transfer((source, target, 5), move=move, key="k")
    assert db.session.scalar(select(func.count()).select_from(ledger.Posting)) == 0


def test_nothing_moves_in_place(here):
    """LG-02."""
    with pytest.raises(ledger.SamePlace):
        ledger.transfer(("held:1", "held:1", 5), move="redeem", key="k")


@pytest.mark.parametrize("amount", [0, -1, 1.5, "5", None, True])
def test_only_whole_amounts_above_zero_move(xiaoman, earn, amount):
    """LG-04."""
    with pytest.raises(ledger.NotPositive):
        earn(xiaoman, amount)
    with pytest.raises(ledger.NotPositive):
        ledger.spend(xiaoman.id, amount, to="held:1", key="k", why={})
    with pytest.raises(ledger.NotPositive):
        ledger.transfer(("held:1", "partner:1:owed", amount), move="redeem", key="k")
    with pytest.raises(ledger.NotPositive):
        ledger.transfer(move="redeem", key="k")


def test_points_never_go_between_people(earn, xiaoman, daming):
    earn(xiaoman, 10)
    purse, other = chart.purse(xiaoman.id, "2028-03"), chart.purse(daming.id, "2028-03")
    with pytest.raises(ledger.NotListed):
        ledger.transfer((purse, "held:1", 5), move="claim", key="k", volunteer_id=daming.id)
    with pytest.raises(ledger.NotListed):
        ledger.transfer((chart.ISSUED, purse, 5), (chart.ISSUED, other, 5), move="award", key="k")


def test_more_than_there_is_does_not_move(earn, xiaoman):
    """LG-03, LG-08: a kind refusal when looked up first, a lost race otherwise, and nothing half written."""
    earn(xiaoman, 10)
    ledger.spend(xiaoman.id, 8, to="held:1", key="claim:1", why={})
    steps = ("held:1", "partner:1:owed", 5), ("held:1", "partner:2:owed", 5)
    with pytest.raises(ledger.Insufficient) as short:
        ledger.transfer(*steps, move="redeem", key="k")
    assert short.value.facts == {"balance": 8, "missing": 2}
    assert ledger.at("held:1") == 8 and ledger.at("partner:1:owed") == 0


def test_the_database_itself_keeps_the_floor(earn, xiaoman, here):
    earn(xiaoman, 10)
    here.commit()
    for steps in [
        [(chart.purse(xiaoman.id, "2028-03"), "held:1", 11)],
        [("held:77", "partner:1:owed", 1)],  # where nothing ever was
        [
            (chart.purse(xiaoman.id, "2028-03"), "held:1", 6),
            (chart.purse(xiaoman.id, "2028-03"), "held:1", 5),
        ],
    ]:
        with pytest.raises(IntegrityError):
            ledger.transfer(
                *steps, move="claim" if "volunteer" in steps[0][0] else "redeem", key="k", fresh=True
            )
        here.undo()
    assert ledger.balance(xiaoman.id) == 10
    assert ledger.at("held:1") == 0


def test_both_ends_and_the_sum_are_right(earn, xiaoman, broken):
    """LG-05."""
    earn(xiaoman, 30)
    ledger.spend(xiaoman.id, 20, to=chart.held(1), key="claim:1", why={})
    ledger.transfer(("held:1", "partner:7:owed", 20), move="redeem", key="redeem:1", volunteer_id=xiaoman.id)

    there = {address: ledger.at(address) for address in (chart.ISSUED, "held:1", "partner:7:owed")}
    assert there == {chart.ISSUED: -30, "held:1": 0, "partner:7:owed": 20}
    assert ledger.balance(xiaoman.id) == 10
    assert broken() == []


def test_what_is_reversed_is_reversed_once(earn, xiaoman):
    """T33, LG-14, ID-08: also not two moves back under one key."""
    earn(xiaoman, 18)
    back = ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={"reason": "记错了"})

    assert (back.points, ledger.balance(xiaoman.id), ledger.at(chart.ISSUED)) == (18, 0, 0)
    again = ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={})
    assert again.repeated and again.postings == back.postings
    with pytest.raises(ledger.Reversed):
        ledger.reverse("record:1", move="reversal", new_key="record:1:again", why={})
    with pytest.raises(ledger.Unknown):
        ledger.reverse("record:2", move="reversal", new_key="record:2:reversal", why={})
    earn(xiaoman, 5, key="record:3")
    with pytest.raises(ledger.KeyReused):
        ledger.reverse("record:3", move="reversal", new_key="record:1:reversal", why={})
    assert ledger.balance(xiaoman.id) == 5


def test_spent_points_do_not_go_back(earn, xiaoman):
    """LG-14, the hard case: the policy is to refuse and say how many are missing."""
    earn(xiaoman, 18)
    ledger.spend(xiaoman.id, 10, to="held:1", key="claim:1", why={})
    with pytest.raises(ledger.Spent) as refused:
        ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={})
    assert refused.value.code == "ledger.spent" and refused.value.facts["missing"] == 10
    assert ledger.balance(xiaoman.id) == 8

    ledger.release("claim:1", key="release:1")
    ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={})
    assert ledger.balance(xiaoman.id) == 0


def test_earned_taken_back_and_earned_again_is_one_award(earn, xiaoman):
    """LG-33."""
    earn(xiaoman, 10, key="record:1")
    ledger.reverse("record:1", move="reversal", new_key="record:1:reversal", why={})
    earn(xiaoman, 12, key="record:2")
    assert ledger.balance(xiaoman.id) == 12
    assert sum(entry.points for entry in ledger.queries.all_entries(xiaoman.id)) == 12


def test_a_purse_ends_with_the_month_two_years_on(earn, xiaoman):
    """LG-30: month ends, leap years, the turn of the year."""
    for on, month, last in [
        (date(2026, 1, 31), "2028-01", date(2028, 1, 31)),
        (date(2026, 2, 28), "2028-02", date(2028, 2, 29)),
        (date(2027, 2, 28), "2029-02", date(2029, 2, 28)),
        (date(2026, 12, 31), "2028-12", date(2028, 12, 31)),
    ]:
        given = earn(xiaoman, 5, key=f"record:{on}", on=on)
        assert given.postings[0].target == chart.purse(xiaoman.id, month)
        assert chart.last_day(month) == last
        assert last + timedelta(days=1) == date.fromisoformat(f"{chart.months_after(last, 1)}-01")
