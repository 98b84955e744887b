"""Points from one of a household to another: all or none, each side named, within what a month allows."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rewards import giving
from rewards.giving import family as households_
from rewards.giving import gifts
from volunteer import accounts, households, ledger
from volunteer.notices import Notice, shown


def moves(person):
    return [(entry.move, entry.points) for entry in ledger.queries.all_entries(person.id)]


def test_points_keep_the_months_they_end_in(xiaoman, grandma, family, earn, db, broken):
    """LG-35, V21: out of the soonest purses, into purses of the same months; both statements say so, both are told."""
    earn(xiaoman, 30, ends="2026-05")
    earn(xiaoman, 90)
    giving.family.give(xiaoman, grandma.id, 50)
    assert [(p.month, p.amount) for p in ledger.purses(grandma.id)] == [("2026-05", 30), ("2028-03", 20)]
    assert [(p.month, p.amount) for p in ledger.purses(xiaoman.id)] == [("2028-03", 70)]
    assert moves(xiaoman)[0] == ("gift_out", -50) and moves(grandma) == [("gift_in", 50)]
    words = {
        one.user_id: str(shown(one))
        for one in db.session.scalars(select(Notice).where(Notice.key.startswith("family-gift:")))
    }
    assert words == {
        xiaoman.id: "你转给李桂芳的 50 分到了。",
        grandma.id: "小满转给你 50 分，到期的日子和原来一样。",
    }
    assert broken() == []


def test_whoever_helps_and_whoever_is_helped_may_both_give(xiaoman, grandma, family, earn):
    earn(grandma, 50)
    giving.family.give(grandma, xiaoman.id, 10)
    assert ledger.balance(xiaoman.id) == 10


def test_points_never_go_to_strangers(xiaoman, daming, grandma, earn, here):
    """V21, LG-35: not to a neighbour, not to oneself, not to nobody, and not while the other has not agreed."""
    earn(xiaoman, 100)
    households.proxies.ask(xiaoman, "13800000003", "李桂芳", helps=True)
    for other in (daming.id, xiaoman.id, 9999, grandma.id):
        with pytest.raises(households_.NotFamily):
            giving.family.give(xiaoman, other, 10)
    assert ledger.balance(xiaoman.id) == 100


def test_when_the_link_ends_so_does_this(xiaoman, grandma, family, earn):
    earn(xiaoman, 100)
    households.proxies.end(family, grandma)
    with pytest.raises(households_.NotFamily):
        giving.family.give(xiaoman, grandma.id, 10)


def test_children_neither_give_nor_get(xiaoman, grandma, family, earn, db):
    """V21: whoever is linked and turns out to be a child hands nothing on."""
    earn(xiaoman, 100)
    grandma.birth_on = date(2012, 1, 1)
    with pytest.raises(households_.NotGrown):
        giving.family.give(xiaoman, grandma.id, 10)
    with pytest.raises(households_.NotGrown):
        giving.family.give(grandma, xiaoman.id, 10)


def test_a_suspended_relative_gets_nothing(xiaoman, grandma, family, earn):
    earn(xiaoman, 100)
    accounts.suspend(grandma, "核实情况")
    with pytest.raises(households_.NotActive):
        giving.family.give(xiaoman, grandma.id, 10)


def test_a_suspended_person_hands_nothing_on_and_is_not_offered(xiaoman, grandma, family, earn):
    """V21: not even with a tap that was on its way; and nobody is shown a relative who could not be given anything."""
    earn(grandma, 100)
    assert [one.id for one in giving.family.members(xiaoman.id)] == [grandma.id]
    accounts.suspend(grandma, "核实情况")
    with pytest.raises(households_.NotActive):
        giving.family.give(grandma, xiaoman.id, 10)
    assert giving.family.members(xiaoman.id) == [] and ledger.balance(xiaoman.id) == 0


@pytest.mark.parametrize("points", [9, 0, -10, 201])
def test_ten_to_two_hundred_at_a_time(xiaoman, grandma, family, earn, points):
    earn(xiaoman, 500)
    with pytest.raises(households_.OutOfRange):
        giving.family.give(xiaoman, grandma.id, points)


def test_two_hundred_a_month_go_out(xiaoman, grandma, family, earn, clock, broken):
    """V21: until the month is over; what was taken back does not count."""
    earn(xiaoman, 500)
    giving.family.undo(giving.family.give(xiaoman, grandma.id, 150))
    giving.family.give(xiaoman, grandma.id, 150)
    with pytest.raises(households_.GivenEnough) as refused:
        giving.family.give(xiaoman, grandma.id, 60)
    assert refused.value.facts == {"most": 200, "left": 50}
    clock.move("2026-04-01 00:00")
    giving.family.give(xiaoman, grandma.id, 200)
    assert broken() == []


def test_two_hundred_a_month_come_in(xiaoman, daming, grandma, family, earn, here):
    """V21: from however many relatives."""
    households.proxies.ask(daming, "13800000003", "李桂芳", helps=True)
    (asked,) = [row for row in households.queries.of(grandma.id) if row.Proxy.state == "asked"]
    households.proxies.agree(asked.Proxy, grandma)
    earn(xiaoman, 500)
    earn(daming, 500)
    giving.family.give(xiaoman, grandma.id, 150)
    with pytest.raises(households_.GotEnough) as refused:
        giving.family.give(daming, grandma.id, 60)
    assert refused.value.facts["left"] == 50


def test_a_full_purse_takes_no_more(xiaoman, grandma, family, earn):
    """V15: what one may hold is not got around through the family."""
    earn(xiaoman, 100)
    earn(grandma, 14_995)
    with pytest.raises(households_.HoldsEnough):
        giving.family.give(xiaoman, grandma.id, 10)


def test_only_what_is_there_is_handed_on(xiaoman, grandma, family, earn, top):
    """LG-32: points above the caps are for projects only."""
    earn(xiaoman, 15)
    top(xiaoman, 500)
    with pytest.raises(ledger.Insufficient):
        giving.family.give(xiaoman, grandma.id, 20)


def test_a_double_tap_hands_on_once(xiaoman, grandma, family, earn):
    earn(xiaoman, 100)
    first = giving.family.give(xiaoman, grandma.id, 20, once="tap-1")
    assert giving.family.give(xiaoman, grandma.id, 20, once="tap-1") is first
    assert ledger.balance(grandma.id) == 20


@pytest.mark.parametrize(
    ("values", "check"), [({"points": 0}, "points"), ({"points": 201}, "points"), ({"to": "giver"}, "two")]
)
def test_the_database_itself_keeps_to_the_limits(xiaoman, grandma, family, earn, db, values, check):
    """V21, T34: whatever the code forgets: two people, and never more at once than a month allows."""
    earn(xiaoman, 100)
    gift = giving.family.give(xiaoman, grandma.id, 20)
    wrong = {"receiver_id": xiaoman.id} if "to" in values else values
    with pytest.raises(IntegrityError, match=f"ck_family_gift_{check}"), db.session.begin_nested():
        db.session.execute(update(giving.FamilyGift).where(giving.FamilyGift.id == gift.id).values(**wrong))


def test_two_people_may_name_their_taps_alike(xiaoman, grandma, family, earn):
    """V21, LG-31: the name of a tap is its giver's; another's with the same name is another gift."""
    earn(xiaoman, 100)
    first = giving.family.give(xiaoman, grandma.id, 20, once="tap-1")
    back = giving.family.give(grandma, xiaoman.id, 10, once="tap-1")
    assert back.id != first.id and ledger.balance(xiaoman.id) == 90 and ledger.balance(grandma.id) == 10


def test_taken_back_it_stays_as_it_was_taken_back(xiaoman, grandma, family, earn, clock):
    """LG-35: asked for again an hour later it is not too late, and its moment stays."""
    earn(xiaoman, 90)
    gift = giving.family.undo(giving.family.give(xiaoman, grandma.id, 50))
    when = gift.undone_at
    clock.pass_(minutes=60)
    assert giving.family.undo(gift).undone_at == when and ledger.balance(xiaoman.id) == 90


def test_ten_minutes_to_take_it_back_while_it_is_there(xiaoman, grandma, family, earn, clock, broken):
    """LG-35: every point into the purse it left, once; afterwards it stays."""
    earn(xiaoman, 30, ends="2026-05")
    earn(xiaoman, 90)
    before = ledger.purses(xiaoman.id)
    gift = giving.family.give(xiaoman, grandma.id, 50)
    clock.pass_(minutes=10)
    giving.family.undo(gift)
    giving.family.undo(gift)
    assert ledger.purses(xiaoman.id) == before and ledger.purses(grandma.id) == []
    again = giving.family.give(xiaoman, grandma.id, 50)
    clock.pass_(minutes=10, seconds=1)
    with pytest.raises(gifts.TooLate):
        giving.family.undo(again)
    assert broken() == []


def test_what_is_spent_is_not_taken_back(xiaoman, grandma, family, earn, project, broken):
    earn(xiaoman, 90)
    gift = giving.family.give(xiaoman, grandma.id, 50)
    giving.give(grandma, project.id, 10)
    with pytest.raises(households_.Used):
        giving.family.undo(gift)


def test_what_was_handed_on_before_midnight_of_the_last_day_stays(xiaoman, grandma, family, earn, clock):
    """V14: it would come home to a purse that is over."""
    clock.move("2026-03-31 23:58")
    earn(xiaoman, 30, ends="2026-03")
    gift = giving.family.give(xiaoman, grandma.id, 30)
    clock.move("2026-04-01 00:02")
    with pytest.raises(gifts.TooLate):
        giving.family.undo(gift)
