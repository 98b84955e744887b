"""Two streets, two schemes: what one of them decides changes nothing in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import with_factor
from volunteer import (
    accounts,
    activities,
    checkin,
    community,
    hours,
    ledger,
    notices,
    rulebook,
    service_days,
    teams,
)
from volunteer.db import db
from volunteer.ledger import rules
from volunteer.rulebook import drafts
from volunteer.service_days import absences
from volunteer.supplements import queries as supplements

SUNDAY = date(2026, 3, 8)


@dataclass
class Street:
    """A street with a community, two administrators, a leader, a volunteer, a team and a day on Sunday, 09:00–11:30."""

    area: community.Area
    home: community.Area
    chief: accounts.User
    deputy: accounts.User
    leader: accounts.User
    volunteer: accounts.User
    activity: activities.Activity
    day: service_days.ServiceDay

    def serve(self, minutes: int = 120) -> hours.ServiceRecord:
        return hours.record_stay(
            source=f"attendance:{self.area.id}", volunteer_id=self.volunteer.id, day=self.day,
            activity=self.activity, minutes=minutes, grade="A",
            **hours.so_far(self.volunteer.id, self.day.on),
        )  # fmt: skip


@pytest.fixture
def make_street(here: Any) -> Callable[[str, int], Street]:
    def make(name: str, digit: int) -> Street:
        area = community.add("street", f"{name}街道")
        home = community.add("community", f"{name}社区", area)
        people = [
            accounts.register(
                name=f"{name}{who}", phone=f"1380000{digit}{n:03}", home=home, birth_on=date(1985, 1, 9)
            )
            for n, who in enumerate(("主任", "副主任", "队长", "志愿者"))
        ]
        for chief in people[:2]:
            accounts.appoint(chief, "street_admin", area=area)
            with_factor(chief)
        team = teams.approve(teams.found(people[2], home, f"{name}服务队", "party", "周末清洁社区。"))
        activity = activities.publish(
            activities.propose(
                people[2], team, title="清洁家园", category="green", content="一起把社区的小路和花坛清扫干净。",
                place_name="党群服务中心", place_address="中心路 12 号一楼大厅", risk="路面湿滑，请穿防滑的鞋。",
                guarantees="提供手套、夹子、饮水和意外保险。",
            )
        )  # fmt: skip
        begins = datetime.fromisoformat("2026-03-08T09:00:00+08:00")
        day = service_days.add_day(activity, begins, begins + timedelta(minutes=150), 10)
        return Street(area, home, people[0], people[1], people[2], people[3], activity, day)

    return make


@pytest.fixture
def bantian_street(make_street: Callable[[str, int], Street]) -> Street:
    """坂田, which decides on rules of its own."""
    return make_street("坂田", 1)


@pytest.fixture
def buji(make_street: Callable[[str, int], Street]) -> Street:
    """布吉, which has decided nothing."""
    return make_street("布吉", 2)


@pytest.fixture
def decide(bantian_street: Street, buji: Street, clock: Any) -> Iterator[Callable[..., None]]:
    """`decide(points_per_hour=20)`: those are 坂田's numbers from Sunday on; it is Sunday morning."""

    def one(**params: Any) -> None:
        rules.publish(params, SUNDAY, "坂田自己的", area_path=bantian_street.area.path)
        clock.move("2026-03-08 08:00")

    return one


def test_an_hour_is_worth_what_its_street_says(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any
) -> None:
    """A3: points, the purse they go into and the formula by the rules of where one served."""
    decide(points_per_hour=20, points_ttl_months=12)
    clock.move("2026-03-08 12:00")
    ours, theirs = bantian_street.serve(), buji.serve()
    assert (ours.points, ours.formula["rule"], theirs.points, theirs.formula["rule"]) == (40, 2, 20, 1)
    (purse,), (other,) = (ledger.purses(one.volunteer.id) for one in (bantian_street, buji))
    assert (purse.expires_on, other.expires_on) == (date(2027, 3, 31), date(2028, 3, 31))
    assert ledger.inspect() == []


def test_the_roll_stands_and_the_check_out_closes_when_the_street_says(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any
) -> None:
    """A3: sums over all days ask each by its own rules."""
    for one in (bantian_street, buji):
        service_days.sign_up(one.volunteer, one.day)
    decide(roster_confirm_hours=10, checkout_close=240)
    assert service_days.windows(bantian_street.day).checkout_closes == service_days.windows(
        buji.day
    ).checkout_closes + timedelta(minutes=180)
    closes = {
        at: db.session.scalars(
            select(service_days.ServiceDay.id).where(
                service_days.checkout_over(clock.move(f"2026-03-08 {at}"))
            )
        ).all()
        for at in ("12:30", "12:31", "15:30", "15:31")
    }
    assert closes == {
        "12:30": [], "12:31": [buji.day.id], "15:30": [buji.day.id], "15:31": [bantian_street.day.id, buji.day.id],
    }  # fmt: skip
    for one in (bantian_street, buji):
        service_days.close(one.day)
    assert absences.days_owed(clock.move("2026-03-08 22:00")) == [bantian_street.day.id]
    assert absences.days_owed(clock.move("2026-03-12 22:00")) == [bantian_street.day.id, buji.day.id]


