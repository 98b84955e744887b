"""Heads counted against scans: a code shown to friends at home does not add up, and the office looks first."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from volunteer import accounts, activities, checkin, hours, ledger, service_days, signing
from volunteer.checkin import headcount, reviews
from volunteer.db import db

EVERYBODY = 21


@pytest.fixture
def crowd(
    clock: Any,
    make_day: Callable[..., service_days.ServiceDay],
    make_activity: Callable[..., activities.Activity],
    make_volunteers: Callable[[int], list[accounts.User]],
) -> tuple[service_days.ServiceDay, list[accounts.User]]:
    """Twenty-one who scanned in at nine."""
    day = make_day(of=make_activity(walk_ins=True), capacity=40)
    people = make_volunteers(EVERYBODY)
    clock.move("2026-03-08 09:00")
    for person in people:
        checkin.record(person, checkin.showing(day).code, signing.scan_id())
    return day, people


def _leave(clock: Any, day: service_days.ServiceDay, people: list[accounts.User]) -> None:
    clock.move("2026-03-08 11:30")
    for person in people:
        checkin.record(person, checkin.showing(day).code, signing.scan_id())


def test_a_day_with_clearly_more_scans_than_heads_waits_for_the_office(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User, here: Any
) -> None:
    """T02: over five per cent more check-ins than heads, and what is earned there waits in the office's inbox."""
    day, people = crowd
    clock.move("2026-03-08 10:00")
    counted = headcount.count(day, 19, lao_wang)
    assert (counted.people, counted.came, day.review) == (19, EVERYBODY, "head_count")
    _leave(clock, day, people)
    assert [ledger.balance(one.id) for one in people] == [0] * EVERYBODY
    assert hours.totals(people[0].id).waiting == 150

    with here.signed_in(office):
        (row,) = reviews.held()
        assert (row.people, row.came, row.waiting, row.points) == (19, EVERYBODY, EVERYBODY, EVERYBODY * 25)
    assert hours.release(day, by=office) == EVERYBODY
    assert [ledger.balance(one.id) for one in people] == [25] * EVERYBODY
    assert hours.release(day, by=office) == 0
    assert not [one for one in ledger.inspect() if one.count]


def test_what_was_paid_before_the_count_is_taken_back_from_those_who_were_not_there(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User, here: Any
) -> None:
    """T02: three watched from home and had left before anybody counted; their points go back, the others keep theirs."""
    day, people = crowd
    relayed, present = people[:3], people[3:]
    _leave(clock, day, relayed)
    assert [ledger.balance(one.id) for one in relayed] == [25] * 3
    headcount.count(day, len(present), lao_wang)
    _leave(clock, day, present)
    with here.signed_in(office):
        (row,) = reviews.held()
        assert (row.paid, row.waiting) == (75, len(present))
    for person in relayed:
        stay = db.session.scalars(db.select(checkin.Attendance).filter_by(volunteer_id=person.id)).one()
        checkin.reverse(stay, reason="不在现场", by=office)
        checkin.reverse(stay, reason="不在现场", by=office)
    assert hours.release(day, by=office) == len(present)
    assert [ledger.balance(one.id) for one in people] == [0] * 3 + [25] * len(present)
    here.commit()
    assert ledger.inspect() == []


def test_a_day_that_adds_up_pays_at_once(clock: Any, crowd: Any, lao_wang: accounts.User) -> None:
    """T02: one head missed in twenty-one is a counting error; heads without a scan are empty phones."""
    day, people = crowd
    for people_seen in (20, 30):
        headcount.count(day, people_seen, lao_wang)
        assert not day.held
    _leave(clock, day, people[:1])
    assert ledger.balance(people[0].id) == 25


def test_counting_again_replaces_the_number_and_what_the_office_cleared_stays_cleared(
    crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    day, _people = crowd
    headcount.count(day, 10, lao_wang)
    hours.release(day, by=office)
    assert headcount.count(day, 12, lao_wang).people == 12
    kept = headcount.of(day)
    assert kept and kept.people == 12 and day.review == "cleared"


def test_heads_are_counted_once_the_day_has_begun(
    clock: Any, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    with pytest.raises(headcount.NotBegun):
        headcount.count(day, 5, lao_wang)
    clock.move("2026-03-08 09:30")
    with pytest.raises(headcount.OutOfRange):
        headcount.count(day, -1, lao_wang)


def test_a_relay_is_found_and_a_slip_of_counting_is_not() -> None:
    """T02: 300 present and 40 relayed are flagged in at least 95 % of 200 seeds; none with ±2 % counting error."""
    caught = wrong = 0
    for seed in range(200):
        chance = random.Random(seed)
        heads = round(300 * (1 + chance.uniform(-0.02, 0.02)))
        # Not every relayed picture arrives in time, and some present have no phone: what is left of both.
        relayed = sum(chance.random() < 0.95 for _one in range(40))
        present = sum(chance.random() < 0.99 for _one in range(300))
        caught += headcount.too_many(heads, present + relayed)
        wrong += headcount.too_many(heads, 300)
    assert (caught >= 190, wrong) == (True, 0), f"{caught} of 200 found, {wrong} false, seeds 0–199"


def test_more_than_one_in_twenty_by_hand_is_looked_at(
    clock: Any,
    crowd: Any,
    lao_wang: accounts.User,
    xiaoman: accounts.User,
    daming: accounts.User,
) -> None:
    """T04: two entries by hand among 23 (over 5 %) and the roll waits for the office; one alone is an empty phone."""
    day, _people = crowd
    clock.move("2026-03-08 09:20")
    checkin.manual(day, xiaoman, reason="手机没电", by=lao_wang)
    assert not headcount.watch_hands(day)
    checkin.manual(day, daming, reason="没带手机", by=lao_wang)
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    checkin.confirm(day, [xiaoman.id], lao_wang)
    assert day.review == "manual"
    assert ledger.balance(xiaoman.id) == 0 and hours.totals(xiaoman.id).waiting == 150 - 20


def test_the_leader_counts_and_the_office_clears_on_the_page(
    clock: Any,
    visitor: Any,
    crowd: Any,
    lao_wang: accounts.User,
    office: accounts.User,
    other_office: accounts.User,
) -> None:
    day, _people = crowd
    clock.move("2026-03-08 10:00")
    leader = visitor(lao_wang)
    page = leader.post(f"/service-days/{day.id}/head-count", data={"people": "18"}, follow=True)
    assert "现场 18 人，已签到 21 人" in page.words and "等社区复核" in page.words
    assert leader.post(f"/service-days/{day.id}/clearance", data={}).status_code == 403
    assert visitor(other_office).post(f"/service-days/{day.id}/clearance", data={}).status_code == 404
    desk = visitor(office)
    assert "签到的比点到的人多" in desk.get("/office/gate").words
    assert "签到待复核" in desk.get("/office/inbox").words
    cleared = desk.post(f"/service-days/{day.id}/clearance", data={}, follow=True)
    assert "没有等着复核的场次" in cleared.words


def test_nobody_clears_a_day_he_has_a_hand_in(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User, nankeng: Any
) -> None:
    """T06: the organiser does not decide on his own review queue, whatever other role he holds."""
    day, people = crowd
    headcount.count(day, 10, lao_wang)
    accounts.appoint(lao_wang, "community_admin", area=nankeng)
    with pytest.raises(hours.OwnDay):
        hours.release(day, by=lao_wang)

    clock.move("2026-03-08 13:00")
    checkin.confirm(day, [people[0].id], office)  # the office itself vouched for somebody
    with pytest.raises(hours.OwnDay):
        hours.release(day, by=office)
