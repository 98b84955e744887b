"""Rights, roles, reach."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from volunteer import access, accounts, service_days, teams
from volunteer.errors import NotAllowed, NotFound
from volunteer.service_days import ServiceDay


def test_a_role_in_an_area_reaches_everything_below(
    here: Any,
    office: accounts.User,
    street_office: accounts.User,
    other_office: accounts.User,
    day: ServiceDay,
) -> None:
    for person, may in [(office, True), (street_office, True), (other_office, False)]:
        with here.signed_in(person):
            assert access.may("roll.read", day) is may


def test_a_role_in_a_team_reaches_that_team(
    here: Any, lao_wang: accounts.User, xiaoman: accounts.User, day: ServiceDay, nankeng: Any
) -> None:
    other = teams.approve(teams.found(xiaoman, nankeng, "青年志愿服务队", "youth", "周末助学。"))
    with here.signed_in(lao_wang):
        assert access.may("roll.read", day) and access.may("team.members")
        assert not access.may("team.members", other)


def test_out_of_reach_looks_like_not_there(here: Any, other_office: accounts.User, day: ServiceDay) -> None:
    with here.signed_in(other_office):
        with pytest.raises(NotFound) as refused:
            access.find(ServiceDay, day.id, right="roll.read")
        with pytest.raises(NotFound) as missing:
            access.find(ServiceDay, 10_000, right="roll.read")
        assert str(refused.value) == str(missing.value)


def test_without_the_right_it_is_not_allowed(here: Any, xiaoman: accounts.User) -> None:
    with here.signed_in(xiaoman), pytest.raises(NotAllowed):
        access.require("roll.read")


def test_a_list_is_narrowed_to_what_is_in_reach(
    here: Any, office: accounts.User, other_office: accounts.User, lao_wang: accounts.User, day: ServiceDay
) -> None:
    for person, seen in [(office, [day.id]), (lao_wang, [day.id]), (other_office, [])]:
        with here.signed_in(person):
            rows = access.within(select(ServiceDay.id), ServiceDay, "roll.read")
            from volunteer.db import db

            assert list(db.session.scalars(rows)) == seen


def test_ones_own_is_ones_own(
    here: Any, xiaoman: accounts.User, daming: accounts.User, day: ServiceDay
) -> None:
    mine = service_days.sign_up(xiaoman, day)
    with here.signed_in(xiaoman):
        assert access.may("self", mine)
    with here.signed_in(daming):
        assert not access.may("self", mine)


def test_an_area_whose_number_begins_alike_is_another_area() -> None:
    hold = access.Hold("community_admin", area_path="/1/4/")

    class Thing:
        reach = access.Reach(area="area_path")
        area_path = "/1/40/"

    assert not access._covers(hold, Thing(), "roll.read")
    Thing.area_path = "/1/4/9/"
    assert access._covers(hold, Thing(), "roll.read")


def test_a_role_that_has_run_out_gives_nothing(
    here: Any, clock: Any, xiaoman: accounts.User, nankeng: Any
) -> None:
    from datetime import date

    accounts.appoint(xiaoman, "community_admin", area=nankeng, until=date(2026, 3, 8))
    here.commit()
    with here.signed_in(xiaoman):
        assert access.may("inbox.read")
    clock.move("2026-03-09 09:00")
    from volunteer.db import db

    again = db.session.get_one(accounts.User, xiaoman.id)
    again.__dict__.pop("holds", None)
    with here.signed_in(again):
        assert not access.may("inbox.read")