def test_somebody_forgotten_at_the_gate_is_checked_out_when_their_street_says(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any
) -> None:
    decide(checkout_close=240)
    for one in (bantian_street, buji):
        service_days.sign_up(one.volunteer, one.day)
    clock.move("2026-03-08 09:00")
    for one in (bantian_street, buji):
        checkin.manual(one.day, one.volunteer, reason="手机没电了", by=one.leader)
    assert checkin.close_forgotten(clock.move("2026-03-08 12:45")) == 1
    assert checkin.close_forgotten(clock.move("2026-03-08 15:45")) == 1


def test_late_hours_are_asked_for_as_long_as_the_street_lets_one(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any
) -> None:
    for one in (bantian_street, buji):
        service_days.sign_up(one.volunteer, one.day)
    decide(supplement_window_days=2)
    clock.move("2026-03-12 09:00")
    assert supplements.candidates(bantian_street.volunteer) == []
    assert [row.ServiceDay.id for row in supplements.candidates(buji.volunteer)] == [buji.day.id]


def test_a_team_s_points_of_the_month_are_its_street_s(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any
) -> None:
    """T06: a budget of 10 in one street, none reached in the other; 0 is off."""
    later = [
        service_days.add_day(one.activity, one.day.starts_at + timedelta(days=7), one.day.ends_at + timedelta(days=7), 10)
        for one in (bantian_street, buji)
    ]  # fmt: skip
    decide(team_monthly_points=10)
    clock.move("2026-03-08 12:00")
    bantian_street.serve(), buji.serve()
    assert hours.hold_over_budget(date(2026, 3, 9)) == 1
    assert [day.review for day in later] == ["budget", None]


def test_a_person_s_limits_are_those_of_where_they_live(
    decide: Callable[..., None], bantian_street: Street, buji: Street, clock: Any, here: Any
) -> None:
    """A3: stars and absences go by home, not by the place of the day."""
    decide(star_hours=[1, 300, 600, 1000, 1500], star_min_days=[1, 182, 365, 365, 730], noshow_limit=1)
    clock.move("2026-03-08 12:00")
    for one in (bantian_street, buji):
        one.serve()
    assert [hours.star_standing(one.volunteer).stars for one in (bantian_street, buji)] == [1, 0]
    assert [service_days.standing(one.volunteer).limit for one in (bantian_street, buji)] == [1, 3]


def test_a_draft_is_tried_on_its_own_street_and_told_there(
    bantian_street: Street, buji: Street, clock: Any
) -> None:
    """A3: nobody decides for a neighbour, reads the neighbour's people in a trial, or is told of it."""
    clock.move("2026-03-08 12:00")
    for one in (bantian_street, buji):
        one.serve()
    clock.move("2026-03-09 12:00")
    draft = drafts.edit(
        drafts.begin(buji.chief),
        {"points_per_hour": 20, "annual_cap_points": 20, "balance_cap_points": 20},
        date(2026, 5, 1),
        "二十分",
    )
    trial = rulebook.try_out(draft.params, draft.area_path)
    assert (trial["records"], trial["before"], trial["after"]) == (1, 20, 40)
    assert [one["number"] for one in trial["up"]] == [buji.volunteer.volunteer_no]
    assert trial["full"]["after"] == {"balance": 1, "year": 1}
    drafts.keep(draft, dict(draft.params), trial)
    drafts.propose(draft)
    drafts.adopt(draft, buji.deputy)
    told = set(
        db.session.scalars(select(notices.Notice.user_id).where(notices.Notice.link.startswith("/rules")))
    )
    assert told == {buji.chief.id, buji.deputy.id, buji.leader.id}
    on = date(2026, 5, 1)
    assert [ledger.tariff(on, one.area.path).points_per_hour for one in (bantian_street, buji)] == [10, 20]
    # What a neighbour adopted meanwhile sends nobody back to the trial.
    mine = drafts.begin(bantian_street.chief)
    assert mine.params == {} and mine.area_path == bantian_street.area.path


def test_each_street_reads_and_agrees_to_its_own(
    visitor: Any, bantian_street: Street, buji: Street, clock: Any, here: Any
) -> None:
    """A3, S31: the neighbour's draft is not there for me; the public page says whose rules it shows."""
    draft = drafts.begin(buji.chief)
    rules.publish({"points_per_hour": 20}, SUNDAY, "坂田二十分", area_path=bantian_street.area.path)
    clock.move("2026-03-08 08:00")
    here.commit()
    desk = visitor(bantian_street.chief)
    for act in ("trial", "proposal", "adoption", "return", "removal"):
        assert desk.post(f"/office/rules/{draft.id}/{act}", {"reason": "不好"}).status_code == 404
    assert desk.get(f"/office/rules/{draft.id}").status_code == 404
    said = desk.get("/office/rules").words
    assert "坂田街道现在用的是第 2 版" in said and "布吉" not in said
    assert "服务一小时 20 分" in desk.get("/rules").words
    assert "服务一小时 10 分" in visitor(buji.volunteer).get("/rules").words
    stranger = visitor().get(f"/rules?street={buji.area.id}")
    assert "布吉街道" in stranger.words and "服务一小时 10 分" in stranger.words
    assert f"/rules?street={bantian_street.area.id}" in stranger.text
