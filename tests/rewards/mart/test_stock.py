"""A mart's stock: donated with thanks, counted with reasons, booked by two where much differs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from rewards import partners
from rewards.mart import Count, baskets, counting, deliveries, queries
from volunteer import clock as wall
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Invalid

TODAY = date(2026, 3, 7)


@pytest.fixture
def deputy_keeper(love_mart):
    return partners.invite(love_mart, name="吴小丽", phone="13800000072")


def test_what_is_donated_stands_on_the_shelf_and_in_the_thanks(here, rice, keeper, love_mart):
    """S0-36: stock, history and thanks in one go."""
    deliveries.take_in(rice, "坂田粮油店", 20, TODAY, by=keeper, note="保质期到 9 月")
    assert (rice.stock, rice.given_in) == (30, 30)
    ((one, title),) = queries.deliveries(love_mart)
    assert (one.donor, one.quantity, title, one.taken_in_by) == ("坂田粮油店", 20, "大米一袋", keeper.id)


@pytest.mark.parametrize(("named", "kept"), [("full", "陈淑珍"), ("masked", "陈*珍"), ("nameless", None)])
def test_a_donor_is_kept_only_as_they_want_to_be_read(rice, keeper, named, kept):
    assert deliveries.take_in(rice, "陈淑珍", 1, TODAY, by=keeper, named=named).donor == kept


def test_the_same_form_twice_is_one_delivery(rice, keeper):
    first = deliveries.take_in(rice, "陈淑珍", 5, TODAY, by=keeper, once="form-1")
    assert deliveries.take_in(rice, "陈淑珍", 5, TODAY, by=keeper, once="form-1").id == first.id
    assert rice.stock == 15


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), TODAY - timedelta(days=32)])
def test_a_delivery_is_of_the_last_days(rice, keeper, on):
    with pytest.raises(deliveries.BadDay):
        deliveries.take_in(rice, "陈淑珍", 5, on, by=keeper)


def test_a_name_is_asked_for_where_one_is_to_be_written(rice, keeper):
    with pytest.raises(Invalid):
        deliveries.take_in(rice, "", 5, TODAY, by=keeper)


@pytest.mark.parametrize("quantity", [0, -5, 10_001])
def test_a_delivery_is_of_some_pieces_and_of_no_ten_thousands(rice, keeper, quantity):
    """S0-36: a number below nothing takes nothing off the shelf."""
    with pytest.raises(Invalid):
        deliveries.take_in(rice, "陈淑珍", quantity, TODAY, by=keeper)
    assert rice.stock == 10


def counted(love_mart, numbers, by):
    made = counting.count(love_mart, numbers, by=by)
    return made, {title: line for line, title in counting.lines(made)}


def test_what_is_claimed_and_not_fetched_is_expected_too(basket, love_mart, rice, oil, keeper):
    """S0-36: eight are free, two wait for 小满: ten should stand there, and nothing differs."""
    made, lines = counted(love_mart, {rice.id: 10, oil.id: 3}, keeper)
    assert {line.difference for line in lines.values()} == {0} and not made.large
    assert counting.settle(made, {}, by=keeper).state == "booked"
    assert (rice.stock, oil.stock) == (8, 2)


def test_a_difference_is_booked_with_its_reason(here, love_mart, rice, oil, keeper):
    made, lines = counted(love_mart, {rice.id: 9}, keeper)
    line = lines["大米一袋"]
    assert rice.stock == 10, "looked at before it is booked"
    with pytest.raises(counting.ReasonNeeded):
        counting.settle(made, {}, by=keeper)
    counting.settle(made, {line.id: "broken"}, by=keeper)
    assert (made.state, rice.stock, oil.stock) == ("booked", 9, 3), "what was not counted stays"
    assert counting.settle(made, {line.id: "broken"}, by=keeper) and rice.stock == 9, "once"
    here.commit()
    assert {finding.name for finding in ledger.inspect()} == set()


@pytest.mark.parametrize(("expected", "found", "large"), [(100, 95, False), (100, 94, True), (10, 8, False), (10, 7, True), (0, 1, True)])  # fmt: skip
def test_more_than_five_or_a_fifth_takes_a_second_person(
    love_mart, make_offer, keeper, expected, found, large
):
    soap = make_offer(partner=love_mart, title="肥皂", stock=expected)
    made, _lines = counted(love_mart, {soap.id: found}, keeper)
    assert made.large is large


def test_who_counted_does_not_confirm(here, love_mart, rice, keeper, deputy_keeper):
    """Two people for what is like money: the act says so, and so does the database."""
    made, lines = counted(love_mart, {rice.id: 2}, keeper)
    counting.settle(made, {lines["大米一袋"].id: "lost"}, by=keeper)
    assert (made.state, rice.stock) == ("asked", 10)
    with pytest.raises(counting.SecondPerson):
        counting.confirm(made, by=keeper)
    counting.confirm(made, by=deputy_keeper)
    assert (made.state, made.confirmed_by, rice.stock) == ("booked", deputy_keeper.id, 2)
    assert counting.confirm(made, by=deputy_keeper) and rice.stock == 2
    here.commit()
    made.confirmed_by = keeper.id
    with pytest.raises(IntegrityError):
        db.session.flush()
    here.undo()


def test_a_large_difference_is_not_booked_by_one_in_the_database_either(here, love_mart, keeper):
    db.session.add(
        Count(
            partner_id=love_mart.id,
            area_path=love_mart.area_path,
            state="booked",
            large=True,
            counted_by=keeper.id,
            counted_at=wall.now(),
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()
    here.undo()


def test_what_is_claimed_between_counting_and_booking_is_taken_into_account(
    here, love_mart, rice, keeper, xiaoman, give_points
):
    """Nine of ten were there; two are claimed before it is booked: seven are left to claim, nine stand there."""
    made, lines = counted(love_mart, {rice.id: 9}, keeper)
    give_points(xiaoman, 100)
    baskets.fill(xiaoman, love_mart, {rice.id: 2})
    counting.settle(made, {lines["大米一袋"].id: "broken"}, by=keeper)
    assert rice.stock == 7


def test_more_is_never_taken_off_than_stands_there(here, love_mart, oil, keeper, deputy_keeper, xiaoman, give_points):  # fmt: skip
    """All but one are missing, and the rest is claimed meanwhile: nothing is booked, and one counts again."""
    made, lines = counted(love_mart, {oil.id: 1}, keeper)
    counting.settle(made, {lines["花生油一瓶"].id: "lost"}, by=keeper)
    give_points(xiaoman, 100)
    baskets.fill(xiaoman, love_mart, {oil.id: 2})
    here.commit()
    with pytest.raises(counting.ClaimedMeanwhile):
        counting.confirm(made, by=deputy_keeper)
    here.undo()
    assert (oil.stock, made.state) == (1, "asked")
    counting.drop(made)
    assert counting.count(love_mart, {oil.id: 3}, by=keeper).state == "draft"


def test_one_count_at_a_time(here, love_mart, rice, keeper):
    counting.count(love_mart, {rice.id: 10}, by=keeper)
    with pytest.raises(counting.CountOpen):
        counting.count(love_mart, {rice.id: 9}, by=keeper)


def test_what_is_over_is_not_changed(here, love_mart, rice, keeper, deputy_keeper):
    made, _lines = counted(love_mart, {rice.id: 10}, keeper)
    counting.drop(made)
    for act in (
        lambda: counting.settle(made, {}, by=keeper),
        lambda: counting.confirm(made, by=deputy_keeper),
    ):
        with pytest.raises(counting.CountOver):
            act()
    with pytest.raises(counting.NothingCounted):
        counting.count(love_mart, {}, by=keeper)
    booked, _ = counted(love_mart, {rice.id: 10}, keeper)
    counting.settle(booked, {}, by=keeper)
    with pytest.raises(counting.CountOver):
        counting.drop(booked)
