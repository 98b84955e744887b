"""The purse that ends soonest pays first; what comes back goes home. LG-18 … LG-24, LG-27, LG-28, LG-31, T30, T31."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from tests.strict import statements
from volunteer import ledger
from volunteer.ledger import chart


@pytest.fixture
def two_purses(earn, xiaoman):
    """100 until the end of January 2028 and 100 until the end of March 2028."""
    earn(xiaoman, 100, "record:1", on=date(2026, 1, 20))
    earn(xiaoman, 100, "record:2", on=date(2026, 3, 1))
    return xiaoman


def months(person):
    return [(purse.month, purse.amount) for purse in ledger.purses(person.id)]


def test_the_purse_that_ends_soonest_pays_first(two_purses, claim):
    """LG-27."""
    took = claim(two_purses, 130, 1)
    assert [(line.source[-7:], line.amount) for line in took.postings] == [("2028-01", 100), ("2028-03", 30)]
    assert months(two_purses) == [("2028-03", 70)]
    assert ledger.held_total(two_purses.id) == 130


def test_what_was_spent_early_does_not_expire_twice(two_purses, claim, clock):
    """LG-28: earn 100 for January, earn 100 for March, spend 80 in December; January ends: 100 are left, not 20."""
    clock.move("2027-12-15 10:00")
    claim(two_purses, 80, 1)
    clock.move("2028-02-01 00:20")
    assert ledger.expire(date(2028, 2, 1)) == 20
    assert ledger.balance(two_purses.id) == 100


def test_a_purse_past_its_month_pays_nothing_swept_or_not(two_purses, claim, clock):
    """Trap 5, T30: the first second of February, and the sweep has not run."""
    clock.move("2028-01-31 23:59:59")
    assert ledger.balance(two_purses.id) == 200
    clock.move("2028-02-01 00:00:00")
    assert ledger.balance(two_purses.id) == 100
    with pytest.raises(ledger.Insufficient) as short:
        claim(two_purses, 101, 1)
    assert short.value.facts == {"balance": 100, "missing": 1}
    assert claim(two_purses, 100, 1).postings[0].source.endswith("2028-03")
    assert ledger.expire(date(2028, 2, 1)) == 100
    assert ledger.at(chart.EXPIRED) == 100


def test_a_wait_for_the_lock_that_crosses_midnight_spends_nothing_of_last_month(two_purses, claim, clock, db):
    """T30: the month is read again once the purses are ours."""
    clock.move("2028-01-31 23:59:59")

    def midnight(_connection, _cursor, statement, *_):
        if statement.lstrip().startswith("SELECT ledger_balance"):
            clock.move("2028-02-01 00:00:00")

    event.listen(db.engine, "after_cursor_execute", midnight)
    try:
        took = claim(two_purses, 100, 1)
    finally:
        event.remove(db.engine, "after_cursor_execute", midnight)
    assert [line.source[-7:] for line in took.postings] == ["2028-03"]


def test_a_repeat_after_the_month_turned_is_the_first_spending(two_purses, claim, clock):
    """LG-24."""
    clock.move("2028-01-31 23:59:59")
    first = claim(two_purses, 130, 1)
    clock.move("2028-02-01 00:30")
    again = claim(two_purses, 130, 1)
    assert again.repeated and again.postings == first.postings


def test_spending_takes_three_statements(two_purses, claim):
    with statements() as said:
        claim(two_purses, 130, 1)
    assert len(said) == 3


def test_a_hold_leaves_the_balance_at_once(earn, xiaoman, claim):
    """LG-19, LG-31: hold 50 of 100, then 70 is refused."""
    earn(xiaoman, 100)
    claim(xiaoman, 50, 1)
    with pytest.raises(ledger.Insufficient) as short:
        claim(xiaoman, 70, 2)
    assert short.value.facts == {"balance": 50, "missing": 20}
    assert (short.value.code, short.value.status) == ("ledger.insufficient", 409)


def test_points_come_back_to_the_purses_they_left(two_purses, claim, broken):
    claim(two_purses, 130, 1)
    back = ledger.release("claim:1", key="release:1")
    assert months(two_purses) == [("2028-01", 100), ("2028-03", 100)]
    assert ledger.release("claim:1", key="release:1").postings == back.postings
    with pytest.raises(ledger.Reversed):
        ledger.release("claim:1", key="release:1:again")
    assert ledger.at("held:1") == 0 and broken() == []


def test_points_come_back_thirty_days_on_when_their_month_is_past(two_purses, claim, clock, broken):
    """T31: no purse revives; held points do not expire meanwhile."""
    claim(two_purses, 130, 1)
    clock.move("2028-02-20 12:00")
    assert ledger.expire(date(2028, 2, 20)) == 0
    ledger.release("claim:1", key="release:1")
    assert months(two_purses) == [("2028-03", 200)]  # 21 March is thirty days on

    claim(two_purses, 200, 2)
    clock.move("2028-12-31 12:00")
    ledger.release("claim:2", key="release:2")
    assert months(two_purses) == [("2029-01", 200)]
    clock.move("2029-02-01 00:20")
    assert ledger.expire(date(2029, 2, 1)) == 200
    assert ledger.balance(two_purses.id) == 0 and broken() == []


def test_what_is_redeemed_does_not_come_back(two_purses, claim):
    """LG-18, LG-21, LG-23: nothing is left held, and nothing is taken twice."""
    claim(two_purses, 130, 1)
    ledger.transfer(
        ("held:1", "partner:7:owed", 130), move="redeem", key="redeem:1", volunteer_id=two_purses.id
    )
    with pytest.raises(ledger.Spent):
        ledger.release("claim:1", key="release:1")
    with pytest.raises(ledger.Insufficient):
        ledger.transfer(("held:1", "partner:7:owed", 130), move="redeem", key="redeem:1:again")
    assert ledger.at("held:1") == 0 and ledger.held_total(two_purses.id) == 0

    ledger.reverse("redeem:1", move="unredeem", new_key="unredeem:1", why={})
    ledger.release("claim:1", key="release:1")
    assert ledger.balance(two_purses.id) == 200 and ledger.at("partner:7:owed") == 0


def test_only_a_claim_is_released(earn, xiaoman):
    earn(xiaoman, 10)
    for key in ("record:1", "claim:9"):
        with pytest.raises(ledger.Unknown):
            ledger.release(key, key="release:1")


def test_points_about_to_expire_are_told(two_purses):
    assert ledger.expiring(two_purses.id, date(2028, 1, 30)) == 0
    assert ledger.expiring(two_purses.id, date(2028, 1, 31)) == 100
    assert ledger.expiring(two_purses.id, date(2028, 3, 31)) == 200


def test_the_sweep_runs_twice_and_empties_once(two_purses, earn, daming, clock, broken):
    earn(daming, 7, "record:3", on=date(2026, 1, 1))
    clock.move("2028-02-01 00:20")
    assert ledger.expire(date(2028, 2, 1)) == 107
    assert ledger.expire(date(2028, 2, 1)) == 0
    assert ledger.expire(date(2028, 3, 31)) == 0
    clock.move("2028-04-01 00:20")
    assert ledger.expire(date(2028, 4, 1)) == 100
    assert broken() == []
    gone = ledger.queries.all_entries(two_purses.id)[0]
    assert (gone.move, gone.points, gone.balance) == ("expire", -100, 0)


def test_the_sweep_takes_more_purses_than_fit_a_batch(here, monkeypatch, make_volunteers, earn, clock):
    monkeypatch.setattr("volunteer.ledger.expiry.BATCH", 3)
    for number, person in enumerate(make_volunteers(8), 1):
        earn(person, number, f"record:{number}")
    clock.move("2028-04-01 00:20")
    assert ledger.expire(date(2028, 4, 1)) == sum(range(1, 9))


def test_a_stranger_has_an_empty_purse(xiaoman):
    assert ledger.balance(xiaoman.id) == 0 and ledger.purses(xiaoman.id) == []
    with pytest.raises(ledger.Insufficient) as short:
        ledger.spend(xiaoman.id, 5, to="held:1", key="claim:1", why={})
    assert short.value.facts == {"balance": 0, "missing": 5}


def test_purses_of_two_people_whose_numbers_begin_alike_stay_apart(make_volunteers, earn):
    people = make_volunteers(12)
    first, tenth = (
        people[0],
        next(person for person in people if person.id == people[0].id * 10 + 0 or person.id >= 10),
    )
    earn(first, 10, "record:1")
    earn(tenth, 20, "record:2")
    assert (ledger.balance(first.id), ledger.balance(tenth.id)) == (10, 20)


def test_a_purse_filled_again_after_the_sweep_is_swept_again(earn, xiaoman, clock, broken):
    """A record of two years ago is confirmed late: its points go where they would have gone."""
    clock.move("2028-02-10 00:20")
    for number in range(1, 4):
        earn(xiaoman, 10 * number, f"record:{number}", on=date(2026, 1, 5))
        assert ledger.balance(xiaoman.id) == 0
        assert ledger.expire(date(2028, 2, 10)) == 10 * number
    assert ledger.at(chart.EXPIRED) == 60 and broken() == []
