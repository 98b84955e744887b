"""For whom an offer is: an area, so many stars, so many a day."""

from datetime import date

import pytest

from rewards import offers, vouchers
from volunteer import accounts, community, hours
from volunteer.db import db
from volunteer.hours import ServiceRecord


@pytest.fixture
def serve(team):
    """`serve(person, 100)`: hours that were confirmed long ago, grade A unless told otherwise."""

    def add(person, hours_served, grade="A"):
        from volunteer import clock

        at = clock.now()
        db.session.add(
            ServiceRecord(
                volunteer_id=person.id, team_id=team.id, area_path=person.area_path, on=date(2026, 1, 1),
                minutes=int(hours_served * 60), grade=grade, state="confirmed", points=0, formula={},
                source=f"test:{person.id}:{grade}:{hours_served}", recorded_at=at,
            )
        )  # fmt: skip
        db.session.flush()

    return add


def test_those_who_live_there_have_it_and_others_are_told_where(
    make_offer, nankeng, xiaoman, passer_by, give_points
):
    """M4: an offer for one community."""
    offer = make_offer(for_area_path=nankeng.path)
    for person in (xiaoman, passer_by):
        give_points(person, 30)
    assert vouchers.claim(xiaoman, offer.id).state == "claimed"
    with pytest.raises(offers.gates.NotYourArea) as refused:
        vouchers.claim(passer_by, offer.id)
    assert refused.value.facts == {"area": "南坑社区"} and refused.value.code == "offer.area"


def test_a_grid_is_smaller_than_its_community(make_offer, nankeng, xiaoman, give_points):
    grid = community.add("grid", "第一网格", nankeng)
    give_points(xiaoman, 30)
    with pytest.raises(offers.gates.NotYourArea):
        vouchers.claim(xiaoman, make_offer(for_area_path=grid.path).id)


def test_an_area_that_lies_elsewhere_now_is_not_the_one_that_was_meant(bantian, nankeng):
    assert offers.gates.area_at(nankeng.path) == nankeng
    assert offers.gates.area_at(f"/999/{nankeng.id}/") is None


def test_a_community_with_a_longer_number_is_another_one(make_offer, bantian, nankeng, give_points):
    """M4: a path is compared with its slash, so that 1 is not 10."""
    for n in range(nankeng.id * 10):
        community.add("community", f"第{n}社区", bantian)
    longer = next(
        area
        for area in community.communities()
        if str(area.id).startswith(str(nankeng.id)) and area != nankeng
    )
    person = accounts.register(name="邻居", phone="13800000077", home=longer, birth_on=date(1990, 1, 1))
    give_points(person, 30)
    with pytest.raises(offers.gates.NotYourArea):
        vouchers.claim(person, make_offer(for_area_path=nankeng.path).id)


def test_a_star_is_worked_out_from_hours_and_days(clock, xiaoman, serve):
    """M3, V18: 100 hours and 182 days are one star; what was filed later does not count."""
    serve(xiaoman, 99)
    clock.move("2026-09-05 09:00")
    assert hours.star_standing(xiaoman).stars == 0
    serve(xiaoman, 1, "C")
    assert hours.star_standing(xiaoman).stars == 0
    serve(xiaoman, 1, "B")
    assert hours.star_standing(xiaoman).stars == 1
    clock.move("2026-09-04 09:00")
    assert hours.star_standing(xiaoman).stars == 0


def test_what_is_missing_for_a_star_is_said(clock, make_offer, xiaoman, serve, visitor):
    """M3: a star benefit refuses with the hours, or the days, that are missing."""
    offer = make_offer(kind="star", points=0, least_star=1, title="九折")
    serve(xiaoman, 40)
    with pytest.raises(offers.gates.TooFewStars) as refused:
        vouchers.claim(xiaoman, offer.id)
    assert refused.value.facts == {"needed": 1, "have": 0, "missing_hours": 60}
    serve(xiaoman, 0.5)
    with pytest.raises(offers.gates.TooFewStars) as refused:
        vouchers.claim(xiaoman, offer.id)
    assert refused.value.facts["missing_hours"] == 60, "59 and a half are not 59"
    serve(xiaoman, 59.5)
    with pytest.raises(offers.gates.TooEarlyForStars) as later:
        vouchers.claim(xiaoman, offer.id)
    assert later.value.facts["needed_days"] == 182 and later.value.code == "offer.stars"
    assert "注册满 182 天就到了" in visitor(xiaoman).get(f"/offers/{offer.id}").words


def test_a_star_has_it_without_points(clock, make_offer, xiaoman, serve):
    """M3: no points are held and none are owed."""
    offer = make_offer(kind="star", points=0, least_star=1)
    serve(xiaoman, 100)
    clock.move("2026-10-01 09:00")
    assert vouchers.claim(xiaoman, offer.id).points == 0


def test_so_many_a_day_and_more_tomorrow(clock, make_offer, make_volunteers, give_points):
    """M4: the limit of a day is counted anew at midnight, and what was cancelled counts no more."""
    offer = make_offer(daily_limit=2, stock=9)
    people = make_volunteers(4)
    for person in people:
        give_points(person, 30)
    first = vouchers.claim(people[0], offer.id)
    vouchers.claim(people[1], offer.id)
    with pytest.raises(vouchers.DailyLimit) as refused:
        vouchers.claim(people[2], offer.id)
    assert refused.value.facts == {"limit": 2} and offer.stock == 7
    vouchers.cancel(first)
    vouchers.claim(people[2], offer.id)
    with pytest.raises(vouchers.DailyLimit):
        vouchers.claim(people[3], offer.id)
    clock.move("2026-03-08 00:00")
    assert vouchers.claim(people[3], offer.id).state == "claimed"
